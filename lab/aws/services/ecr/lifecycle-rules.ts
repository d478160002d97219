/** Life-cycle policies of ECR's repositories: which images they expire. Pure. */
import { DAY_MILLISECONDS } from "../../../../lib/time";

/** An image as a policy looks at it. */
export interface Candidate {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt: Date;
}

interface Selection {
  readonly tagStatus: "tagged" | "untagged" | "any";
  readonly tagPatternList?: readonly string[];
  readonly tagPrefixList?: readonly string[];
  readonly countType: "sinceImagePushed" | "imageCountMoreThan";
  readonly countUnit?: string;
  readonly countNumber: number;
}

interface Rule {
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: Selection;
  readonly action: { readonly type: string };
}

/** Members that are understood, by the object that they are in. Storage classes and transitions are not. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  policy: ["rules"],
  rule: ["rulePriority", "description", "selection", "action"],
  selection: ["tagStatus", "tagPatternList", "tagPrefixList", "countType", "countUnit", "countNumber"],
  action: ["type"],
};

/**
 * Reads a policy.
 *
 * @returns its rules, by their priority
 * @throws Error that names what is not understood, or what the User Guide ("Lifecycle policy properties") does not let through
 */
export function readPolicy(text: string): Rule[] {
  const policy = JSON.parse(text) as { readonly rules: readonly Rule[] };
  checkMembers("policy", policy);
  for (const rule of policy.rules) checkRule(rule);
  const rules = [...policy.rules].sort((a, b) => a.rulePriority - b.rulePriority);
  const problems: Record<string, boolean> = {
    "rulePriority must be unique": new Set(rules.map(({ rulePriority }) => rulePriority)).size < rules.length,
    "a rule about any image must have the highest rulePriority": rules
      .slice(0, -1)
      .some(({ selection }) => selection.tagStatus === "any"),
    "one rule at most is about untagged images":
      rules.filter(({ selection }) => selection.tagStatus === "untagged").length > 1,
  };
  failOn(problems, "the policy");
  return rules;
}

function checkRule(rule: Rule): void {
  checkMembers("rule", rule);
  checkMembers("selection", rule.selection);
  checkMembers("action", rule.action);
  const { tagStatus, tagPatternList, tagPrefixList, countType, countUnit, countNumber } = rule.selection;
  const lists = [tagPatternList, tagPrefixList].filter((list) => list !== undefined);
  const problems: Record<string, boolean> = {
    "rulePriority must be a whole number of at least 1": !isCount(rule.rulePriority),
    "countNumber must be a whole number of at least 1": !isCount(countNumber),
    "action.type must be expire": rule.action.type !== "expire",
    "tagStatus must be tagged, untagged or any": !["tagged", "untagged", "any"].includes(tagStatus),
    "countType must be sinceImagePushed or imageCountMoreThan": !["sinceImagePushed", "imageCountMoreThan"].includes(
      countType,
    ),
    "countUnit must be days, and goes with sinceImagePushed alone":
      countUnit !== (countType === "sinceImagePushed" ? "days" : undefined),
    "tagged takes either tagPatternList or tagPrefixList, and nothing else takes one":
      lists.length !== (tagStatus === "tagged" ? 1 : 0) || lists.some((list) => list.length === 0),
    "a pattern has four wildcards at most": (tagPatternList ?? []).some((pattern) => pattern.split("*").length > 5),
  };
  failOn(problems, `the rule of priority ${rule.rulePriority}`);
}

function checkMembers(name: string, value: object): void {
  const strange = Object.keys(value).find((member) => !MEMBERS[name]?.includes(member));
  if (strange !== undefined) throw new Error(`${name}: ${strange} is not understood`);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

function failOn(problems: Readonly<Record<string, boolean>>, where: string): void {
  const problem = Object.keys(problems).find((text) => problems[text]);
  if (problem !== undefined) throw new Error(`${where}: ${problem}`);
}

/**
 * The images that a policy expires, oldest first. An image belongs to the first rule whose tags fit; rules of a lower priority count it, and never
 * expire it (User Guide, "How lifecycle policies work"). An image is due once it is older than a rule's days; AWS takes up to 24 hours from then.
 */
export function expired(rules: readonly Rule[], images: readonly Candidate[], now: Date): Candidate[] {
  const oldestFirst = [...images].sort((a, b) => a.pushedAt.getTime() - b.pushedAt.getTime());
  const claimed = new Set<Candidate>();
  const doomed = new Set<Candidate>();
  for (const { selection } of rules) {
    const fitting = oldestFirst.filter(({ tags }) => fits(selection, tags));
    for (const image of dueOf(selection, fitting, now)) if (!claimed.has(image)) doomed.add(image);
    for (const image of fitting) claimed.add(image);
  }
  return oldestFirst.filter((image) => doomed.has(image));
}

function dueOf({ countType, countNumber }: Selection, oldestFirst: readonly Candidate[], now: Date) {
  if (countType === "imageCountMoreThan") return oldestFirst.slice(0, Math.max(0, oldestFirst.length - countNumber));
  const limit = now.getTime() - countNumber * DAY_MILLISECONDS;
  return oldestFirst.filter(({ pushedAt }) => pushedAt.getTime() < limit);
}

/** Each pattern, or prefix, has to fit one of the image's tags. */
function fits({ tagStatus, tagPatternList = [], tagPrefixList = [] }: Selection, tags: readonly string[]): boolean {
  if (tagStatus === "any") return true;
  if (tagStatus === "untagged") return tags.length === 0;
  const prefixes = tagPrefixList.map((prefix) => (tag: string) => tag.startsWith(prefix));
  const patterns = tagPatternList.map((pattern) => {
    const expression = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
    return (tag: string) => expression.test(tag);
  });
  return tags.length > 0 && [...prefixes, ...patterns].every((matches) => tags.some(matches));
}
