/** The Buildkite plugin: a folder that is a plugin's repository, ready to be pushed as `docker-ecr-cache-buildkite-plugin`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { IMAGE_OPTIONS, type ImageOption } from "../../lib/job/image-options";
import { optionTable } from "../../lib/job/job-option";
import { renderJob } from "../../lib/job/render";
import type { FileContent } from "../../stacks/terraform/files";

/** Folder of the repository. */
export const PLUGIN_FOLDER = "buildkite-plugin";
const SOURCES = join(__dirname, "../../lib/job/image/plugin");
/** Line of the README in whose place the options stand. */
const OPTIONS = "<!-- options -->\n";
/** Line in whose place the policy stands, which people who find the plugin alone need too. */
const POLICY = "<!-- policy -->\n";
const POLICY_FILE = join(__dirname, "../../docs/policies/ci-images-job.json");

const read = (name: string) => readFileSync(join(SOURCES, name), "utf8");

/** What an option may be, as JSON Schema: Buildkite checks pipelines by it. Numbers and switches may be quoted. */
function property({ kind, choices, minimum, maximum }: ImageOption): object {
  switch (kind) {
    case "list":
      return { type: ["array", "string"], items: { type: "string" } };
    case "map":
      return { type: "object" };
    case "number":
      return { type: ["integer", "string"], minimum, maximum };
    case "switch":
      return { type: ["boolean", "string"] };
    case "choice":
      return { type: "string", enum: choices };
    case "text":
      return { type: "string" };
  }
}

function pluginYaml(): string {
  const properties = Object.fromEntries(
    IMAGE_OPTIONS.map((option) => [option.name, { description: option.description, ...property(option) }]),
  );
  return stringify(
    {
      name: "Docker ECR Cache",
      description:
        "Build images of dependencies once, and share them by a registry under a tag that says what they are made of.",
      author: "aws-ebs-docker-cache",
      requirements: ["bash", "docker", "jq"],
      configuration: { properties, additionalProperties: false },
    },
    { lineWidth: 0 },
  );
}

function readme(): string {
  const policy = `\`\`\`json\n${readFileSync(POLICY_FILE, "utf8")}\`\`\`\n`;
  return read("README.md").replace(OPTIONS, optionTable(IMAGE_OPTIONS)).replace(POLICY, policy);
}

/** Files by path below {@link PLUGIN_FOLDER}. Those in `hooks/` are programs. */
export function pluginFiles(): Readonly<Record<string, FileContent>> {
  return {
    "plugin.yml": pluginYaml(),
    "hooks/pre-command": `#!/usr/bin/env bash\n${read("pre-command.sh")}`,
    "hooks/pre-exit": `#!/usr/bin/env bash\n${read("pre-exit.sh")}`,
    "lib/image.bash": renderJob("image"),
    "README.md": readme(),
  };
}
