/** The page on CI images, and the plugin's: their examples work, and the page's words on tags and failures are what a job does. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../lab/tools/project";
import { COMPANIONS } from "../../lib/config/companions/all";
import { parseConfig } from "../../lib/config/load";
import { IMAGE_OPTIONS } from "../../lib/job/image-options";
import { renderJob } from "../../lib/job/render";
import { inWorkspace, type Options, sourcing, VECTORS, variablesOf, type Workspace } from "../lib/job/image/workspace";
import { blocks } from "./pages";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const page = read("docs/ci-images.md");
const readme = read("buildkite-plugin/README.md");

const FILES = {
  Dockerfile: "FROM scratch AS deps\n",
  "package.json": '{"dependencies": {}}\n',
  "package-lock.json": "{}\n",
};
const AGENT = { BUILDKITE_ORGANIZATION_SLUG: "acme", BUILDKITE_PIPELINE_SLUG: "app", AWS_REGION: "eu-west-1" };

/** The account's registry. A dot here stands for any character in a pattern. */
const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

const yamlBlocks = [page, readme].flatMap((text) => blocks(text).filter(({ language }) => language === "yaml"));

describe("configuration", () => {
  const sections = blocks(page)
    .filter(({ language, text }) => language === "yaml" && text.startsWith("ci_images:"))
    .map(({ text }) => text);

  test("is shown", () => expect(sections).toHaveLength(2));

  test.each(sections.map((text, index) => [index + 1, text] as const))("example %d is taken", (_, text) => {
    const rest = text.includes("caches:") ? "" : "caches: { ci: { images: [python:3.12-slim] } }\n";
    const parsed = parseConfig(`regions: { eu-west-1: {} }\n${text}${rest}`, "page.yaml", COMPANIONS);
    expect(parsed).toMatchObject({ ok: true });
  });
});

/** Options of the plugin in each pipeline of the pages. */
const pipelines = yamlBlocks
  .map(({ text }) => parse(text) as { steps?: readonly { plugins: readonly (string | Record<string, Options>)[] }[] })
  .flatMap(({ steps = [] }) => steps.flatMap(({ plugins }) => plugins))
  .flatMap((plugin) => (typeof plugin === "string" ? [] : Object.entries(plugin)))
  .filter(([address]) => !address.startsWith("docker#"));

describe("pipelines", () => {
  test("are shown", () => expect(pipelines.length).toBeGreaterThan(4));

  test.each(pipelines.map((one, index) => [index + 1, ...one] as const))("example %d runs", (_, address, options) => {
    expect(address).toBe("acme/docker-ecr-cache#v1.0.0");
    const known = IMAGE_OPTIONS.map(({ name }) => name);
    expect(Object.keys(options).filter((name) => !known.includes(name))).toEqual([]);
    const { status, stdout } = inWorkspace({ files: FILES }, (workspace) => {
      workspace.tool("aws", '[ "$2" != get-caller-identity ] || echo \'{"Account": "123456789012"}\'');
      return workspace.run(sourcing('printf %s "$BUILDKITE_PLUGIN_DOCKER_IMAGE"'), {
        ...variablesOf(options),
        ...AGENT,
      });
    });
    expect(status).toBe(0);
    const repository = options["gcp-project"]
      ? "europe-docker.pkg.dev/acme-ci/images/app"
      : `${HOST}/build-cache/acme/app`;
    expect(stdout).toMatch(new RegExp(`^${repository}:[0-9a-f]{7}$`));
  });
});

test("the script's lines, one after the other, as a job without Node has them", () => {
  const lines = blocks(page).find(({ text }) => text.startsWith("bash docker-cache-image ensure"))?.text ?? "";
  const settings = {
    job_set_repository: "build-cache/acme/app",
    job_set_region: "eu-west-1",
    job_set_registry: HOST,
  };
  const files = { ...FILES, "docker-cache-image": renderJob("image", settings) };
  const { status, stdout, stderr } = inWorkspace({ files }, (workspace) => {
    workspace.tool("docker", '[ "$1" != run ] || printf \'%s \' "$@"');
    workspace.tool("aws", ":");
    return workspace.run(["bash", "-ec", lines]);
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const [name = "", ran = ""] = stdout.trim().split("\n");
  expect(name).toMatch(new RegExp(`^${HOST}/build-cache/acme/app:[0-9a-f]{7}$`));
  expect(ran).toMatch(new RegExp(`^run --rm .*/workdir/node_modules ${name} npm test$`));
});

test("the actions that the plugin's page names for those who only use images are those of the puller's policy", () => {
  const [, sentence = ""] = /^A step that only uses images needs (.*)$/m.exec(readme) ?? [];
  const [, list = ""] = /sid = "UseImages"\s+actions = \[([^\]]*)\]/.exec(read("modules/ci-images/access.tf")) ?? [];
  const actions = (text: string) => text.match(/ecr:\w+/g);
  expect(actions(sentence)).toHaveLength(6);
  expect(actions(sentence)).toEqual(actions(list));
});

test("the text that is hashed is what the page shows, and makes the tag", () => {
  const text = blocks(page).find(({ language }) => language === "text")?.text ?? "";
  const tag = createHash("sha1").update(text).digest("hex").slice(0, 7);
  const { files, tag: known } = VECTORS.find(({ name }) => name === "a Dockerfile alone")!;
  expect(tag).toBe(known);
  expect(page).toContain(`begins with \`${known}\``);
  const [, ...instructions] = /The Dockerfile `([^`]+)`, `([^`]+)`/.exec(page) ?? [];
  expect(files).toEqual({ Dockerfile: `${instructions.join("\n")}\n` });
});

/** AWS and Docker: `FAULTS` has OPERATION=CODE, VERB=STATUS, or VERB=stalls, which ends as `timeout` would end it. An image is on the machine once it is built. */
const AWS = `for fault in $FAULTS; do
  [ "$fault" = "\${fault#"$2="}" ] || { printf '\\nAn error occurred (%s) when calling the X operation: no\\n' "\${fault#*=}" >&2; exit 254; }
done
case "$2" in
  get-caller-identity) echo '{"Account": "123456789012"}' ;;
  describe-images) printf '\\nAn error occurred (ImageNotFoundException) when calling the X operation: no\\n' >&2; exit 254 ;;
  list-tags-for-resource) echo '{"tags": []}' ;;
  *) echo '{}' ;;
esac`;
const DOCKER = `verb=$1
case "$*" in push*:latest*) verb=latest ;; esac
echo "$verb" >>"$HOME/calls"
for fault in $FAULTS; do
  case "$fault" in "$verb=stalls") exit 124 ;; "$verb="*) exit "\${fault#*=}" ;; esac
done
case "$verb" in
  build) touch "$HOME/built" ;;
  pull) exit 1 ;;
  image) [ "$2" = ls ] || [ -e "$HOME/built" ] || exit 1 ;;
esac`;

/** What stands behind a row of the table: faults, one set or several. */
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  "an input of the tag is missing": ["input"],
  "AWS does not say whose account it is": ["get-caller-identity=InternalFailure", "get-caller-identity=AccessDenied"],
  "the login is refused": ["get-login-password=AccessDeniedException", "login=1"],
  "the registry limits, or cannot be reached": [
    "pull=1 describe-images=ThrottlingException",
    "pull=1 describe-images=ServerException",
  ],
  "a pull stalls": ["pull=stalls"],
  "the repository is absent and may not be made": [
    "describe-repositories=RepositoryNotFoundException describe-images=RepositoryNotFoundException create-repository=AccessDeniedException",
  ],
  "the build fails": ["build=242"],
  "the push fails, is denied or stalls": ["push=1", "push=stalls"],
  "`latest` cannot be pushed": ["latest=1"],
};

const PUSHES = ["auto", "always", "never"] as const;
const cells = [...page.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)]
  .map(([, row = "", ...words]) => ({ row, words }))
  .filter(({ row }) => row in FAULTS);

/** The end of a job, in the words of the table. */
function endOf(workspace: Workspace, faults: string, options: Options): string {
  workspace.tool("aws", AWS);
  workspace.tool("docker", DOCKER);
  workspace.tool("sleep", ":");
  const cacheOn: Options = faults === "input" ? { "cache-on": "nothing" } : {};
  const { status, stdout, stderr } = workspace.run(
    sourcing('s=$?; printf %s "$BUILDKITE_PLUGIN_DOCKER_IMAGE"; cat calls 2>/dev/null; exit $s'),
    {
      ...variablesOf({ ...options, ...cacheOn }),
      ...AGENT,
      FAULTS: faults,
    },
  );
  if (status !== 0) return status === 1 && !stdout.includes(":") ? "fails" : `ends with ${status}: ${stdout}`;
  const [exported = "", ...calls] = stdout.replace(/(:[0-9a-f]{7})/, "$1\n").split("\n");
  const warned = /^docker-ecr-cache: warning: /m.test(stderr);
  if (!/:[0-9a-f]{7}$/.test(exported) || !calls.includes("build")) return `exports ${exported} without a build`;
  if (calls.includes("latest")) return warned ? "a warning" : "pushed";
  if (calls.includes("push")) return warned ? "uses its own image, with a warning" : "pushed";
  return warned ? "builds, with a warning" : "builds";
}

/** Words that mean the same for a push that is not asked for. */
const plain = (word: string) => (word === "not pushed" ? "builds" : word);

/** Further faults of a row with the default alone. */
const runs = cells.flatMap(({ row, words }) =>
  FAULTS[row]!.flatMap((faults, place) =>
    PUSHES.slice(0, place === 0 ? undefined : 1).map((push, index) => ({
      row,
      faults,
      push,
      expected: plain(words[index]!),
    })),
  ),
);

describe("when things fail, R21", () => {
  test("each row is known here", () => expect(cells.map(({ row }) => row)).toEqual(Object.keys(FAULTS)));

  test("without a fault all is built and pushed", () => {
    expect(inWorkspace({ files: FILES }, (workspace) => endOf(workspace, "", {}))).toBe("pushed");
  });

  test.each(runs)("$row ($faults), push: $push: $expected", ({ faults, push, expected }) => {
    expect(inWorkspace({ files: FILES }, (workspace) => endOf(workspace, faults, { push }))).toBe(expected);
  });

  test.each(runs.filter(({ push, row }) => push === "always" && row !== "a pull stalls"))(
    "$row ($faults), skip-pull-from-cache: as always",
    ({ faults, expected }) => {
      const options = { "skip-pull-from-cache": "true" };
      expect(inWorkspace({ files: FILES }, (workspace) => endOf(workspace, faults, options))).toBe(expected);
    },
  );
});
