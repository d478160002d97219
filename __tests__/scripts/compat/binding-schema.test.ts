import { bindingNames, unknownNames } from "../../../scripts/compat/binding-schema";

const BINDINGS = "node_modules/@cdktf/provider-aws";

describe("bindingNames", () => {
  test("knows attributes, blocks and what is below them", () => {
    const names = bindingNames(BINDINGS, "resource", "aws_launch_template");
    expect(names).toMatchObject({
      image_id: null,
      block_device_mappings: { no_device: null, ebs: { snapshot_id: null } },
    });
    expect(Object.keys(names)).not.toContain("imageId");
    expect(bindingNames(BINDINGS, "data", "aws_subnets")).toMatchObject({ filter: { name: null, values: null } });
  });

  test("refuses a type without bindings", () => {
    expect(() => bindingNames(BINDINGS, "data", "aws_launch_templates_of_mine")).toThrow("no data aws_launch");
  });
});

describe("unknownNames", () => {
  const names = { a: null, block: { b: null, deep: { c: null } } };

  test("finds what is unknown at every depth, in lists and dynamic blocks too", () => {
    const body: Parameters<typeof unknownNames>[0] = {
      "//": {},
      count: 1,
      lifecycle: {},
      a: { any: "thing" },
      x: 1,
      block: [{ b: 1 }, { y: 1, deep: { z: 1 } }],
      dynamic: { block: { for_each: [], content: { w: 1 } }, v: [{ content: {} }] },
    };
    expect(unknownNames(body, names, "t.n")).toEqual([
      "t.n.x",
      "t.n.block.y",
      "t.n.block.deep.z",
      "t.n.block.w",
      "t.n.v",
    ]);
  });

  test("finds nothing where all is known", () => {
    const dynamic = { deep: { for_each: "${var.x}", content: { c: 1 } } };
    expect(unknownNames({ a: 1, block: { b: "${x}", dynamic } }, names, "t.n")).toEqual([]);
  });
});
