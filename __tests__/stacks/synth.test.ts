/** Properties that all stacks have in common: names, state, providers, determinism. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { builderSettings, cell, deployment, region } from "./fixture";
import { synthesize, writeStacks } from "./synthesized";

const stacks = synthesize(deployment());

/** Every file below a folder, by its path there. */
function filesBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

describe("stacks", () => {
  it("are one of each noun per region, and no builder where a region only copies", () => {
    expect(Object.keys(stacks).sort()).toEqual([
      "docker-cache-builder-eu-west-1",
      "docker-cache-rotation-eu-west-1",
      "docker-cache-rotation-us-east-1",
      "docker-cache-worker-eu-west-1",
      "docker-cache-worker-us-east-1",
    ]);
  });

  it("are none where a region has no cache", () => {
    expect(synthesize(deployment({ regions: [region({ cells: [] })] }))).toEqual({});
  });

  it("R15: are the same bytes from two folders, with no path of either", () => {
    const scratch = mkdtempSync(join(tmpdir(), "docker-cache-r15-"));
    const folders = ["a", "some/what/deeper"].map((name) => join(scratch, name));
    const [first, second] = folders.map((folder) => filesBelow(writeStacks(folder, deployment())));
    expect(Object.keys(first!).length).toBeGreaterThan(10);
    expect(second).toEqual(first);
    for (const text of Object.values(first!)) {
      for (const path of [tmpdir(), process.cwd(), ...folders]) expect(text).not.toContain(path);
      // Neither do the scripts name a partition or a DNS suffix.
      expect(text).not.toMatch(/arn:aws|\.amazonaws\.com/);
    }
    rmSync(scratch, { recursive: true });
  });

  it.each(Object.entries(stacks))("%s asks for a range of providers, by their full names", (name, stack) => {
    expect(stack.terraform.required_providers).toEqual({
      aws: { source: "hashicorp/aws", version: ">= 5.100.0, < 7.0.0" },
      ...(name.includes("rotation") && { archive: { source: "hashicorp/archive", version: ">= 2.4.0, < 3.0.0" } }),
    });
  });

  it.each(Object.entries(stacks))("%s tags everything with the project's tags, in its region", (name, { provider }) => {
    expect(provider.aws).toEqual([
      { region: name.slice(name.indexOf("-", "docker-cache-".length) + 1), default_tags: [{ tags: { team: "ci" } }] },
    ]);
  });

  it.each(Object.entries(stacks))("%s keeps its state beside cdktf.json", (name, { terraform }) => {
    expect(terraform.backend).toEqual({ local: { path: `../../../terraform.${name}.tfstate` } });
  });

  it("keep their state in S3 with the native lock file where asked", () => {
    const state = { backend: "s3", bucket: "b", region: "eu-west-1", keyPrefix: "ci/cache", kmsKeyArn: null } as const;
    const { terraform } = synthesize(deployment({ state }))["docker-cache-worker-us-east-1"]!;
    expect(terraform.backend).toEqual({
      s3: {
        bucket: "b",
        key: "ci/cache/docker-cache-worker-us-east-1.tfstate",
        region: "eu-west-1",
        encrypt: true,
        use_lockfile: true,
      },
    });
    expect(terraform.required_version).toBe(">= 1.10.0");
  });

  it("R17: read no secret, so that none is in state, and hand over none but by its name", () => {
    const registries = [{ host: "ghcr.io", secretName: "ci/ghcr", kmsKeyArn: null }];
    const cells = [cell({ builder: builderSettings({ registries }) })];
    for (const { data, resource } of Object.values(synthesize(deployment({ regions: [region({ cells })] })))) {
      expect(Object.keys(data).filter((type) => /secret|kms|ssm_parameter|password/.test(type))).toEqual([]);
      for (const parameter of Object.values(resource.aws_ssm_parameter ?? {})) expect(parameter.type).toBe("String");
    }
  });

  it("read nothing that another stack makes, so that they come and go in any order", () => {
    // Of the account, the region and the default VPC, or texts and files: what is there before any stack is.
    const independent = [
      ...["archive_file", "aws_caller_identity", "aws_iam_policy_document", "aws_partition", "aws_region"],
      ...["aws_ec2_instance_type_offerings", "aws_service_principal", "aws_subnet", "aws_subnets"],
      // Of the stack's own volume.
      "aws_ebs_volume",
    ];
    const read = Object.values(stacks).flatMap(({ data }) => Object.keys(data));
    expect(read.length).toBeGreaterThan(20);
    expect([...new Set(read)].filter((type) => !independent.includes(type))).toEqual([]);
    // A subnet is looked up by the user's id or in the default VPC, never by one of our tags.
    for (const { data } of Object.values(stacks))
      expect(JSON.stringify([data.aws_subnet, data.aws_subnets])).not.toContain("docker-cache:");
  });

  it.each(Object.entries(stacks))("%s names no partition and no DNS suffix", (_, stack) => {
    const text = JSON.stringify(stack);
    expect(text).not.toMatch(/arn:aws/);
    expect(text).not.toMatch(/\.amazonaws\.com/);
  });
});
