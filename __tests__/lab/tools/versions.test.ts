/** mise.toml is the one place of versions: the scripts read it, and what cannot agrees with it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { OLDEST_TERRAFORM, TFLINT } from "../../../lab/tools/go-tool";
import { projectFiles, ROOT } from "../../../lab/tools/project";
import { TERRAFORM_VERSION } from "../../../lab/tools/terraform";
import { toolVersions } from "../../../lab/tools/versions";
import { RUNTIMES } from "../../../scripts/runtimes/node-binary";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

test("a tool has one version or several", () => {
  const text = '[tools]\nnode = ["20", "22"]\njq = "1.7"\n';
  expect(toolVersions("node", text)).toEqual(["20", "22"]);
  expect(toolVersions("jq", text)).toEqual(["1.7"]);
});

test.each([
  ["a tool that is not named", '[tools]\njq = "1.7"\n'],
  ["a number, which TOML would shorten", "[tools]\nnode = 20.10\n"],
  ["an empty list", "[tools]\nnode = []\n"],
  ["a file without tools", "[env]\n"],
])("%s is no version", (_, text) => {
  expect(() => toolVersions("node", text)).toThrow("mise.toml names no version of node");
});

test("the scripts use what it names", () => {
  const [terraform, oldest] = toolVersions("terraform");
  expect(TERRAFORM_VERSION).toBe(terraform);
  expect(OLDEST_TERRAFORM.version).toBe(`v${oldest}`);
  expect(TFLINT.version).toBe(`v${toolVersions("tflint")[0]}`);
  expect(RUNTIMES.map(({ version }) => version)).toEqual(toolVersions("node").slice(1));
});

const [node, ...newer] = toolVersions("node");
const lines = [node, ...newer.map((version) => version.split(".")[0])];

test("the least Node is that of package.json, and its types are of the same line", () => {
  const { engines, devDependencies } = JSON.parse(read("package.json"));
  expect(engines.node).toBe(`>=${node}`);
  expect(devDependencies["@types/node"].startsWith(`${node}.`)).toBe(true);
});

test("workflows set up the least Node, and the quick start each of its lines", () => {
  const used = projectFiles()
    .filter((file) => /^\.github\/workflows\//.test(file))
    .flatMap((file) => [...read(file).matchAll(/node-version: (.+)$/gm)].map((match) => parse(match[1] ?? "")));
  expect(used.length).toBeGreaterThan(2);
  expect(new Set(used)).toEqual(new Set([node, "${{ matrix.node }}"]));
  expect(parse(read(".github/workflows/test.yml")).jobs.quickstart.strategy.matrix.node).toEqual(lines);
});

test("the example's workflow plans with the same Terraform", () => {
  const workflow = read("examples/pull-request-plan/github-actions/plan.yml");
  expect(workflow).toContain(`terraform_version: ${toolVersions("terraform")[0]}\n`);
});

test("modules and examples take the oldest Terraform", () => {
  const oldest = toolVersions("terraform").at(-1)?.split(".").slice(0, 2).join(".");
  const required = projectFiles()
    .filter((file) => /^(?:modules|examples)\/[\w-]+\/versions\.tf$/.test(file))
    .map((file) => /required_version = "(.+)"/.exec(read(file))?.[1]);
  expect(new Set(required)).toEqual(new Set([`>= ${oldest}.0`]));
});

test("shell names no version of its own, except the least Python", () => {
  const shell = ["scripts/setup/prerequisites.sh", "scripts/test", "scripts/quickstart"].map(read).join("\n");
  const least = toolVersions("python")[0].split(".").join(", ");
  expect(shell).toContain(`sys.version_info < (${least})`);
  expect([...shell.matchAll(/\b\d+\.\d+\.\d+\b/g)].map(([version]) => version)).toEqual([]);
});

test("the development container has the same Node, Terraform and tflint, each pinned", () => {
  const { image, features, ...commands } = JSON.parse(read(".devcontainer/devcontainer.json"));
  expect(image).toBe(`docker.io/library/node:${node}-bookworm`);
  expect(commands.postCreateCommand).toBe("npm ci");
  expect(Object.keys(features).filter((feature) => !/^ghcr\.io\/[\w/-]+:\d+\.\d+\.\d+$/.test(feature))).toEqual([]);
  const [terraform] = Object.values(features);
  expect(terraform).toMatchObject({ version: toolVersions("terraform")[0], tflint: toolVersions("tflint")[0] });
});
