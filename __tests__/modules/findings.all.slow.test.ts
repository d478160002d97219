/**
 * What the configuration refuses, the modules refuse too, and say the same. Each module's variables and rules are planned by Terraform itself, for all
 * cases in one plan: without the resources, which need a provider and have no part in it.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseConfig } from "../../lib/config/load";
import { createModules } from "../../scripts/emit/modules";
import { filesOf } from "../../stacks/terraform/files";
import { type Case, FINDINGS } from "../fixtures/findings";
import { removeScratch, scratch, terraform } from "../scripts/emit/terraform-run";
import { EVERYTHING, LEAST } from "./calls";

const run = promisify(execFile);

jest.setTimeout(600_000);
afterAll(removeScratch);

const REGION = "eu-west-1";
const SUBNET = "subnet-0123456789abcdef0";
/** The outputs that have the rules. Other nouns may have one of the name that has none. */
const RULES = ["name_prefix", "pull_through", "repository_name", "repository_url"];
/** What local values ask data sources for. The account is the one that stands for any in names of the configuration. */
const SURROUNDINGS = { region: REGION, account_id: "000000000000", dns_suffix: "amazonaws.com", partition: "aws" };

interface Module {
  readonly variable: object;
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly output: Readonly<Record<string, object>>;
}

/** Variables of a module, the output with its rules, and the local values that these need. */
function withoutResources({ variable, locals = {}, output }: Module): object {
  const isRules = (key: string, one: object) => RULES.includes(key) && "precondition" in one;
  const [name, rules] = Object.entries(output).find(([key, one]) => isRules(key, one)) ?? [];
  if (name === undefined) return { variable };
  const needed: Record<string, unknown> = { ...SURROUNDINGS };
  const collect = (text: string) => {
    for (const [, name] of text.matchAll(/\blocal\.(\w+)/g)) {
      if (name! in needed) continue;
      needed[name!] = locals[name!];
      collect(JSON.stringify(locals[name!]));
    }
  };
  collect(JSON.stringify(rules));
  return { variable, locals: needed, output: { [name]: rules } };
}

interface Diagnostic {
  readonly summary: string;
  readonly detail: string;
  readonly range?: { readonly filename: string };
}

type Calls = Readonly<Record<string, readonly [module: string, inputs: object]>>;

/**
 * Plans each call; returns what Terraform says of each. Terraform looks at variables before it looks at anything else, and then stops: so what has
 * no fault there is planned once more.
 */
async function planned(calls: Calls): Promise<ReadonlyMap<string, readonly string[]>> {
  const ofVariables = await plannedOnce(calls);
  const rest = Object.entries(calls).filter(([name]) => ofVariables.get(name)!.length === 0);
  if (rest.length === 0 || rest.length === ofVariables.size) return ofVariables;
  return new Map([...ofVariables, ...(await plannedOnce(Object.fromEntries(rest)))]);
}

/** Plans each call of a module in a folder of its own. */
async function plannedOnce(calls: Calls): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = Object.keys(calls);
  const files = Object.entries(calls).flatMap(([, [name, inputs]], index) => {
    const folder = `case${index}`;
    const module = modules[name]!;
    const call = { module: { [folder]: { source: `./${folder}`, ...inputs } } };
    return [
      [`${folder}.tf.json`, JSON.stringify(call)],
      [`${folder}/main.tf.json`, JSON.stringify(withoutResources(module.toTerraform() as Module))],
      ...[...filesOf(module)].map(([path, text]) => [join(folder, path), text]),
    ] as const;
  });
  const folder = scratch(Object.fromEntries(files));
  await terraform(folder, ["init", "-input=false"]);
  const { stdout } = await run("terraform", [`-chdir=${folder}`, "plan", "-json", "-input=false"], {
    maxBuffer: 2 ** 28,
  }).catch((error) => error as { stdout: string });
  const lines = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { diagnostic?: Diagnostic });
  const said = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const { diagnostic } of lines) {
    if (!diagnostic) continue;
    const [, index] = /^case(\d+)[./]/.exec(diagnostic.range?.filename ?? "") ?? [];
    if (index === undefined) throw new Error(`${diagnostic.summary}: ${diagnostic.detail}`);
    said.get(names[Number(index)]!)!.push(`${diagnostic.summary}: ${diagnostic.detail}`);
  }
  return said;
}

/** Returns what the configuration finds in a case. */
function problemsOf({ cache = {}, top = {} }: Case) {
  const whole = { regions: { [REGION]: {} }, caches: { ci: { images: ["alpine"], ...cache } }, ...top };
  const parsed = parseConfig(JSON.stringify(whole), "docker-cache.yaml");
  return parsed.ok ? [] : parsed.problems;
}

const cases = Object.entries(FINDINGS);
let modules: Awaited<ReturnType<typeof createModules>>;
let ofModules: Awaited<ReturnType<typeof planned>>;
beforeAll(async () => {
  modules = await createModules();
  const images = { images: ["alpine"] };
  ofModules = await planned(
    Object.fromEntries(
      cases.map(([title, { module, inputs }]) => [
        title,
        [
          module,
          {
            ...(module !== "pull-through" && { name: "ci" }),
            ...(module in { builder: 0, cache: 0 } && images),
            ...inputs,
          },
        ],
      ]),
    ),
  );
});

test.each(cases)("%s: both faces say the same", (title, given) => {
  const [problem, ...others] = problemsOf(given);
  expect(others).toEqual([]);
  const [message, ...more] = ofModules.get(title)!;
  expect(more).toEqual([]);
  for (const text of given.says ?? [problem!.found, problem!.expected]) {
    expect(`${problem?.found}; ${problem?.expected}; ${problem?.fix}`).toContain(text);
    expect(message).toContain(text);
  }
});

test("what is right is refused by neither", async () => {
  const subnet = (inputs: object) =>
    JSON.parse(JSON.stringify(inputs).replaceAll("${data.aws_subnets.default.ids[0]}", SUBNET));
  const least = Object.entries(LEAST).map(([name, inputs]) => [`${name}, least`, [name, { name: "ci", ...inputs }]]);
  const everything = Object.entries(EVERYTHING).map(([name, inputs]) => [`${name}, all`, [name, subnet(inputs)]]);
  const said = await planned(Object.fromEntries([...least, ...everything]));
  expect(said.size).toBe(8);
  expect([...said].filter(([, messages]) => messages.length > 0)).toEqual([]);
});
