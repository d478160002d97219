/**
 * Judges every call in the name of a role by the role's own policies, as they stand in the emulated IAM. What they do not allow is refused, as
 * AWS refuses it. Calls of other keys (Terraform's, a person's) are not judged. Of resource policies, those of buckets, topics and log groups are; those of organisations are not.
 */
import { AwsError } from "../aws/aws-error";
import type { Aws } from "../aws/handler";
import type { Hooks, IncomingCall, RoleAssumption } from "../aws/hooks";
import { type Facts, readerOf } from "./context";
import type { Demand } from "./demand";
import { demandsOf, iamAction } from "./demands";
import { refusedWrite } from "./log-policy";
import { isAllowed, names, type Policy } from "./policy";
import { statementsFor } from "./resource-policy";
import { policiesOf, type RolePolicies } from "./role-policies";
import { letsPublish } from "./topic-policy";

/** A call that was refused. */
export interface Denial {
  /** ARN of the caller, or the principal of a service. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
}

/** Results of the judging. */
export interface Permissions {
  /** Number of calls of roles that were judged. */
  readonly judged: number;
  readonly denied: readonly Denial[];
  /** From now on nothing is judged. */
  stop(): void;
}

/** Time for which policies are remembered: AWS, too, takes some seconds until it sees a change. */
const SEEN_AFTER_MILLISECONDS = 2000;

/** Starts to judge the calls of roles. */
export function enforcePermissions({ aws, hooks }: { readonly aws: Aws; readonly hooks: Hooks }): Permissions {
  const denied: Denial[] = [];
  let judged = 0;
  const known = new Map<string, { readonly at: number; readonly policies: Promise<RolePolicies> }>();
  const policies = (role: string) => {
    const found = known.get(role);
    if (found && Date.now() - found.at < SEEN_AFTER_MILLISECONDS) return found.policies;
    const read = policiesOf(aws, role);
    known.set(role, { at: Date.now(), policies: read });
    return read;
  };
  const forget = [
    hooks.on("Request", async (call) => {
      if (call.service === "iam") known.clear();
      const caller = await aws.callerArn(call.accessKeyId, call.region);
      const role = /:assumed-role\/([^/]+)\//.exec(caller)?.[1];
      if (NOBODY.test(caller) && call.accessKeyId !== aws.rootKey) throw unknownKey(call);
      if (!role) return;
      judged += 1;
      const refused = await firstRefused(aws, call, await policies(role));
      if (!refused) return;
      denied.push({ caller, ...refused });
      throw refusal(call, { caller, ...refused });
    }),
    hooks.on("AssumeRole", (assumption) => checkTrust(aws, assumption)),
    hooks.on("Publish", async (publication) => {
      const caller = principalOf(publication);
      if (await letsPublish(aws, publication, caller)) return;
      const refused = { caller, action: "SNS:Publish", resource: publication.topicArn };
      denied.push(refused);
      throw new AwsError("AuthorizationError", messageOf(refused, "resource-based"), 403);
    }),
    hooks.on("WriteLog", async (write) => {
      const principals = ["events", "delivery.logs"].map((service) => principalOf({ ...write, service }));
      const refused = await refusedWrite(aws, write, principals);
      if (!refused) return;
      denied.push(refused);
      throw new AwsError("AccessDeniedException", messageOf(refused, "resource-based"), 400);
    }),
  ];
  return {
    get judged() {
      return judged;
    },
    denied,
    stop: () => {
      for (const remove of forget) remove();
    },
  };
}

async function firstRefused(
  aws: Aws,
  call: IncomingCall,
  policies: RolePolicies,
): Promise<Omit<Denial, "caller"> | undefined> {
  const action = iamAction(call);
  const demands = await demandsOf({ aws, call });
  if (demands) {
    const refused = demands.find((one) => !permits(policies, withCaller(one, aws, call, policies.arn)));
    return refused && { action: refused.action, resource: refused.resource };
  }
  const mentioned = policies.identity.some(({ Statement }) => Statement.some((one) => names(one, action)));
  if (mentioned) throw new Error(`what AWS demands for ${action} is not known here: add it to lab/iam`);
  return { action, resource: "*" };
}

/** Of one account, it is enough if either the role's policies or the resource's allow; a boundary limits both. */
function permits({ arn, identity, boundary }: RolePolicies, { action, resource, resourcePolicy, ...facts }: Demand) {
  const question = { action, resource, read: readerOf(facts) };
  const granting = resourcePolicy ? [...identity, statementsFor(resourcePolicy, arn)] : identity;
  const limits: (readonly Policy[])[] = [granting, ...(boundary ? [[boundary]] : [])];
  return limits.every((policies) => isAllowed(policies, question));
}

/** Adds the keys that every call has. */
function withCaller(one: Demand, aws: Aws, { region }: IncomingCall, role: string): Demand {
  const keys: Facts["keys"] = {
    // The role's ARN, not that of its session.
    "aws:PrincipalArn": role,
    "aws:PrincipalAccount": aws.accountId,
    "aws:RequestedRegion": region,
    ...one.keys,
  };
  return { ...one, keys };
}

function principalOf({ service, partition }: { readonly service: string; readonly partition: string }): string {
  return `${service}.${partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"}`;
}

/** The role's trust policy must let the service assume it, in the name of what it works for. */
async function checkTrust(aws: Aws, { roleArn, service, sourceArn, partition }: RoleAssumption): Promise<void> {
  const { trust } = await policiesOf(aws, roleArn.split("/").pop() ?? "");
  const principal = principalOf({ service, partition });
  const forService = trust.Statement.filter(
    ({ Principal }) => typeof Principal === "object" && [Principal.Service].flat().includes(principal),
  );
  const keys = { "aws:SourceAccount": service === "ec2" ? undefined : aws.accountId, "aws:SourceArn": sourceArn };
  const trusted = isAllowed([{ Statement: forService }], { action: "sts:AssumeRole", read: readerOf({ keys }) });
  if (!trusted) throw new AwsError("AccessDenied", `${principal} may not assume the role ${roleArn}`, 403);
}

/** The error in the words of the service that was called. */
function refusal({ service }: IncomingCall, denial: Denial): AwsError {
  const message = messageOf(denial, "identity-based");
  if (service === "ec2") {
    const text = `You are not authorized to perform this operation. ${message}`;
    return new AwsError("UnauthorizedOperation", text, 403);
  }
  return new AwsError(QUERY_SERVICES.has(service) ? "AccessDenied" : "AccessDeniedException", message, 403);
}

function messageOf({ caller, action, resource }: Denial, kind: "identity-based" | "resource-based"): string {
  const why = `because no ${kind} policy allows the ${action} action`;
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}

/** moto's caller for a key that it does not know. */
const NOBODY = /:user\/moto$/;

/** The error for a key that nobody has, in the words of the service that was called: a client that has lost its credentials is not the account's owner. */
function unknownKey({ service, accessKeyId }: IncomingCall): AwsError {
  const words = `The security token included in the request is invalid (${accessKeyId})`;
  if (service === "ec2") return new AwsError("AuthFailure", words, 401);
  if (service === "s3") return new AwsError("InvalidAccessKeyId", words, 403);
  const code = QUERY_SERVICES.has(service) ? "InvalidClientTokenId" : "UnrecognizedClientException";
  return new AwsError(code, words, 403);
}

/** Services of the protocol `query`, and S3, which call it so. */
const QUERY_SERVICES = new Set(["autoscaling", "iam", "monitoring", "s3", "sns", "sqs", "sts"]);
