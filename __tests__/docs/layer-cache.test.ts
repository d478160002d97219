/** The page on the layer cache: its examples work, and its words on steps and life cycles are what BuildKit and S3 do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketFaults } from "../../cli/layer-cache/judge-bucket";
import type { LifecycleRule } from "../../cli/layer-cache/s3";
import { ROOT } from "../../lab/tools/project";
import { COMPANIONS } from "../../lib/config/companions/all";
import { parseConfig } from "../../lib/config/load";
import { layerCacheNames } from "../../lib/contract";
import { bucketName, repositories } from "../../lib/layer-cache";
import { blocks } from "./pages";

const page = readFileSync(join(ROOT, "docs/layer-cache.md"), "utf8");
const blockOf = (language: string) => blocks(page).find((one) => one.language === language)?.text ?? "";

describe("configuration", () => {
  const sections = blocks(page)
    .filter(({ language, text }) => language === "yaml" && text.startsWith("layer_cache:"))
    .map(({ text }) => text);

  test("is shown", () => expect(sections).toHaveLength(2));

  test.each(sections.map((text, index) => [index + 1, text] as const))("example %d is taken", (_, text) => {
    expect(parseConfig(`regions: { eu-west-1: {} }\n${text}`, "page.yaml", COMPANIONS)).toMatchObject({ ok: true });
  });
});

test("what is made has the names that the page says", () => {
  const named = [
    bucketName("<name>", "<account>", "<region>"),
    ...Object.values(repositories("<name>")),
    ...Object.values(layerCacheNames("<name>", "<region>")),
  ];
  expect(named.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("the life cycle for a bucket of one's own is one that the check finds in order", () => {
  const { Rules } = JSON.parse(blockOf("json")) as { Rules: LifecycleRule[] };
  const facts = (rules: LifecycleRule[]) =>
    ({ state: "here", refused: [], settings: { objectLock: null, rules, versioning: null, openTo: [] } }) as const;
  const place = { bucket: "example-layers", region: "eu-west-1", entry: "ci", stack: null };
  expect(bucketFaults(facts(Rules), place)).toEqual([]);
  for (const rule of Rules)
    expect(bucketFaults(facts(Rules.filter((one) => one !== rule)), place).length).toBeGreaterThan(0);
});

/** An instruction of the page's Dockerfile. */
interface Step {
  readonly text: string;
  /** Number of its stage. */
  readonly stage: number;
  /** True if it comes after the ARG of its stage. */
  readonly sees: boolean;
}

function stepsOf(dockerfile: string): Step[] {
  let stage = -1;
  let sees = false;
  return dockerfile.split("\n").flatMap((text) => {
    if (text.startsWith("FROM ")) {
      stage += 1;
      sees = false;
    }
    if (text.startsWith("ARG cache_invalidator")) sees = true;
    return /^(WORKDIR|RUN|COPY) /.test(text) ? [{ text, stage, sees }] : [];
  });
}

type Change = "nothing" | "a source file" | "`go.sum`" | "`cache_invalidator`";

/** True if a change reaches a step by itself. A file of another stage changes with what it is built of, and not with the invalidator. */
function reaches(change: Change, { text, sees }: Step): boolean {
  if (change === "`cache_invalidator`") return sees && text.startsWith("RUN ");
  if (text.startsWith("COPY --from=")) return change !== "nothing";
  if (change === "`go.sum`") return /^COPY (\.|go\.mod go\.sum) /.test(text);
  return change === "a source file" && text.startsWith("COPY . ");
}

/** Steps that run: those that a change reaches, and those behind one of their stage. Seen so with BuildKit 0.34.2, in both orders. */
function ran(steps: readonly Step[], change: Change): number {
  return steps.filter((step, index) =>
    steps.slice(0, index + 1).some((before) => before.stage === step.stage && reaches(change, before)),
  ).length;
}

describe("the order of a Dockerfile", () => {
  const dockerfile = blockOf("dockerfile");
  const steps = stepsOf(dockerfile);
  // The sources come at once, and bring go.mod and go.sum.
  const early = dockerfile
    .replace(/^COPY go\.mod .*\n/m, "")
    .replace(/^COPY \. \.\n/m, "")
    .replace(/^RUN /m, "COPY . .\nRUN ");

  test("its steps are counted", () => {
    const numbers: Readonly<Record<number, string>> = { 6: "Six", 7: "Seven" };
    expect(page).toContain(`${numbers[steps.length]} of these instructions make a step`);
    expect(page).toContain(`${numbers[steps.filter(({ stage }) => stage === 0).length]} layers are in the first stage`);
    expect(stepsOf(early)).toHaveLength(6);
  });

  test.each<Change>(["nothing", "a source file", "`go.sum`", "`cache_invalidator`"])("%s", (change) => {
    expect(page).toContain(`\n| ${change} | ${ran(steps, change)} | ${ran(stepsOf(early), change)} |\n`);
  });
});
