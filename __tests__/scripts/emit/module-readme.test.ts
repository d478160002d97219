import { moduleReadme } from "../../../scripts/emit/module-readme";
import { ModuleStack } from "../../../stacks/faces/module-stack";
import { TerraformHclModule } from "../../../stacks/terraform/cdktf";
import { sampleModule } from "./sample-module";

const PROSE = "# Sample\n\n<!-- BEGIN_TF_DOCS -->\nold\n<!-- END_TF_DOCS -->\n\nMore.\n";
const json = sampleModule().toTerraform();
const readme = moduleReadme(PROSE, json);

test("prose stays, tables are replaced", () => {
  expect(readme.startsWith("# Sample\n\n<!-- BEGIN_TF_DOCS -->\n## Requirements\n")).toBe(true);
  expect(readme.endsWith("<!-- END_TF_DOCS -->\n\nMore.\n")).toBe(true);
  expect(readme).not.toContain("old");
  expect(moduleReadme(readme, json)).toBe(readme);
});

test.each([
  '| <a name="requirement_aws"></a> [aws](#requirement\\_aws) | &gt;= 5.100.0, &lt; 7.0.0 |',
  "| aws\\_launch\\_template.template | resource |",
  "| aws\\_partition.partition | data source |",
  '| <a name="input_subnet_id"></a> [subnet\\_id](#input\\_subnet\\_id) | A subnet. | `string` | `null` | no |',
  "| Tags.<br/>Over two lines. | `map(string)` |",
  '| <pre>object({<br/>  size_gib = optional(number, 100)<br/>  type = optional(string, "gp3")<br/>  iops = optional(number)<br/>})</pre> | `{}` | no |',
  "| `string` | n/a | yes |",
  '| <a name="output_alarm_arn"></a> [alarm\\_arn](#output\\_alarm\\_arn) | Arn of the alarm, or null. |',
])("has %s", (line) => expect(readme).toContain(line));

test("code in a description stays code", () => {
  const stack = new ModuleStack("x");
  stack.variable("a_b", { type: "string", description: "Like `c_d|e` but a_b." });
  expect(moduleReadme(PROSE, stack.toTerraform())).toContain("Like `c_d\\|e` but a\\_b.");
});

test("modules that are called have a table, and what is not there has none", () => {
  const stack = new ModuleStack("x");
  new TerraformHclModule(stack, "a_b", { source: "../c", skipAssetCreationFromLocalModules: true });
  const ofCaller = moduleReadme(PROSE, stack.toTerraform());
  expect(ofCaller).toContain('| <a name="module_a_b"></a> [a\\_b](#module\\_a\\_b) | ../c | n/a |');
  expect(ofCaller).not.toContain("## Resources");
  expect(readme).not.toContain("## Modules");
});

test("refuses prose without marks", () => {
  expect(() => moduleReadme("# Sample\n", json)).toThrow("expected <!-- BEGIN_TF_DOCS -->");
  expect(() => moduleReadme("<!-- END_TF_DOCS --><!-- BEGIN_TF_DOCS -->", json)).toThrow("behind it");
});
