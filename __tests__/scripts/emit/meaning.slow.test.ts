/** The printed HCL means what the JSON means that cdktf makes: equal plans of both, by Terraform itself. */
import { format } from "../../../scripts/emit/format";
import { moduleText } from "../../../scripts/emit/module-text";
import { sameMeaning } from "./same-meaning";
import { SAMPLE_BLOCKS, sampleModule } from "./sample-module";
import { OFFLINE_PROVIDER, planOf, removeScratch, scratch, terraform } from "./terraform-run";

jest.setTimeout(120_000);

afterAll(removeScratch);

const json = JSON.stringify(sampleModule().toTerraform(), null, 2);
const hcl = format(moduleText(sampleModule(), SAMPLE_BLOCKS));

/** A root that calls a module in ways users do. */
const ROOT = JSON.stringify({
  provider: { aws: [OFFLINE_PROVIDER, { ...OFFLINE_PROVIDER, alias: "west", region: "us-west-2" }] },
  module: {
    least: { source: "./module", name: "least" },
    counted: { source: "./module", count: 2, name: "counted", subnet_id: "subnet-12345678", tags: { a: "b" } },
    each: {
      source: "./module",
      for_each: '${toset(["a", "b"])}',
      providers: { aws: "aws.west" },
      name: "${each.key}x",
      volume: { size_gib: 5 },
    },
  },
});

let printed: unknown;
beforeAll(async () => {
  printed = await meaningOf(prefixed(hcl));
});

test("the sample", async () => {
  expect(printed).toEqual(await meaningOf({ "module/main.tf.json": json }));
  expect(JSON.stringify(printed)).toContain("aws_launch_template.template");
});

test("a value changed in the HCL is found", async () => {
  const changed = {
    ...hcl,
    "main.tf": (hcl["main.tf"] as string).replace("threshold           = 1", "threshold           = 2"),
  };
  expect(changed["main.tf"]).not.toBe(hcl["main.tf"]);
  expect(await meaningOf(prefixed(changed))).not.toEqual(printed);
});

test("the module alone is valid and formatted", async () => {
  const folder = scratch(hcl);
  await terraform(folder, ["init", "-input=false"]);
  await terraform(folder, ["validate"]);
  await terraform(folder, ["fmt", "-check"]);
});

async function meaningOf(module: Readonly<Record<string, string>>): Promise<unknown> {
  return sameMeaning(await planOf(scratch({ "main.tf.json": ROOT, ...module })));
}

function prefixed(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`module/${name}`, text]));
}
