import { bounds, byOwner, complaints, type Failure, unscanned } from "../../../../scripts/gate/checkov/complaints";

const failure = (check_id: string, noun = "worker"): Failure => ({
  check_id,
  check_name: "Ensure it",
  resource: "aws_x.y",
  file_path: `/stacks/docker-cache-${noun}-eu-west-1/cdk.tf.json`,
});
const allowance = {
  whose: "the caches' stacks",
  file: "exceptions.ts",
  most: 1,
  exceptions: [
    { id: "A", reason: "because" },
    { id: "K", reason: "because", unless: "a customer key" },
  ],
};

test("what is allowed and fails is no complaint", () => {
  expect(complaints([failure("A"), failure("K"), failure("A")], false, allowance)).toEqual([]);
  expect(complaints([failure("A")], true, allowance)).toEqual([]);
});

test("what is not allowed is named with its place", () => {
  expect(complaints([failure("A"), failure("K"), failure("X")], false, allowance)).toEqual([
    "X Ensure it: aws_x.y (/stacks/docker-cache-worker-eu-west-1/cdk.tf.json)",
  ]);
  expect(complaints([failure("A"), failure("K")], true, allowance)).toHaveLength(1);
});

test("what nothing fails any more is to be removed", () => {
  expect(complaints([failure("A")], false, allowance)).toEqual([
    "K stands in exceptions.ts but nothing fails it any more: remove it",
  ]);
});

test("a list is bounded, but for what a customer key mends", () => {
  expect(bounds(allowance)).toEqual([]);
  expect(bounds({ ...allowance, most: 0 })).toEqual(["1 exceptions of the caches' stacks: at most 0 are wanted"]);
});

test("companions have their own", () => {
  const found = [failure("A"), failure("B", "layer-cache"), failure("C", "codebuild")];
  expect(byOwner(found, ["layer-cache", "codebuild"])).toEqual({
    companions: found.slice(1),
    caches: found.slice(0, 1),
  });
  expect(byOwner(found, [])).toEqual({ companions: [], caches: found });
});

test("a noun of which nothing was scanned is named", () => {
  const files = ["worker", "layer-cache"].map((noun) => failure("A", noun).file_path);
  expect(unscanned(files, ["worker", "layer-cache"])).toEqual([]);
  // Neither is part of the other's name alone.
  expect(unscanned(files, ["layer", "cache"])).toEqual([
    "layer: no stack of it was scanned; a companion's `example` has to give it one",
    "cache: no stack of it was scanned; a companion's `example` has to give it one",
  ]);
});
