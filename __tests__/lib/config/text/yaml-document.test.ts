import { parseYaml } from "../../../../lib/config/text/yaml-document";

const TEXT = `a:
  - x: 1
  - y: "two"
b: {c: 3.10, d: }
`;

test("tells where the value and the key of a path stand", () => {
  const yaml = parseYaml(TEXT);
  const at = (path: (string | number)[], part: "key" | "value") => yaml.position(yaml.offset(path, part));
  expect(at(["a", 1, "y"], "key")).toEqual({ line: 3, column: 5 });
  expect(at(["a", 1, "y"], "value")).toEqual({ line: 3, column: 8 });
  expect(at(["a", 1], "value")).toEqual({ line: 3, column: 5 });
  expect(at(["a", 1], "key")).toEqual({ line: 3, column: 5 });
  expect(at(["b", "c"], "value")).toEqual({ line: 4, column: 8 });
  expect(at(["b", "d"], "value")).toEqual({ line: 4, column: 17 });
  expect(at([], "value")).toEqual({ line: 1, column: 1 });
});

test("tells what is around a path that the text does not have", () => {
  const yaml = parseYaml(TEXT);
  const at = (...path: (string | number)[]) => yaml.position(yaml.offset(path, "value"));
  expect(at("b", "x", "y")).toEqual({ line: 4, column: 1 });
  expect(at("a", 7)).toEqual({ line: 1, column: 1 });
  expect(at("a", "x")).toEqual({ line: 1, column: 1 });
  expect(at("z")).toEqual({ line: 1, column: 1 });
  const empty = parseYaml("");
  expect(empty.offset(["a"], "value")).toBe(0);
  expect(empty.value).toBeNull();
});

test("tells how a scalar is spelled", () => {
  const yaml = parseYaml(TEXT);
  expect(yaml.source(["b", "c"])).toBe("3.10");
  expect(yaml.source(["a", 1, "y"])).toBe("two");
  expect(yaml.source(["b", "d"])).toBe("");
  expect(yaml.source(["a"])).toBeUndefined();
  expect(yaml.source(["b", "zz"])).toBeUndefined();
});

test("reads Windows line ends and a byte order mark", () => {
  const yaml = parseYaml("\uFEFFa: 1\r\nb: [x]\r\n");
  expect(yaml.value).toEqual({ a: 1, b: ["x"] });
  expect(yaml.position(yaml.offset(["b", 0], "value"))).toEqual({ line: 2, column: 5 });
});
