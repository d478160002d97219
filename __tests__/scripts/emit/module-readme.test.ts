import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { JsonObject } from "../../../scripts/emit/hcl/expression";
import { moduleReadme } from "../../../scripts/emit/module-readme";
import { moduleText } from "../../../scripts/emit/module-text";
import { ModuleStack } from "../../../stacks/faces/module-stack";
import { TerraformHclModule } from "../../../stacks/terraform/cdktf";
import { DOCUMENTED_BLOCKS, documentedModule } from "./documented-module";
import { SAMPLE_BLOCKS } from "./sample-module";

const kept = (name: string) => readFileSync(join("__tests__/fixtures/terraform-docs", name), "utf8");
const PROSE =
  "# Sample\n\n<!-- BEGIN_TF_DOCS -->\nold\n<!-- END_TF_DOCS -->\n\nMore.\n<!-- BEGIN_ATTRIBUTES -->\nold\n<!-- END_ATTRIBUTES -->\nLast.\n";
const json = documentedModule().toTerraform() as JsonObject;
const readme = moduleReadme(PROSE, json, kept("variables.tf"), []);

test("between terraform-docs' marks stands what terraform-docs writes", () => {
  const [, tables] = /(<!-- BEGIN_TF_DOCS -->[\s\S]*<!-- END_TF_DOCS -->)/.exec(readme) ?? [];
  expect(`${tables}\n`).toBe(`${kept("README.md").trimEnd()}\n`);
});

test("what terraform-docs read is the sample as it is today", () => {
  const blocks = { ...SAMPLE_BLOCKS, resource: { ...SAMPLE_BLOCKS.resource, ...DOCUMENTED_BLOCKS } };
  const unaligned = (text = "") => text.replace(/ +/g, " ");
  const { "variables.tf": variables } = moduleText(documentedModule(), blocks);
  expect(unaligned(variables)).toBe(unaligned(kept("variables.tf")));
});

test("prose stays, what stands between the marks is replaced", () => {
  expect(readme.startsWith("# Sample\n\n<!-- BEGIN_TF_DOCS -->\n## Requirements\n")).toBe(true);
  expect(readme.endsWith("<!-- END_ATTRIBUTES -->\nLast.\n")).toBe(true);
  expect(readme).toContain("<!-- END_TF_DOCS -->\n\nMore.\n<!-- BEGIN_ATTRIBUTES -->\n");
  expect(readme).not.toContain("old");
  expect(moduleReadme(readme, json, kept("variables.tf"), [])).toBe(readme);
});

test("modules that are called have a table", () => {
  const stack = new ModuleStack("x");
  new TerraformHclModule(stack, "a_b", { source: "../c", skipAssetCreationFromLocalModules: true });
  const text = moduleReadme(PROSE, stack.toTerraform() as JsonObject, "", []);
  expect(text).toContain('| <a name="module_a_b"></a> [a\\_b](#module\\_a\\_b) | ../c | n/a |');
});

test("a module that has nothing says so", () => {
  const text = moduleReadme(PROSE, new ModuleStack("x", []).toTerraform() as JsonObject, "", []);
  for (const what of ["providers", "modules", "resources", "inputs", "outputs"]) expect(text).toContain(`No ${what}.`);
});

test("attributes of objects, and of lists of them, are a list with type and default", () => {
  const text = z.string().default("a").describe("A text.");
  const inner = z.strictObject({ arn: z.string().describe("An ARN.") });
  const group = z
    .strictObject({
      text,
      count: z.number().nullable().default(null).describe("A number."),
      inner: inner.nullable().default(null).describe("An object."),
      required: inner.describe("Needed."),
    })
    .prefault({} as never);
  const rules = z.array(z.strictObject({ host: z.string().describe("A host.") })).default([]);
  const fields = Object.entries({ group, text, rules }).map(([name, field]) => ({ name, field, description: "" }));
  const [, list] =
    /BEGIN_ATTRIBUTES -->\n([\s\S]*)\n<!-- END/.exec(moduleReadme(PROSE, json, kept("variables.tf"), fields)) ?? [];
  expect(list).toBe(`## Attributes of inputs

### \`group\`

- \`text\` (\`string\`, default \`"a"\`): A text.
- \`count\` (\`number\`, default \`null\`): A number.
- \`inner\`: An object.
  - \`arn\` (\`string\`, required): An ARN.
- \`required\` (required): Needed.
  - \`arn\` (\`string\`, required): An ARN.

### \`rules\`

- \`host\` (\`string\`, required): A host.`);
});

test.each([
  ["none", "# Sample\n"],
  ["turned round", "<!-- END_TF_DOCS --><!-- BEGIN_TF_DOCS -->"],
])("refuses marks that are %s", (_what, prose) => {
  expect(() => moduleReadme(prose, json, "", [])).toThrow(
    "expected <!-- BEGIN_TF_DOCS --> and behind it <!-- END_TF_DOCS -->",
  );
});
