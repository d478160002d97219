import { moduleText } from "../../../scripts/emit/module-text";
import { ModuleStack } from "../../../stacks/faces/module-stack";
import { currentOf } from "../../../stacks/parts/current";
import {
  Construct,
  TerraformDataSource,
  TerraformHclModule,
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
} from "../../../stacks/terraform/cdktf";
import { comment } from "../../../stacks/terraform/comment";
import { inFile } from "../../../stacks/terraform/in-file";
import { oncePerStack } from "../../../stacks/terraform/once-per-stack";
import { resource, SAMPLE_BLOCKS, sampleModule } from "./sample-module";

const NO_BLOCKS = { resource: { aws_x: {}, aws_y: {} }, data: {} };

test("resources stand in the order and the groups of their constructs, whatever their type", () => {
  const stack = new ModuleStack("order");
  const module = new Construct(stack, "module");
  const group = new Construct(module, "group");
  resource(module, "last", "aws_x", {});
  resource(group, "b", "aws_x", {});
  resource(group, "a", "aws_y", {});
  resource(stack, "behind", "aws_y", {});
  const main = moduleText(stack, NO_BLOCKS)["main.tf"] as string;
  expect(main.match(/"\w+" \{/g)).toEqual(['"group_b" {', '"group_a" {', '"last" {', '"behind" {']);
});

test("what is looked up once for all comes first", () => {
  const stack = new ModuleStack("once");
  const module = new Construct(stack, "module");
  resource(module, "a", "aws_x", {});
  const region = currentOf(module).region;
  resource(module, "b", "aws_x", {}).addOverride("where", region);
  const main = moduleText(stack, { ...NO_BLOCKS, data: { aws_region: {} } })["main.tf"] as string;
  expect(main.split("\n\n").map((block) => block.split("\n")[0])).toEqual([
    'data "aws_region" "current" {}',
    "locals {",
    'resource "aws_x" "a" {}',
    'resource "aws_x" "b" {',
  ]);
  expect(main).toContain("where = local.region\n");
});

test("where it is, and who asks, is looked up before what is there", () => {
  const stack = new ModuleStack("place");
  const module = new Construct(stack, "module");
  oncePerStack(
    module,
    "subnets",
    (at, id) => new TerraformDataSource(at, id, { terraformResourceType: "aws_subnets" }),
  );
  const { partition, region } = currentOf(module);
  resource(module, "a", "aws_x", {}).addOverride("where", `${partition}-${region}`);
  const data = { aws_region: {}, aws_partition: {}, aws_subnets: {} };
  const main = moduleText(stack, { ...NO_BLOCKS, data })["main.tf"] as string;
  expect(main.match(/^data "\w+"/gm)).toEqual(['data "aws_region"', 'data "aws_partition"', 'data "aws_subnets"']);
});

test("local values stand where they were declared, neighbours together, with their comments", () => {
  const stack = new ModuleStack("locals");
  const module = new Construct(stack, "module");
  new TerraformLocal(module, "a", 1);
  comment(new TerraformLocal(module, "b", "${var.x}"), "Why b.");
  new TerraformLocal(module, "c", { d: 1, e: 2 });
  resource(module, "between", "aws_x", {});
  new TerraformLocal(module, "f", "x");
  new TerraformLocal(module, "g", "y");
  const expected = `locals {
  a = 1

  # Why b.
  b = var.x

  c = {
    d = 1
    e = 2
  }
}

resource "aws_x" "between" {}

locals {
  f = "x"
  g = "y"
}
`;
  expect(moduleText(stack, NO_BLOCKS)["main.tf"]).toBe(expected);
});

describe("files", () => {
  /** First lines of the blocks in each file. */
  function blocksByFile(stack: ModuleStack, data = {}): Readonly<Record<string, string[]>> {
    const {
      "variables.tf": _,
      "outputs.tf": __,
      "versions.tf": ___,
      ...files
    } = moduleText(stack, {
      ...NO_BLOCKS,
      data,
    });
    const heads = (text: string) => [...text.matchAll(/^\S.* \{/gm)].map(([head]) => head.replace(/ ?"aws_\w"/, ""));
    return Object.fromEntries(Object.entries(files).map(([file, text]) => [file, heads(text)]));
  }

  test("each concern has one, in the order of declaration, and main.tf has the rest", () => {
    const stack = new ModuleStack("files");
    const module = new Construct(stack, "module");
    inFile(module, "volume", () => {
      resource(module, "a", "aws_x", {});
      inFile(module, "iam", () => resource(module, "b", "aws_x", {}));
      resource(new Construct(module, "group"), "c", "aws_x", {});
    });
    resource(module, "d", "aws_x", {});
    inFile(module, "iam", () => resource(module, "e", "aws_x", {}));
    stack.addOverride("moved", [{ from: "aws_x.old", to: "aws_x.a" }]);
    expect(blocksByFile(stack)).toEqual({
      "main.tf": ['resource "d" {', "moved {"],
      "volume.tf": ['resource "a" {', 'resource "group_c" {'],
      "iam.tf": ['resource "b" {', 'resource "e" {'],
    });
  });

  test("what is looked up once for all stays in main.tf, whoever asks first", () => {
    const stack = new ModuleStack("once");
    inFile(stack, "volume", () => resource(stack, "a", "aws_x", {}).addOverride("where", currentOf(stack).region));
    expect(blocksByFile(stack, { aws_region: {} })).toEqual({
      "main.tf": ['data "aws_region" "current" {', "locals {"],
      "volume.tf": ['resource "a" {'],
    });
  });

  test("local values are neighbours if nothing stands between them in their file", () => {
    const stack = new ModuleStack("locals");
    new TerraformLocal(stack, "a", 1);
    inFile(stack, "volume", () => new TerraformLocal(stack, "b", 2));
    new TerraformLocal(stack, "c", 3);
    expect(blocksByFile(stack)).toEqual({ "main.tf": ["locals {"], "volume.tf": ["locals {"] });
    expect(moduleText(stack, NO_BLOCKS)["main.tf"]).toBe("locals {\n  a = 1\n  c = 3\n}\n");
  });

  test.each(["variables", "outputs", "versions"])("%s.tf has the interface alone", (name) => {
    const stack = new ModuleStack("x");
    inFile(stack, name, () => resource(stack, "a", "aws_x", {}));
    expect(() => moduleText(stack, NO_BLOCKS)).toThrow(`x/a: ${name}.tf has no resources`);
  });
});

test("the same module prints the same bytes", () => {
  expect(moduleText(sampleModule(), SAMPLE_BLOCKS)).toEqual(moduleText(sampleModule(), SAMPLE_BLOCKS));
});

test("nothing of the program that made it", () => {
  const all = Object.values(moduleText(sampleModule(), SAMPLE_BLOCKS)).join("");
  expect(all).not.toMatch(/cdktf|metadata|uniqueId|TfToken|backend|provider "/i);
});

test("variables keep a default that is null, empty or odd", () => {
  const stack = new ModuleStack("defaults");
  const cases = { a: null, b: "", c: false, d: 0, e: [], f: { "x-y.z": { aB: 1 } } };
  for (const [name, value] of Object.entries(cases)) {
    stack.variable(name, { type: "any", description: "x", default: value as never });
  }
  const text = moduleText(stack, NO_BLOCKS)["variables.tf"] as string;
  const printed = [...text.matchAll(/default = (.*)/g)].map((match) => match[1]);
  expect(printed).toEqual(["null", '""', "false", "0", "[]", '{ "x-y.z" = { aB = 1 } }']);
});

test("flags of variables and outputs", () => {
  const stack = new ModuleStack("flags");
  stack.variable("a", { type: "string", description: "x", nullable: false, sensitive: true });
  stack.output("b", "x", "y").addOverride("sensitive", true);
  const files = moduleText(stack, NO_BLOCKS);
  expect(files["variables.tf"]).toContain("nullable = false\n  sensitive = true");
  expect(files["outputs.tf"]).toContain("sensitive = true");
});

test("calls of modules stand among the resources, source and count first", () => {
  const stack = new ModuleStack("calls");
  resource(stack, "before", "aws_x", {});
  const called = new TerraformHclModule(stack, "called.module", {
    source: "../called",
    skipAssetCreationFromLocalModules: true,
  });
  comment(called, "Why.");
  for (const [name, value] of Object.entries({ tags: {}, count: 2, images: ["a"], name: "b" }))
    called.addOverride(name, value);
  resource(stack, "behind", "aws_y", {});
  expect((moduleText(stack, NO_BLOCKS)["main.tf"] as string).split("\n\n").slice(1, -1).join("\n\n")).toBe(
    '# Why.\nmodule "called" {\n  source = "../called"\n  count = 2\n\n  name = "b"\n  images = ["a"]\n\n  tags = {}\n}',
  );
});

describe("refuses", () => {
  test("a resource type without block names", () => {
    const stack = new ModuleStack("x");
    resource(stack, "a", "aws_unknown", {});
    expect(() => moduleText(stack, NO_BLOCKS)).toThrow(
      "no block names for resource aws_unknown: run `npm run emit:schema`",
    );
  });

  test.each(["provider", "import", "check", "ephemeral", "removed"])("%s at the top level", (key) => {
    const stack = new ModuleStack("x");
    stack.addOverride(key, {});
    expect(() => moduleText(stack, NO_BLOCKS)).toThrow(`x: not supported in a module: ${key}`);
  });

  test("what it does not know in variables, outputs, terraform and providers", () => {
    const variable = new ModuleStack("x");
    variable.variable("a", { type: "string", description: "x" }).addOverride("ephemeral", true);
    expect(() => moduleText(variable, NO_BLOCKS)).toThrow("variable a: not supported: ephemeral");
    const output = new ModuleStack("x");
    output.output("a", "x", "y").addOverride("depends_on", []);
    expect(() => moduleText(output, NO_BLOCKS)).toThrow("output a: not supported: depends_on");
    const valueless = new ModuleStack("x");
    new TerraformOutput(valueless, "a", { value: undefined });
    expect(() => moduleText(valueless, NO_BLOCKS)).toThrow("output a: no value");
    const backend = new ModuleStack("x");
    backend.addOverride("terraform.backend.local", {});
    expect(() => moduleText(backend, NO_BLOCKS)).toThrow("terraform: not supported: backend");
    const aliases = new ModuleStack("x");
    aliases.addOverride("terraform.required_providers.aws.configuration_aliases", ["aws.b"]);
    expect(() => moduleText(aliases, NO_BLOCKS)).toThrow("provider aws: not supported: configuration_aliases");
  });
});

describe("names of a module", () => {
  test("two resources of one name are an error, of two types are not", () => {
    const stack = new ModuleStack("x");
    resource(stack, "a.role", "aws_x", {}).fqn.toString();
    resource(stack, "a.policy", "aws_y", {}).fqn.toString();
    expect(() => resource(stack, "a.other", "aws_x", {}).fqn.toString()).toThrow("aws_x.a would name both");
  });

  test("names are snake case", () => {
    const stack = new ModuleStack("x");
    expect(() => resource(stack, "aB", "aws_x", {}).friendlyUniqueId).toThrow("expected lower-case words");
    expect(resource(stack, "a-b", "aws_x", {}).friendlyUniqueId).toBe("a_b");
  });

  test("a stack that is no module prints too, if it has no provider", () => {
    expect(TerraformStack.isStack(new ModuleStack("x"))).toBe(true);
  });
});
