import { deepFreeze, sortedRecord } from "../../../../lib/config/resolve/stable";

test("freezes at every depth, and what is frozen already", () => {
  const value = deepFreeze({ list: [{ a: 1 }], none: null, frozen: Object.freeze({}) });
  expect(Object.isFrozen(value.list[0])).toBe(true);
  expect(() => {
    (value.list[0] as { a: number }).a = 2;
  }).toThrow(TypeError);
});

test("sorts keys", () => {
  expect(Object.keys(sortedRecord({ b: "1", a: "2", C: "3" }))).toEqual(["C", "a", "b"]);
});
