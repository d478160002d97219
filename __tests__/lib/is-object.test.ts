import { isObject } from "../../lib/is-object";

test.each([
  [{}, true],
  [{ key: 1 }, true],
  [[], false],
  [null, false],
  [undefined, false],
  ["text", false],
])("%j: %s", (value, expected) => {
  expect(isObject(value)).toBe(expected);
});
