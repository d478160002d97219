import type { JsonObject } from "../../../scripts/emit/hcl/expression";
import { blockNames, reduceSchemas } from "../../../scripts/emit/reduce-schema";

const deep = { block_types: { b: { block: {} }, a: { block: { block_types: { c: { block: {} } } } } } };

test("blockNames keeps the names of blocks alone, sorted", () => {
  expect(JSON.stringify(blockNames(deep))).toBe('{"a":{"c":{}},"b":{}}');
});

test("blockNames marks the attributes that are taken as blocks too", () => {
  const attributes = {
    egress: { type: ["set", ["object", {}]] },
    tags: { type: ["map", "string"] },
    ids: { type: ["list", "string"] },
    nested: {},
  };
  expect(blockNames({ attributes, block_types: { a: { block: {} } } })).toEqual({ a: {}, egress: "attribute" });
});

describe("reduceSchemas", () => {
  const schemas = {
    provider_schemas: {
      "registry.terraform.io/hashicorp/archive": { data_source_schemas: { archive_file: { block: {} } } },
      "registry.terraform.io/hashicorp/aws": {
        resource_schemas: { aws_b: { block: {} }, aws_a: { block: deep }, aws_unused: { block: deep } },
      },
    },
  };

  test("takes the types in use from whichever provider has them", () => {
    const modules: JsonObject[] = [
      { resource: { aws_b: {} } },
      { resource: { aws_a: {} }, data: { archive_file: {} } },
    ];
    expect(JSON.stringify(reduceSchemas(schemas, modules))).toBe(
      '{"resource":{"aws_a":{"a":{"c":{}},"b":{}},"aws_b":{}},"data":{"archive_file":{}}}',
    );
  });

  test("refuses a type that no provider has", () => {
    expect(() => reduceSchemas(schemas, [{ data: { aws_a: {} } }])).toThrow("no provider has data aws_a");
  });
});
