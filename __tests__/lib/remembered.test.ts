import { remembered } from "../../lib/remembered";

test("each value is made once, also one that is undefined", () => {
  const make = jest.fn((key: string) => (key === "none" ? undefined : { key }));
  const get = remembered(make);
  expect(get("a")).toEqual({ key: "a" });
  expect(get("a")).toBe(get("a"));
  expect(get("b")).toEqual({ key: "b" });
  expect([get("none"), get("none")]).toEqual([undefined, undefined]);
  expect(make.mock.calls).toEqual([["a"], ["b"], ["none"]]);
});
