/** `pull-through validate`: show for each rule whether rule, secret, template and the caller's own rights are in order. */
import type { PullThroughRule } from "../../../lib/pull-through";
import type { Options } from "../../options";
import { print, printJson } from "../../output";
import { ecrOf } from "../../pull-through/ecr";
import { type Gathered, gatherFacts } from "../../pull-through/facts";
import { askRegistry } from "../../pull-through/registry-http";
import { type Section, selectSections } from "../../pull-through/sections";
import { type Fault, faultsOf, pullerFix } from "../../pull-through/validate";
import { isOfCredentials } from "../../run-command";

/** One rule of one region. */
interface Checked {
  readonly prefix: string;
  readonly upstream: string;
  readonly faults: readonly Fault[];
  readonly notes: readonly string[];
}

/** One region, as far as it could be read. */
interface Validated {
  readonly region: string;
  readonly rules: readonly Checked[];
  /** Faults of no rule: nothing can be read, or the caller cannot log in. */
  readonly faults: readonly Fault[];
}

function check(rule: PullThroughRule, { facts }: Gathered, section: Section): Checked {
  const { prefix, upstream } = rule;
  const own = facts.get(prefix) ?? { rule: null, validation: null, template: null, trial: null };
  const notes = own.rule === null || own.trial === null ? [] : [own.trial.what];
  return { prefix, upstream, faults: faultsOf(rule, own, section), notes };
}

async function validate(section: Section): Promise<Validated> {
  const { region, settings } = section;
  try {
    const gathered = await gatherFacts(ecrOf(region), settings.rules, askRegistry);
    const { loginFailure } = gathered;
    const found = `you cannot log in to the registry: ${loginFailure}`;
    return {
      region,
      rules: settings.rules.map((rule) => check(rule, gathered, section)),
      faults: loginFailure === null ? [] : [{ found, fix: pullerFix(section) }],
    };
  } catch (error) {
    if (isOfCredentials(error as Error)) throw error;
    const fix = "attach docs/policies/command-pull-through.json to who runs this, and see whether the region answers";
    return { region, rules: [], faults: [{ found: (error as Error).message, fix }] };
  }
}

function faultLines(faults: readonly Fault[]): string[] {
  return faults.flatMap(({ found, fix }) => [`  fault: ${found}`, `    fix: ${fix}`]);
}

function linesOf({ region, rules, faults }: Validated): string[] {
  return [
    ...(faults.length > 0 ? [`${region}:`, ...faultLines(faults)] : []),
    ...rules.flatMap((one) => [
      `${region} ${one.prefix} (${one.upstream}): ${one.faults.length === 0 ? "in order" : "not in order"}`,
      ...faultLines(one.faults),
      ...one.notes.map((note) => `  note: ${note}`),
    ]),
  ];
}

export async function run(options: Options): Promise<boolean> {
  const validated = await Promise.all(selectSections(options).map(validate));
  if (options.json) printJson({ command: "pull-through validate", regions: validated });
  else for (const one of validated) for (const line of linesOf(one)) print(line);
  return validated.every(({ rules, faults }) => [...faults, ...rules.flatMap((one) => one.faults)].length === 0);
}
