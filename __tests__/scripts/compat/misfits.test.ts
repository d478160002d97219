import type { Argument, Arguments, Schema } from "../../../scripts/compat/binding-schema";
import { bodyMisfits, misfits, readsIn } from "../../../scripts/compat/misfits";

const value = (type = "string", required = false): Argument => ({ type, required, below: null });
const block = (below: Arguments, required = false): Argument => ({ type: "blocks", required, below });
const SCHEMA: Arguments = {
  a: value(),
  must: value("number", true),
  block: block({ b: value(), deep: block({ c: value("string", true) }) }),
};
const of = (body: Parameters<typeof bodyMisfits>[0], tried: Arguments = SCHEMA) =>
  bodyMisfits(body, SCHEMA, tried, "t.n");

describe("bodyMisfits", () => {
  test("nothing where all fits", () => {
    const dynamic = { deep: { for_each: "${var.x}", content: { c: "${deep.value}" } } };
    expect(of({ "//": {}, count: 1, lifecycle: {}, a: "x", must: 1, block: [{ b: "${x}", dynamic }] })).toEqual([]);
  });

  test("what is unknown at every depth, in lists and dynamic blocks too", () => {
    const body: Parameters<typeof bodyMisfits>[0] = {
      must: 1,
      x: 1,
      block: [{ b: "1" }, { y: 1, deep: { c: "", z: 1 } }],
      dynamic: { block: { for_each: [], content: { w: 1 } }, v: [{ content: {} }] },
    };
    const unknown = ["x", "block.y", "block.deep.z", "v", "block.w"].map((path) => `t.n.${path} is not known`);
    expect(of(body).sort()).toEqual(unknown.sort());
  });

  test("what is missing, in blocks that are given too", () => {
    expect(of({ block: { deep: {} } })).toEqual(["t.n.must is missing", "t.n.block.deep.c is missing"]);
    expect(of({ must: null })).toEqual(["t.n.must is missing"]);
  });

  test("what has another shape", () => {
    expect(of({ must: [1], a: { b: 1 }, block: "x" })).toEqual([
      "t.n.must is number, given a list",
      "t.n.a is string, given an object",
      't.n.block is blocks, given "x"',
    ]);
    expect(of({ must: "${length(var.x)}", block: "${var.blocks}" })).toEqual([]);
  });

  test("what is used and is another thing than in the version that took it", () => {
    const tried = { ...SCHEMA, a: value("number"), unused: value(), block: block({ b: value("boolean") }) };
    expect(of({ must: 1, a: "x", block: { b: "y" } }, tried)).toEqual([
      "t.n.a is string, and was number",
      "t.n.block.b is string, and was boolean",
    ]);
  });
});

describe("misfits", () => {
  const module = {
    resource: { aws_x: { y: { a: "${data.aws_z.one[0].arn}", must: 1 } }, terraform_data: { t: { anything: 1 } } },
    data: { aws_z: { one: { must: 1 } } },
    output: { id: { value: "${[for item in data.aws_z.one : item.gone]}" } },
  };
  const schema = (attributes: Schema["attributes"]) => () => ({ arguments: SCHEMA, attributes });

  test("what is read and cannot be, or is another thing", () => {
    const tried = schema({ arn: "String", gone: "String" });
    expect(misfits(module, schema({ arn: "String", gone: "String" }), tried)).toEqual([]);
    expect(misfits(module, schema({ arn: "List" }), tried)).toEqual([
      "aws_z: arn is read as List, and was as String",
      "aws_z: gone cannot be read",
    ]);
  });

  test("arguments of resources and of data sources", () => {
    const bare = { resource: { aws_x: { y: {} } }, data: { aws_z: { one: {} } } };
    expect(misfits(bare, schema({}), schema({}))).toEqual(["aws_x.y.must is missing", "aws_z.one.must is missing"]);
  });
});

test.each([
  ["${aws_x.y.arn}", [["resource", "aws_x", "arn"]]],
  [
    "a ${one(aws_x.y[*].id)} b ${data.aws_z.w[each.key].name}",
    [
      ["resource", "aws_x", "id"],
      ["data", "aws_z", "name"],
    ],
  ],
  [
    "${[for s in data.aws_z.w : s.zone if s.id != null]}",
    [
      ["data", "aws_z", "zone"],
      ["data", "aws_z", "id"],
    ],
  ],
  ["${var.aws_x.y.z} ${module.aws_x.y.z}", []],
])("readsIn %s", (text, expected) => {
  expect(readsIn(text).map((read) => JSON.parse(read))).toEqual(expected);
});
