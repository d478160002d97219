/** One list of nouns: what cannot import it agrees with it, and one more noun, of a fixture, is everywhere at once. */
import { existsSync } from "node:fs";
import { COMPANIONS } from "../../lib/config/companions/all";
import { MODULE_INPUTS } from "../../lib/config/inputs";
import { parseConfig } from "../../lib/config/load";
import { resolveConfig } from "../../lib/config/resolve-config";
import { TAG } from "../../lib/contract";
import blockNames from "../../scripts/emit/block-names.json";
import { moduleText, type ProviderBlocks } from "../../scripts/emit/module-text";
import { renderConfigurationPage } from "../../scripts/generate/configuration-page";
import { renderEditorSchema } from "../../scripts/generate/editor-schema";
import { synthesizeEverything } from "../../scripts/generate/everything";
import { companionNoun, companionsOf } from "../../stacks/faces/noun";
import { NOUNS } from "../../stacks/nouns";
import { deployComplaints } from "../docs/policies/deploy-complaints";
import { sampleCache } from "../fixtures/sample-cache/sample-cache";
import { createSampleCacheModule } from "../fixtures/sample-cache/sample-cache-module";
import { SampleCacheStack } from "../fixtures/sample-cache/sample-cache-stack";
import { synthesize } from "./synthesized";

/** Types that take no tags. */
const WITHOUT_TAGS = [
  ...["aws_cloudwatch_event_target", "aws_cloudwatch_log_resource_policy", "aws_ecr_lifecycle_policy"],
  "aws_ecr_pull_through_cache_rule",
  // Its tags are those of the repositories that ECR makes.
  "aws_ecr_repository_creation_template",
  // Parts of a bucket, which takes them.
  ...["lifecycle_configuration", "ownership_controls", "policy", "public_access_block"].map(
    (part) => `aws_s3_bucket_${part}`,
  ),
  "aws_s3_bucket_server_side_encryption_configuration",
  ...["aws_iam_role_policy", "aws_sns_topic_policy", "aws_sns_topic_subscription", "terraform_data"],
];

const names = NOUNS.map(({ name }) => name);
const ofCaches = NOUNS.filter(({ companion }) => companion === undefined);

describe("what cannot import the list agrees with it", () => {
  test("the configuration's companions", () => {
    expect(COMPANIONS).toEqual(companionsOf(NOUNS));
  });

  test("the inputs of the modules", () => {
    expect(Object.keys(MODULE_INPUTS)).toEqual(ofCaches.map(({ name }) => name));
  });

  test.each(names)("the files of %s", (name) => {
    const module = ["ts", "md", "tftest.hcl"].map((extension) => `stacks/${name}/${name}-module.${extension}`);
    const files = [`stacks/${name}/${name}-stack.ts`, ...module, `modules/${name}/README.md`];
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe("one more noun", () => {
  const nouns = [
    ...NOUNS,
    companionNoun(sampleCache, { Stack: SampleCacheStack, createModule: createSampleCacheModule }),
  ];
  const read = (text: string) => {
    const parsed = parseConfig(text, "x.yaml", companionsOf(nouns));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return synthesize(resolveConfig(parsed.config, companionsOf(nouns)), nouns);
  };

  test("has a stack in the regions of its entries, whether caches are there or not", () => {
    const stacks = read(`
regions: { eu-west-1: {}, us-east-1: {}, us-west-2: {} }
caches: { ci: { images: [a], regions: { us-east-1: { enabled: false }, us-west-2: { enabled: false } } } }
sample_cache: { app: { regions: [eu-west-1, us-east-1] } }
`);
    expect(Object.keys(stacks).sort()).toEqual(
      [
        ...ofCaches.map(({ name }) => `docker-cache-${name}-eu-west-1`),
        "docker-cache-sample-cache-eu-west-1",
        "docker-cache-sample-cache-us-east-1",
      ].sort(),
    );
  });

  test("needs no cache at all", () => {
    expect(Object.keys(read("regions: { eu-west-1: {} }\nsample_cache: { app: {} }\n"))).toEqual([
      "docker-cache-sample-cache-eu-west-1",
    ]);
  });

  test("tags what it makes with noun and entry, and names what is global with the region", () => {
    const stack = read(`
regions: { eu-west-1: {} }
sample_cache: { app: { role_path: /ci/, permissions_boundary_arn: "arn:aws:iam::123456789012:policy/b", log_retention_days: 7 } }
`)["docker-cache-sample-cache-eu-west-1"]!;
    const tags = { [TAG.companion]: "sample-cache", [TAG.name]: "app" };
    expect(stack.resource.aws_iam_role!.app_sample_cache_branch_builds).toMatchObject({
      name: "docker-cache-sample-cache-app-${data.aws_region.current.id}",
      path: "/ci/",
      permissions_boundary: "arn:aws:iam::123456789012:policy/b",
      tags,
    });
    expect(stack.resource.aws_cloudwatch_log_group!.app_sample_cache_builds).toMatchObject({
      retention_in_days: 7,
      tags,
    });
    expect(stack.resource.aws_sns_topic!.alarms.name).toBe("docker-cache-sample-cache-alarms");
  });

  test("has entries whose names may begin with one another's and end as parts do", () => {
    const stacks = read("regions: { eu-west-1: {} }\nsample_cache: { app: {}, app-branch: {}, app-builds: {} }\n");
    const { resource } = stacks["docker-cache-sample-cache-eu-west-1"]!;
    expect(Object.keys(resource.aws_iam_role!)).toHaveLength(3);
    expect(Object.keys(resource.aws_cloudwatch_log_group!)).toHaveLength(3);
  });

  test("bears the noun and a name on every resource that takes tags", () => {
    const stacks = synthesizeEverything(nouns).filter(({ name }) =>
      companionsOf(nouns).some(({ noun }) => name.includes(`-${noun}-`)),
    );
    const resources = stacks.flatMap(({ resource }) =>
      Object.entries(resource).flatMap(([type, named]) =>
        Object.entries(named).map(([name, block]) => ({ type, address: `${type}.${name}`, tags: block.tags })),
      ),
    );
    const taggable = resources.filter(({ type }) => !WITHOUT_TAGS.includes(type));
    expect(taggable.length).toBeGreaterThan(2);
    const without = taggable.filter(
      ({ tags = {} }) => ![TAG.companion, TAG.name].every((key) => (tags as Record<string, string>)[key]),
    );
    expect(without.map(({ address }) => address)).toEqual([]);
  });

  test("has a module", () => {
    const files = moduleText(createSampleCacheModule(), blockNames as ProviderBlocks);
    const { "variables.tf": variables = "", "main.tf": main = "", "outputs.tf": outputs = "" } = files;
    expect([...variables.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name)).toEqual([
      ...["name", "tags", "permissions_boundary_arn", "role_path", "kms_key_arn", "log_retention_days"],
      ...["expire_after_days", "repository", "prefix", "rules", "limits", "notifications"],
    ]);
    expect(main).toContain('"docker-cache:companion" = "sample-cache"');
    expect(main).toContain('"docker-cache-sample-cache-${var.name}-alarms"');
    expect(variables).not.toContain("DLM takes");
    expect(main.match(/tags\s*= local\.tags/g)).toHaveLength(3);
    expect(outputs).toContain('output "role_arn"');
  });

  test("has sections on the configuration's page, and keys that editors know", () => {
    const page = renderConfigurationPage(companionsOf(nouns));
    expect(page).toContain("## `sample_cache.<name>`\n\nA cache that only tests have, by entry.");
    expect([...page.matchAll(/^## `sample_cache(.*)`$/gm)].map(([, path]) => path)).toEqual([
      ".<name>",
      ".<name>.rules.<name>",
      ".<name>.limits",
    ]);
    expect(page).toContain("| `expire_after_days` | `14` | a whole number from 1 to 365 |");
    const schema = JSON.parse(renderEditorSchema(companionsOf(nouns)));
    expect(schema.properties.sample_cache.description).toBe("A cache that only tests have, by entry.");
    expect(schema.required).toEqual(["regions"]);
  });

  test("fails the test of policies until its own is there, and the policy is told", () => {
    const [complaint, ...others] = deployComplaints("sample-cache", synthesizeEverything(nouns));
    expect(others).toEqual([]);
    expect(complaint).toMatch(
      /^docs\/policies\/deploy-sample-cache\.json is not there: allow .*iam:CreateRole.*logs:CreateLogGroup.*sns:CreateTopic/,
    );
  });

  test("without an example fails it too", () => {
    expect(deployComplaints("sample-cache", synthesizeEverything())).toEqual([
      "sample-cache has no stack: switch it on in its `example`",
    ]);
  });
});
