/** What a person has to say before a purge. No text here holds a command that could be pasted as it is: the name is for the person to type. */
import { describeServing, type FunctionLookup, findDeployed } from "./deployed";
import type { Options } from "./options";
import type { PortsOf } from "./region-ports";
import { type Target, titleOf } from "./targets";
import { UsageError } from "./usage-error";

/** Options that a purge asks for, with a word in place of the name. */
const ONCE = "--confirm=NAME";
const TWICE = `${ONCE} --confirm-deployed=NAME`;
const MEANING = "with the cache's name for NAME";

const namesOf = (targets: readonly Target[]) => [...new Set(targets.map(({ settings }) => settings.name))];

/** @throws if a name is given that is not that of the one cache to be purged */
export function assertNames(targets: readonly Target[], { confirm, confirmDeployed }: Options): void {
  const names = namesOf(targets);
  const check = (option: string, given: string | undefined) => {
    if (given === undefined || (names.length === 1 && names[0] === given)) return;
    throw new UsageError(`${option} names ${given}, expected what would be purged: ${names.join(", ")}`);
  };
  check("--confirm", confirm);
  check("--confirm-deployed", confirmDeployed);
}

/** Returns, by title, what is deployed and serving though the configuration file does not have it; in words. */
export async function deployedElsewhere(
  targets: readonly Target[],
  { name }: Options,
  portsOf: PortsOf,
  hasFunction: FunctionLookup,
): Promise<ReadonlyMap<string, string>> {
  const why = name === undefined ? "the configuration file does not have it" : "--name reads no configuration file";
  const strangers = targets.filter((one) => !one.inFile);
  const found = await Promise.all(
    strangers.map(async (target) => {
      const { name: cache, architecture } = target.settings;
      const deployed = await findDeployed(portsOf(target.region), cache, architecture, hasFunction);
      return deployed ? [[titleOf(target), `is deployed and ${describeServing(deployed)}, and ${why}`] as const] : [];
    }),
  );
  return new Map(found.flat());
}

/** Returns what is still to be said before anything is done, in words, or null if the person has said it all. */
export function missingConsent(
  elsewhere: ReadonlyMap<string, string>,
  { confirm, confirmDeployed }: Options,
): string | null {
  if (elsewhere.size === 0) return confirm === undefined ? `say ${ONCE} to do this, ${MEANING}` : null;
  if (confirm !== undefined && confirmDeployed !== undefined) return null;
  const facts = [...elsewhere].map(([title, fact]) => `${title} ${fact}`).join("; ");
  return `${facts}. Whoever deployed it may need it. To purge it all the same say ${TWICE}, ${MEANING} both times`;
}
