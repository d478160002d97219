/** The blocks of docs/modules.md as modules of one root: what a reader would have around them is put there, and nothing in them is changed. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { scratch } from "../scripts/emit/terraform-run";

/** A block of HCL, named after the heading above it and, from the second on, its number. */
export interface PageBlock {
  readonly name: string;
  readonly text: string;
}

/** Somebody else's module that the page gives outputs of ours to. */
export interface Peer {
  readonly source: string;
  readonly version: string;
  readonly repository: string;
  readonly commit: string;
  /** Range of AWS providers that it asks for. */
  readonly aws: string;
  /** File beside peers.json: names, types and defaults of its variables. */
  readonly variables: string;
}

const PEERS = join(ROOT, "__tests__/fixtures/peers");
export const peers = JSON.parse(readFileSync(join(PEERS, "peers.json"), "utf8")) as readonly Peer[];

/** Name of the block that others of the page refer to. */
const SNIPPET = "user-data-without-room";
/** Values for the reader's variables. */
const VARIABLES: Readonly<Record<string, string>> = {
  bucket: '"a-bucket"',
  image_id: '"ami-0123456789abcdef0"',
  subnet_ids: '["subnet-0123456789abcdef0"]',
};
/** What stands for `# …` by the first line of what it is in. */
const ELIDED: Readonly<Record<string, string>> = {
  cache: 'source = "../../modules/cache"\nname = "ci"\nimages = ["python:3.12-slim"]',
  aws_autoscaling_group: 'min_size = 0\nmax_size = 1\nvpc_zone_identifier = ["subnet-0123456789abcdef0"]',
  builder: 'source = "../../modules/builder"\nname = "ci"\nimages = ["python:3.12-slim"]',
  rotation: 'source = "../../modules/rotation"\nname = "ci"',
  worker: 'source = "../../modules/worker"\nname = "ci"',
  aws_launch_template: 'name = "pinned"\nimage_id = "ami-0123456789abcdef0"',
};
const WORKER = `module "worker" {\n  # …\n  read_pointer = true\n}\n`;
const TOPIC = `resource "aws_sns_topic" "ci" {}\n`;
const ROLE = `data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "builder" {
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_instance_profile" "builder" {
  role = aws_iam_role.builder.name
}
`;
/** Values for variables that a block declares. */
const GIVEN: Readonly<Record<string, unknown>> = {
  caches: {
    ci: { images: ["python:3.12-slim"], volume: { size_gib: 200 } },
    ml: { images: ["python:3.12-slim"] },
    "ml-arm64": { name: "ml", architecture: "arm64", images: ["python:3.12-slim"] },
  },
};
const SECOND_REGION = `terraform {
  required_providers {
    aws = { source = "hashicorp/aws", configuration_aliases = [aws.us] }
  }
}
`;

/** The page's blocks of HCL, in their order. */
export function pageBlocks(text: string = readFileSync(join(ROOT, "docs/modules.md"), "utf8")): PageBlock[] {
  let heading = "";
  const seen = new Map<string, number>();
  return [...text.matchAll(/^#{2,3} (.+)$|^```hcl\n([\s\S]*?)^```$/gm)].flatMap(([, title, block]) => {
    heading = title?.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") ?? heading;
    if (block === undefined) return [];
    const count = (seen.get(heading) ?? 0) + 1;
    seen.set(heading, count);
    return [{ name: count === 1 ? heading : `${heading}-${count}`, text: block }];
  });
}

/** A root in a scratch folder with each block as a module, whose outputs are what the peers in them were given, by the block's name. */
export function rootOf(blocks: readonly PageBlock[]): string {
  const files = blocks.flatMap(({ name, text }) => {
    const whole = withSurroundings(text, blocks);
    return [
      [`blocks/${name}/main.tf`, whole],
      [`blocks/${name}/register-runner.sh`, "#!/bin/sh\n"],
    ];
  });
  const stubs = peers.map(({ variables }) => [`peers/${variables}/main.tf`, stub(variables)]);
  const folder = scratch({ ...Object.fromEntries([...files, ...stubs]), "main.tf.json": JSON.stringify(root(blocks)) });
  cpSync(join(ROOT, "modules"), join(folder, "modules"), { recursive: true });
  return folder;
}

function root(blocks: readonly PageBlock[]): Record<string, unknown> {
  const call = ({ name, text }: PageBlock) => [
    name,
    {
      source: `./blocks/${name}`,
      ...(hasSecondRegion(text) && { providers: { aws: "aws", "aws.us": "aws.us" } }),
      ...Object.fromEntries(declaredIn(text).map((variable) => [variable, GIVEN[variable]])),
    },
  ];
  const fed = blocks.filter(({ text }) => peerIn(text) !== undefined);
  return {
    provider: { aws: [{ region: "eu-west-1" }, { alias: "us", region: "us-east-1" }] },
    module: Object.fromEntries(blocks.map(call)),
    output: Object.fromEntries(fed.map(({ name }) => [name, { value: `\${module.${name}.given}` }])),
  };
}

/** Variables that a block declares itself. */
const declaredIn = (text: string) => [...text.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name ?? "");

const hasSecondRegion = (text: string) => text.includes("aws.us");

/** The call of a peer in a block: its label, and the peer. */
export function peerIn(
  text: string,
): { readonly label: string; readonly peer: Peer; readonly version: string } | undefined {
  for (const peer of peers) {
    const call = new RegExp(`^module "(\\w+)" \\{\\n {2}source  = "${peer.source}"\\n {2}version = "(.+)"$`, "m").exec(
      text,
    );
    if (call) return { label: call[1] ?? "", peer, version: call[2] ?? "" };
  }
  return undefined;
}

/** The block with what a reader has around it: sources that are here, variables, the worker, the block that it refers to. */
function withSurroundings(text: string, blocks: readonly PageBlock[]): string {
  const snippet = blocks.find(({ name }) => name === SNIPPET)?.text ?? "";
  const parts = [text];
  if (/local\.cache_lines/.test(text) && !text.includes("cache_lines =")) parts.push(snippet);
  if (/module\.worker\./.test(parts.join("")) && !text.includes('module "worker"')) parts.push(WORKER);
  if (/aws_sns_topic\.ci\./.test(text)) parts.push(TOPIC);
  if (/aws_iam_instance_profile\.builder\./.test(text)) parts.push(ROLE);
  if (hasSecondRegion(text)) parts.push(SECOND_REGION);
  const found = peerIn(text);
  if (found) parts.push(`output "given" {\n  value = module.${found.label}.given\n}\n`);
  const whole = parts.join("\n");
  const used = [...new Set([...whole.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name ?? ""))].filter(
    (name) => !declaredIn(text).includes(name),
  );
  return [withSources(whole), ...used.map((name) => `variable "${name}" {\n  default = ${VARIABLES[name]}\n}\n`)].join(
    "\n",
  );
}

function withSources(text: string): string {
  const ours = text
    .replaceAll(/"git::https:[^"]*\/\/(modules\/\w+)\?ref=[^"]*"/g, '"../../$1"')
    .replaceAll(/^(?:module|resource) "(\w+)".* \{\n {2}# …$/gm, (line, label: string) => {
      const of = Object.keys(ELIDED).find((one) => label === one || label.startsWith(`${one}_`));
      return line.replace("# …", of === undefined ? "" : ELIDED[of]!);
    });
  return peers.reduce(
    (so, { source, version, variables }) =>
      so.replaceAll(`"${source}"\n  version = "${version}"`, `"../../peers/${variables}"`),
    ours,
  );
}

/** A module with the peer's variables, that tells what it was given. */
function stub(variables: string): string {
  const text = readFileSync(join(PEERS, variables), "utf8");
  const names = [...text.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
  return `${text}\noutput "given" {\n  value = {\n${names.map((name) => `    ${name} = var.${name}\n`).join("")}  }\n}\n`;
}
