/**
 * Any string arrives as it left: as a template, as a default, as a description and inside an expression. That holds in HCL as in JSON, and as
 * TypeScript had it. Terraform itself evaluates both, and no provider is needed.
 */
import fc from "fast-check";
import { format } from "../../../scripts/emit/format";
import { moduleText } from "../../../scripts/emit/module-text";
import { ModuleStack } from "../../../stacks/faces/module-stack";
import { hcl } from "../../../stacks/terraform/expression";
import { removeScratch, scratch, terraform } from "./terraform-run";

jest.setTimeout(120_000);

afterAll(removeScratch);

const NASTY = [
  "",
  " ",
  '"',
  "\\",
  "\\n",
  "\\\\",
  '\\"',
  "\n",
  "a\nb",
  "a\nb\n",
  "\n\n",
  " a\n  b\n",
  "a\n \nb\n",
  "a\r\nb\r\n",
  "\ta\n\tb\n",
  "EOT\nEOT\n",
  "a\n  EOT  \nEOT_\n",
  "${x}",
  "$${x}",
  "$$${x}",
  "$$$${x}",
  "%{x}",
  "%%{ if x }",
  "$%{x}",
  "%${x}",
  "$",
  "$$",
  "%",
  "a$",
  "${",
  "$${",
  "{}",
  "}",
  "${X:-y}",
  "%{http_code}",
  "'\\''",
  "it's",
  "# no comment",
  "// none",
  "/* none */",
  "<<EOT",
  "ü→😀",
  "\u0001\u007f",
  "a,b",
  "[(",
  "for x in y : z",
];

/** Doubles template signs: how literal text is written where Terraform reads templates. */
const escaped = (text: string) => text.replace(/([$%])\{/g, "$1$1{");

function moduleOf(texts: readonly string[]): ModuleStack {
  const stack = new ModuleStack("nasty", []);
  texts.forEach((text, index) => {
    const { stringValue } = stack.variable(`v${index}`, { type: "string", description: `${text}.`, default: text });
    stack.output(`default_${index}`, `${text}.`, stringValue);
    stack.output(`template_${index}`, "x", escaped(text));
    stack.output(`joined_${index}`, "x", hcl`${`${text}|${stringValue}|${text}`}`);
    stack.output(
      `hole_${index}`,
      "x",
      hcl`join("", [${text}, ${{ key: text, [text || "empty"]: "x" }}.key, ${stringValue}])`,
    );
    stack.output(`object_${index}`, "x", { [escaped(text) || "empty"]: [escaped(text), 1, true] });
  });
  return stack;
}

async function valuesOf(files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const folder = scratch(files);
  await terraform(folder, ["init"]);
  await terraform(folder, ["apply", "-auto-approve"]);
  const outputs = JSON.parse(await terraform(folder, ["output", "-json"])) as Record<string, { value: unknown }>;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}

async function check(texts: readonly string[]): Promise<void> {
  const fromJson = await valuesOf({ "main.tf.json": JSON.stringify(moduleOf(texts).toTerraform()) });
  const fromHcl = await valuesOf(format(moduleText(moduleOf(texts), { resource: {}, data: {} })));
  const expected = texts.flatMap((text, index) => [
    [`default_${index}`, text],
    [`template_${index}`, text],
    [`joined_${index}`, `${text}|${text}|${text}`],
    [`hole_${index}`, text + text + text],
    [`object_${index}`, { [text || "empty"]: [text, 1, true] }],
  ]);
  expect(fromHcl).toEqual(Object.fromEntries(expected));
  expect(fromJson).toEqual(fromHcl);
}

test("strings known to be nasty", () => check(NASTY));

test("strings made of nasty pieces", async () => {
  const piece = fc.constantFrom(...NASTY, "a", "${", "$", "%", "{", "}", '"', "\\", "\n", "~");
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 300, maxLength: 300 }), check), {
    numRuns: 1,
    endOnFailure: true,
  });
});
