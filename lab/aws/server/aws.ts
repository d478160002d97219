/** The emulated AWS as its own parts see it: handlers call each other and moto through this. */
import { type Agenda, createAgenda } from "../agenda";
import { AwsError } from "../aws-error";
import type { Aws, Call, Handlers, Settings, Target } from "../handler";
import type { Hooks } from "../hooks";
import { callMoto } from "../moto/client";
import { emptyRegion, type RegionState } from "../state";
import type { Models } from "../wire/model";
import { checkInput } from "../wire/validate";

/** moto's account. */
const ACCOUNT_ID = "123456789012";
/** The key of clients that assumed no role. */
const ROOT_KEY = "test";

/** Services, or parts of them, that are answered here alone: what does not fit their models is refused with this code. */
const OWN_SERVICES: Readonly<Record<string, string>> = {
  budgets: "InvalidParameterException",
  codebuild: "InvalidInputException",
  dlm: "InvalidRequestException",
  ecr: "InvalidParameterException",
  rbin: "ValidationException",
};

/** Parts that `createAws` puts together. */
export interface AwsParts {
  readonly models: Models;
  readonly handlers: Handlers;
  readonly motoPort: number;
  readonly hooks: Hooks;
  readonly now: () => Date;
  readonly settings: Settings;
  /** By region; regions appear when they are first spoken of. */
  readonly regions: Record<string, RegionState>;
}

/** Puts models, handlers, moto, hooks and state together. */
export function createAws(parts: AwsParts): Aws {
  const callers = new Map<string, Promise<string>>();
  const agenda: Agenda = createAgenda(parts.now);
  const aws: Aws = {
    agenda,
    settings: parts.settings,
    accountId: ACCOUNT_ID,
    partition: "aws",
    rootKey: ROOT_KEY,
    hooks: parts.hooks,
    now: parts.now,
    state(region) {
      parts.regions[region] ??= emptyRegion();
      return parts.regions[region];
    },
    regions: () => Object.keys(parts.regions).sort(),
    moto: <Output>(target: Target, input: object) =>
      callMoto(parts.models, { port: parts.motoPort, now: parts.now }, whole(target), input) as Promise<Output>,
    async call<Output>(target: Target, input: object): Promise<Output> {
      const full = whole(target);
      if (!full.nested) await parts.hooks.raise("Request", { ...full, input: input as Record<string, unknown> });
      const code = OWN_SERVICES[full.service];
      if (code) checkInput(parts.models(full.service), full.action, input, code);
      const handler = parts.handlers[`${full.service}:${full.action}`];
      if (!handler) return aws.moto(full, input);
      if ("DryRun" in input && input.DryRun === true) {
        throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
      }
      return (await handler(input as never, callOf(aws, full))) as Output;
    },
    checkInput: (service, action, input) => checkInput(parts.models(service), action, input),
    callerArn(accessKeyId, region) {
      const known = callers.get(accessKeyId) ?? askCaller(aws, accessKeyId, region);
      callers.set(accessKeyId, known);
      known.catch(() => callers.delete(accessKeyId));
      return known;
    },
  };
  return aws;
}

/** A target with what it leaves open. */
function whole({ accessKeyId = ROOT_KEY, byService = false, nested = false, ...target }: Target): Required<Target> {
  return { ...target, accessKeyId, byService, nested };
}

function callOf(aws: Aws, target: Required<Target>): Call {
  const { region, accessKeyId } = target;
  return {
    ...target,
    aws,
    state: aws.state(region),
    forward: <Output>(input: object) => aws.moto<Output>(target, input),
    ec2: <Output>(action: string, input: object) =>
      aws.call<Output>({ service: "ec2", action, region, accessKeyId, nested: true }, input),
  };
}

async function askCaller(aws: Aws, accessKeyId: string, region: string): Promise<string> {
  const identity = await aws.moto<{ Arn: string }>(
    { service: "sts", action: "GetCallerIdentity", region, accessKeyId },
    {},
  );
  return identity.Arn;
}
