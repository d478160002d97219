/** Properties of the tag, on made-up jobs: it is what the description says, and changes with what an image is made of and with nothing else. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { renderJob } from "../../../../lib/job/render";
import { argumentsOf, cli, inWorkspace, type Job } from "./workspace";

/** Each run starts a shell. */
const RUNS = Math.ceil(Number(process.env.FC_RUNS ?? 10_000) / 200);

interface Made extends Job {
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly dockerfile: string;
  readonly target: string;
  readonly buildArgs: readonly string[];
  readonly additional: string;
  /** Files, by their paths. */
  readonly cacheOn: readonly string[];
}

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9._-]{0,6}$/);
const line = fc.stringMatching(/^[ -~äß€]{0,20}$/u);
/** Text of one argument: no NUL, and no control characters that a test would only print badly. */
const variable = fc.constantFrom("target", "HOME_OF_IT", "VERSION", "tag", "image", "name", "i", "path", "status");

const made: fc.Arbitrary<Made> = fc
  .record({
    paths: fc.uniqueArray(
      fc
        .tuple(fc.array(name, { maxLength: 2 }), name)
        .map(([folders, file]) => [...folders.map((one) => `d-${one}`), `f-${file}`].join("/")),
      { minLength: 1, maxLength: 5 },
    ),
    contents: fc.array(line, { minLength: 5, maxLength: 5 }),
    dockerfile: fc.tuple(line, fc.constantFrom("Dockerfile", "ci/Dockerfile", "ci/x y.Dockerfile", "-odd")),
    environment: fc.dictionary(variable, line, { maxKeys: 4 }),
    architecture: fc.constantFrom("x86_64", "aarch64"),
    target: fc.oneof(fc.constant(""), name),
    buildArgs: fc.array(
      fc.oneof(
        variable,
        fc.tuple(name, line).map(([key, value]) => `${key}=${value}`),
      ),
      { maxLength: 4 },
    ),
    additional: fc.oneof(
      fc.constant(""),
      line.filter((text) => text.trim() !== ""),
    ),
    chosen: fc.array(fc.nat(4), { maxLength: 4 }),
  })
  .map(({ paths, contents, dockerfile: [text, dockerfile], chosen, ...rest }) => ({
    ...rest,
    dockerfile,
    files: { [dockerfile]: text, ...Object.fromEntries(paths.map((path, index) => [path, contents[index]!])) },
    cacheOn: chosen.map((index) => paths[index % paths.length]!),
  }));

function optionsOf({
  dockerfile,
  target,
  buildArgs,
  additional,
  cacheOn,
}: Made): Record<string, string | readonly string[]> {
  return { dockerfile, target, "build-args": buildArgs, "additional-build-args": additional, "cache-on": cacheOn };
}

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
const piped = (text: string) => `${sha1(text)}  -`;

/** The tag as the description says. */
function model(job: Made): string {
  const { files, environment, architecture, dockerfile, target, buildArgs, additional, cacheOn } = job;
  const values = buildArgs.map((one) => (one.includes("=") ? one : `${one}=${environment[one] ?? ""}`));
  const sums = [
    `${sha1(files[dockerfile]!)}  ${dockerfile.split("/").at(-1)}`,
    ...[target, architecture, ...values, ...(additional ? [additional] : [])].map((text) => piped(`${text}\n`)),
    ...cacheOn.map((path) => `${sha1(files[path]!)}  ${path}`),
  ];
  return sha1(`${sums.join("")}\n`);
}

/** All 40 digits by the script, or by the command. */
function tagOf(job: Made, others: Record<string, string | readonly string[]> = {}, byCommand = false): string {
  const words = ["tag", "--tag-length=40", ...argumentsOf({ ...optionsOf(job), ...others })];
  const command = byCommand ? cli("image", ...words) : ["bash", "-c", renderJob("image"), "script", ...words];
  return inWorkspace(job, (workspace) => {
    const { status, stdout, stderr } = workspace.run(command, job.environment);
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  });
}

test("it is what the description says, whatever the variables of the job are called", () => {
  fc.assert(
    fc.property(made, (job) => {
      expect(tagOf(job)).toBe(model(job));
    }),
    { numRuns: RUNS },
  );
});

test("the command says the same", () => {
  fc.assert(
    fc.property(made, (job) => {
      expect(tagOf(job, {}, true)).toBe(model(job));
    }),
    { numRuns: Math.ceil(RUNS / 10) },
  );
});

/** Changes of an input, each of which makes another image. */
const CHANGES: Readonly<Record<string, (job: Made) => Made>> = {
  "a byte of the Dockerfile": (job) => ({
    ...job,
    files: { ...job.files, [job.dockerfile]: `${job.files[job.dockerfile]}#` },
  }),
  "the Dockerfile's name": (job) => ({
    ...job,
    dockerfile: "other.Dockerfile",
    files: { ...job.files, "other.Dockerfile": job.files[job.dockerfile]! },
  }),
  target: (job) => ({ ...job, target: `${job.target}x` }),
  architecture: (job) => ({ ...job, architecture: job.architecture === "x86_64" ? "aarch64" : "x86_64" }),
  "one more build argument": (job) => ({ ...job, buildArgs: [...job.buildArgs, "added=1"] }),
  "a value in the environment": (job) => ({
    ...job,
    buildArgs: ["CHANGED", ...job.buildArgs],
    environment: { ...job.environment, CHANGED: "1" },
  }),
  "the order of build arguments": (job) => ({ ...job, buildArgs: ["z=1", "a=2", ...job.buildArgs] }),
  "additional arguments": (job) => ({ ...job, additional: `${job.additional} --label x` }),
  "one more file": (job) => ({ ...job, files: { ...job.files, "g-new": "new" }, cacheOn: [...job.cacheOn, "g-new"] }),
  "the same file, spelled otherwise": (job) => ({
    ...job,
    files: { ...job.files, "g-new": "new" },
    cacheOn: ["./g-new", ...job.cacheOn],
  }),
};

test("each change of an input changes it, and no two changes have the same", () => {
  fc.assert(
    fc.property(made, (job) => {
      const plain = { ...job, files: { ...job.files, "g-new": "new" } };
      const jobs = [plain, ...Object.values(CHANGES).map((change) => change(plain))];
      const tags = jobs.map((one) => tagOf(one));
      expect(new Set(tags).size).toBe(jobs.length);
    }),
    { numRuns: Math.ceil(RUNS / 10) },
  );
});

test("nothing else changes it: context, secrets, region, repository, age, other files and variables", () => {
  fc.assert(
    fc.property(made, (job) => {
      const others = {
        context: "elsewhere",
        secrets: ["TOKEN", "id=npmrc,src=.npmrc"],
        region: "eu-central-1",
        "ecr-name": "other/name",
        "max-age-days": "3",
        "export-env-variable": "IMAGE",
        push: "never",
        local: "false",
      };
      const elsewhere = {
        ...job,
        files: { ...job.files, "h-other": "x" },
        environment: { ...job.environment, OTHER: "x", TOKEN: "t" },
      };
      expect(tagOf(elsewhere, others)).toBe(tagOf(job));
    }),
    { numRuns: Math.ceil(RUNS / 10) },
  );
});
