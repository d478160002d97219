/** Holds ECR's rules against the configuration: a pure function, see {@link faultsOf}. */
import { pullThroughNames } from "../../lib/contract";
import type { PullThroughRule } from "../../lib/pull-through";
import type { PullThroughCacheRule, RepositoryCreationTemplate, Validation } from "./ecr";
import type { Trial } from "./trial-pull";

/** Something that is not in order, and what to do. */
export interface Fault {
  readonly found: string;
  readonly fix: string;
}

/** Where a rule is. */
export interface Place {
  readonly region: string;
  /** Name of the region's stack. */
  readonly stack: string;
}

/** What ECR has of a rule; null: nothing. */
export interface Facts {
  readonly rule: PullThroughCacheRule | null;
  /** null: ECR was not asked, or there is no rule. */
  readonly validation: Validation | null;
  readonly template: RepositoryCreationTemplate | null;
  /** null: the caller cannot log in, which is told once. */
  readonly trial: Trial | null;
}

/** ECR's word for "all repositories" (CreatePullThroughCacheRule, `upstreamRepositoryPrefix`). */
const EVERYTHING = "ROOT";

/** Everything that is not in order with a rule. */
export function faultsOf(wanted: PullThroughRule, facts: Facts, place: Place): Fault[] {
  const { rule, validation, template, trial } = facts;
  if (rule === null) return [{ found: "ECR has no such rule", fix: deploy(place) }];
  return [
    ...fieldFaults(wanted, rule, place),
    ...(validation?.isValid === false ? [invalid(wanted, validation, place)] : []),
    ...templateFaults(template, place),
    ...(trial?.failure == null ? [] : [pullFault(trial.failure, place)]),
  ];
}

function deploy({ stack }: Place): string {
  return `cdktf deploy ${stack}`;
}

/** Name of the secret at an ARN, whose last six characters Secrets Manager has made up. */
function secretNameIn(arn: string | undefined): string | null {
  return /:secret:(.+)-[A-Za-z0-9]{6}$/.exec(arn ?? "")?.[1] ?? arn ?? null;
}

function fieldFaults(wanted: PullThroughRule, rule: PullThroughCacheRule, place: Place): Fault[] {
  const fields: [string, string | null, string | null][] = [
    ["upstream", rule.upstreamRegistryUrl ?? null, wanted.upstreamUrl],
    ["secret", secretNameIn(rule.credentialArn), wanted.secretName],
    ["role", rule.customRoleArn ?? null, wanted.roleArn],
    ["upstream prefix", rule.upstreamRepositoryPrefix ?? EVERYTHING, wanted.upstreamPrefix ?? EVERYTHING],
  ];
  return fields
    .filter(([, found, expected]) => found !== expected)
    .map(([name, found, expected]) => ({
      found: `its ${name} is ${found ?? "none"}, and the configuration says ${expected ?? "none"}`,
      fix: deploy(place),
    }));
}

/** ECR says what fails; what helps depends on the login. No command here has a secret's value in it. */
function invalid({ secretName, roleArn }: PullThroughRule, { failure }: Validation, place: Place): Fault {
  const found = `ECR cannot use it: ${failure ?? "it gives no reason"}`;
  if (roleArn !== null)
    return { found, fix: `see to the trust and the rights of ${roleArn}, and to the upstream's policy` };
  if (secretName === null) return { found, fix: "see whether the upstream registry answers, and try again" };
  const create = `aws secretsmanager create-secret --region ${place.region} --name ${secretName}`;
  const fix = `if the secret is gone: ${create}; write a valid username and accessToken into it; ${deploy(place)}, since a new secret has a new ARN`;
  return { found, fix };
}

function templateFaults(template: RepositoryCreationTemplate | null, place: Place): Fault[] {
  const fix = `${deploy(place)}; repositories made meanwhile stay as they are: docker-cache pull-through list names them`;
  if (template === null) return [{ found: "ECR has no creation template for it", fix }];
  const { appliedFor = [], imageTagMutability = "MUTABLE" } = template;
  return [
    ...(appliedFor.includes("PULL_THROUGH_CACHE")
      ? []
      : [{ found: `its template is for ${appliedFor.join(", ") || "nothing"}, and not for PULL_THROUGH_CACHE`, fix }]),
    ...(imageTagMutability === "MUTABLE"
      ? []
      : [{ found: `its template makes tags ${imageTagMutability}: ECR never refreshes what is immutable`, fix }]),
  ];
}

/** Fix for a caller who may not pull. */
export function pullerFix({ region }: Place): string {
  return `attach the policy ${pullThroughNames(region).pullerPolicy} to the role that pulls, or see to its network`;
}

function pullFault(failure: string, place: Place): Fault {
  return { found: `you cannot pull: ${failure}`, fix: pullerFix(place) };
}
