/** R17: actions are pinned by commit, and jobs get no more rights than they need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { parseWish } from "../../scripts/gate/options";
import { STEPS } from "../../scripts/gate/steps";

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly { readonly run?: string }[];
  readonly strategy?: { readonly matrix: { readonly part?: readonly string[] } };
}

const workflows = projectFiles().filter((file) => /(?:^|\/)\.github\/workflows\/[\w-]+\.ya?ml$/.test(file));
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

const jobs = workflows.flatMap((file) => Object.values((parse(read(file)) as Workflow).jobs));
const runs = ({ steps = [] }: Job, command: RegExp) => steps.some(({ run = "" }) => command.test(run));

test("there is one that runs the gate", () => {
  expect(jobs.some((job) => runs(job, /\bscripts\/test$/))).toBe(true);
});

test("one runs everything, in parts that hold every step, and every shard of those that are cut up", () => {
  const [parts = []] = jobs
    .filter((job) => runs(job, /\bscripts\/test all \$PART$/))
    .map((job) => job.strategy?.matrix.part);
  const wishes = parts.map((part) => parseWish(["all", ...part.split(" ")]));
  expect(wishes.filter((wish) => "wrong" in wish)).toEqual([]);
  // A step that is named alone is what a part is for; what it comes after runs along.
  const named = parts.flatMap((part) => part.split(" -- ")[0]!.split(" "));
  expect(STEPS.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual(["images", "prepare"]);
  const shards = parts.flatMap((part) => / --shard=(\d+)\/(\d+)$/.exec(part)?.slice(1).map(Number) ?? []);
  expect(shards).toEqual([1, 2, 3, 4].flatMap((shard) => [shard, 4]));
});

test.each(workflows)("%s pins every action by its commit, with the version beside it", (file) => {
  const uses = [...read(file).matchAll(/^\s*-?\s*uses:\s*(.+)$/gm)].map((match) => match[1] ?? "");
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/.test(action))).toEqual([]);
});

test.each(workflows)("%s may read the code and, as a whole, nothing else", (file) => {
  const { permissions } = parse(read(file)) as Workflow;
  expect(permissions).toBeDefined();
  // The example for users writes its plan as a comment.
  if (file.startsWith(".github/")) expect(permissions).toEqual({ contents: "read" });
});

test("the one right to write is the upload of what CodeQL found", () => {
  const ours = workflows.filter((file) => file.startsWith(".github/"));
  const rights = ours.flatMap((file) =>
    Object.entries((parse(read(file)) as Workflow).jobs).flatMap(([job, { permissions = {} }]) =>
      Object.entries(permissions).map(([right, level]) => `${file} ${job} ${right}: ${level}`),
    ),
  );
  expect(rights.filter((right) => !right.endsWith(": read"))).toEqual([
    ".github/workflows/codeql.yml analyze security-events: write",
  ]);
});

test("each pull request is looked through for defects and for vulnerable packages", () => {
  const reviewed = workflows.filter((file) => "pull_request" in ((parse(read(file)) as { on?: object }).on ?? {}));
  const uses = reviewed.flatMap((file) => [...read(file).matchAll(/uses: ([\w/-]+)@/g)].map((match) => match[1]));
  expect(uses).toEqual(expect.arrayContaining(["github/codeql-action/analyze", "actions/dependency-review-action"]));
});
