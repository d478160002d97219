/** The tag, as command, script and hook compute it: those of the original, and what must and must not change one. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { renderJob } from "../../../../lib/job/render";
import { argumentsOf, cli, compileLocale, inWorkspace, type Job, sourcing, VECTORS, variablesOf } from "./workspace";

const GOOGLE = variablesOf({ "registry-provider": "gcr", "gcp-project": "acme" });

/** A command takes a third of a second to start: one of each kind of input. */
const GIVEN = VECTORS.filter(({ files = {} }) => !("sub/deep/package.json" in files));

/** The tag by the script, which is what the command runs. */
function tagOf(job: Job, extra: Readonly<Record<string, string>> = {}): string {
  const words = ["bash", "-c", renderJob("image"), "script", "tag", ...argumentsOf(job.options ?? {})];
  return inWorkspace(job, (workspace) => {
    const { status, stdout, stderr } = workspace.run(words, { ...job.environment, ...extra });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  });
}

let locales: string;
beforeAll(() => {
  locales = compileLocale("en_US.UTF-8");
});
afterAll(() => rmSync(locales, { recursive: true }));

test("the locale that sorts otherwise does so here, or the tests below would show nothing", () => {
  const sorted = inWorkspace({ files: { B: "", a: "" } }, (workspace) =>
    workspace.run(["bash", "-c", "echo *"], { LANG: "en_US.UTF-8", LOCPATH: locales }),
  );
  expect(sorted.stdout).toBe("a B\n");
});

describe.each(["C", "C.UTF-8", "en_US.UTF-8"])("LANG=%s", (LANG) => {
  test.each(VECTORS)("$name: $tag", (vector) => {
    const environment = { LANG, LOCPATH: locales, ...vector.environment };
    expect(tagOf(vector, { LANG, LOCPATH: locales })).toBe(vector.tag);
    const exported = inWorkspace(vector, (workspace) =>
      workspace.run(sourcing('echo "$BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG"'), {
        ...environment,
        ...variablesOf(vector.options ?? {}),
        ...GOOGLE,
      }),
    );
    expect(exported).toMatchObject({ status: 0, stdout: `${vector.tag}\n` });
  });

  test.each(GIVEN)("the command, from the plugin's variables: $name: $tag", (vector) => {
    const environment = { LANG, LOCPATH: locales, ...vector.environment, ...variablesOf(vector.options ?? {}) };
    const printed = inWorkspace(vector, (workspace) =>
      workspace.run(cli("image", "tag", "--from-environment"), environment),
    );
    expect(printed).toMatchObject({ status: 0, stdout: `${vector.tag}\n` });
  });
});

test("the scalar variable comes before the numbered ones", () => {
  const both = { ...variablesOf({ "build-args": "A=1" }), ...variablesOf({ "build-args": { "0": "B=2" } }) };
  const files = { Dockerfile: "FROM scratch\n" };
  const printed = inWorkspace({ files }, (workspace) => workspace.run(cli("image", "tag", "--from-environment"), both));
  expect(printed.stdout.trim()).toBe(tagOf({ files, options: { "build-args": ["A=1", "B=2"] } }));
});

test("files in byte order, names with bytes above ASCII, and links, which are read as what they lead to", () => {
  const files = { Dockerfile: "FROM scratch\n", "b/ü.txt": "1", "b/Z.txt": "2", "b/a.txt": "3" };
  const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
  const sums = [
    `${sha1(files.Dockerfile)}  Dockerfile`,
    `${sha1("\n")}  -`,
    `${sha1("x86_64\n")}  -`,
    ...(["b/Z.txt", "b/a.txt", "b/ü.txt"] as const).map((path) => `${sha1(files[path])}  ${path}`),
  ].join("");
  const expected = sha1(`${sums}\n`).slice(0, 12);
  const options = { "cache-on": "b/*.txt", "tag-length": 12 };
  for (const LANG of ["C", "C.UTF-8", "en_US.UTF-8"])
    expect(tagOf({ files, options }, { LANG, LC_ALL: LANG, LOCPATH: locales })).toBe(expected);

  const linked = inWorkspace({ files: { Dockerfile: files.Dockerfile, real: "x" } }, (workspace) => {
    workspace.link("link", "real");
    return workspace.run(["bash", "-c", renderJob("image"), "script", "tag", "--cache-on=link"]);
  });
  expect(linked.stdout.trim()).toBe(
    tagOf({ files: { Dockerfile: files.Dockerfile, link: "x" }, options: { "cache-on": "link" } }),
  );
});

test("what a caller's shell hands down by its environment changes nothing", () => {
  const files = { Dockerfile: "FROM scratch\n", "a.txt": "1", ".b.txt": "2" };
  const job = { files, options: { "cache-on": "*.txt" } };
  const handed = { BASHOPTS: "dotglob:nullglob", SHELLOPTS: "braceexpand:noglob:errexit", GLOBIGNORE: "a*", IFS: "t" };
  expect(tagOf(job, handed)).toBe(tagOf(job));
});
