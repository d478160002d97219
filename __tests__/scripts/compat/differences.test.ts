import { differences } from "../../../scripts/compat/differences";

test("equal programs do not differ", () => {
  expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
});

test("every leaf that differs, wherever it is missing", () => {
  expect(differences({ a: [1, 2], b: { c: 1 } }, { a: [1], b: { c: 2 }, d: 3 })).toEqual([
    { path: ".a.1", before: 2, after: undefined, isVersion: false },
    { path: ".b.c", before: 1, after: 2, isVersion: false },
    { path: ".d", before: undefined, after: 3, isVersion: false },
  ]);
});

test("versions of cdktf and of providers are told apart from all else", () => {
  const program = (version: string) => ({
    stack: {
      "//": { metadata: { version } },
      terraform: { required_providers: { aws: { source: "hashicorp/aws", version } } },
      resource: { aws_x: { y: { version } } },
    },
  });
  const found = differences(program("1"), program("2"));
  expect(found.map(({ path, isVersion }) => [path, isVersion])).toEqual([
    [".stack.//.metadata.version", true],
    [".stack.terraform.required_providers.aws.version", true],
    [".stack.resource.aws_x.y.version", false],
  ]);
});
