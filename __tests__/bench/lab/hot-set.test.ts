import { hotBlocks } from "../../../bench/lab/hot-set";

test("blocks of the hot set are those above the rest", () => {
  expect(hotBlocks("# engine\n0 4\n90 1\n# image a/b:1\n7 20\n# rest\n4 3\n27 60\n")).toBe(25);
  expect(hotBlocks("0 4\n90 1\n")).toBe(5);
  expect(hotBlocks("")).toBe(0);
});
