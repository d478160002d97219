import { applyFilters, pageOf } from "../../../../../lab/aws/services/ec2/lists";

const item = (id: string, tags: Record<string, string> = {}) => ({
  id,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});
const ITEMS = [item("a1", { name: "x", role: "builder" }), item("a2", { name: "y" }), item("b.1"), item("b*1")];
const READERS = { id: ({ id }: { id: string }) => id };

const ids = (...filters: { Name: string; Values: string[] }[]) =>
  applyFilters(ITEMS, filters, READERS).map(({ id }) => id);

test("values of a filter are alternatives, filters are all to pass", () => {
  expect(ids()).toEqual(["a1", "a2", "b.1", "b*1"]);
  expect(ids({ Name: "id", Values: ["a1", "a2"] })).toEqual(["a1", "a2"]);
  expect(ids({ Name: "id", Values: ["a1", "a2"] }, { Name: "tag:name", Values: ["y"] })).toEqual(["a2"]);
  expect(ids({ Name: "tag-key", Values: ["role", "name"] }, { Name: "tag-value", Values: ["builder"] })).toEqual([
    "a1",
  ]);
});

test("stars and question marks are wildcards unless escaped; other characters mean themselves", () => {
  expect(ids({ Name: "id", Values: ["a*"] })).toEqual(["a1", "a2"]);
  expect(ids({ Name: "id", Values: ["b?1"] })).toEqual(["b.1", "b*1"]);
  expect(ids({ Name: "id", Values: ["b.1"] })).toEqual(["b.1"]);
  expect(ids({ Name: "id", Values: ["b\\*1"] })).toEqual(["b*1"]);
});

test("a filter that nobody reads is an error", () => {
  expect(() => ids({ Name: "colour", Values: ["red"] })).toThrow("The filter 'colour' is invalid");
});

test("pages follow each other without gap or repetition; bounds are checked", () => {
  const all = Array.from({ length: 12 }, (_unused, n) => n);
  const seen: number[] = [];
  let NextToken: string | undefined;
  do {
    const answer = pageOf(all, { MaxResults: 5, NextToken });
    seen.push(...answer.page);
    NextToken = answer.NextToken;
  } while (NextToken);
  expect(seen).toEqual(all);
  expect(pageOf(all, {}).page).toHaveLength(12);
  expect(() => pageOf(all, { MaxResults: 4 })).toThrow("Expecting a value between 5 and 1000");
  expect(() => pageOf(all, { NextToken: "made up" })).toThrow("nextToken");
});
