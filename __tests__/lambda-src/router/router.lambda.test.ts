import { awsError } from "../../../lab/fake/region";
import { handler as entryPoint } from "../../../lambda-src/router/router.lambda";
import { ARCHITECTURES, HINT_ALIAS, resourceNames, TAG } from "../../../lib/contract";
import { captureOutput } from "../rotation/capture-output";
import { addSnapshot, batchOf, fakeRouter } from "./fake-router";

const output = captureOutput();
const MINUTE = 60_000;
const CELLS = Array.from({ length: 20 }, (_, index) => `cache${index}`).flatMap((name) =>
  ARCHITECTURES.map((architecture) => ({ name, architecture })),
);
const functionOf = ({ name, architecture }: { name: string; architecture: string }) =>
  resourceNames(name, architecture, "eu-west-1").rotation;
const tagsOf = (name: string, architecture = "x86_64") => ({ [TAG.name]: name, [TAG.architecture]: architecture });
const region = () => fakeRouter(CELLS.map(functionOf));

test("10,000 foreign snapshots in a minute cost a region of 40 cells 100 calls, and one of ours in their midst wakes its own function alone", async () => {
  const { fake, hints, handler } = region();
  expect(CELLS).toHaveLength(40);
  const ids = Array.from({ length: 10_000 }, () => addSnapshot(fake));
  const ours = addSnapshot(fake, tagsOf("cache7", "arm64"));
  ids[4321] = ours;
  for (let from = 0; from < ids.length; from += 100) {
    await handler(batchOf(ids.slice(from, from + 100)));
    fake.now += MINUTE / 100;
  }
  expect(fake.calls).toEqual(Array(100).fill("DescribeSnapshotsCommand"));
  expect(hints.map(({ functionName }) => functionName)).toEqual(["docker-cache-cache7-arm64-rotation"]);
  expect(hints[0]?.input).toEqual({
    FunctionName: "docker-cache-cache7-arm64-rotation",
    Qualifier: HINT_ALIAS,
    InvocationType: "Event",
    Payload: JSON.stringify({ hint: [ours] }),
  });
});

test("a function gets one hint a minute, with all that a batch has for it", async () => {
  const { fake, hints, handler } = region();
  const add = () => addSnapshot(fake, tagsOf("cache0"));
  const both = [add(), add()];
  const other = addSnapshot(fake, tagsOf("cache1"));
  await expect(handler(batchOf([...both, other, ...both]))).resolves.toEqual({
    snapshots: 3,
    hinted: ["docker-cache-cache0-x86_64-rotation", "docker-cache-cache1-x86_64-rotation"],
  });
  expect(hints[0]?.input.Payload).toBe(JSON.stringify({ hint: both }));
  fake.now += MINUTE - 1;
  await expect(handler(batchOf([add()]))).resolves.toEqual({ snapshots: 1, hinted: [] });
  fake.now += 1;
  await expect(handler(batchOf([add()]))).resolves.toMatchObject({ hinted: ["docker-cache-cache0-x86_64-rotation"] });
});

test("two environments, the most that the queue starts, give two a minute at most", async () => {
  const { fake, hints, handler, anotherEnvironment } = region();
  const environments = [handler, anotherEnvironment()];
  for (let second = 0; second < 60; second++) {
    await environments[second % 2]?.(batchOf([addSnapshot(fake, tagsOf("cache0"))]));
    fake.now += 1000;
  }
  expect(hints).toHaveLength(2);
});

test("more snapshots than a filter takes are asked for in portions", async () => {
  const { fake, hints, handler } = region();
  const ids = Array.from({ length: 401 }, () => addSnapshot(fake, tagsOf("cache0")));
  await handler(batchOf(ids));
  expect(fake.calls).toHaveLength(3);
  expect(hints).toHaveLength(1);
});

test("a snapshot that is gone, or not to be seen yet, fails no batch", async () => {
  const { fake, handler } = region();
  const unseen = addSnapshot(fake, tagsOf("cache0"));
  Object.assign(fake.snapshots.get(unseen) ?? {}, { visibleAt: fake.now + MINUTE });
  const seen = addSnapshot(fake, tagsOf("cache1"));
  await expect(handler(batchOf(["snap-0dead", unseen, seen]))).resolves.toMatchObject({
    hinted: ["docker-cache-cache1-x86_64-rotation"],
  });
});

test.each<[string, Record<string, string>]>([
  ["a cache that is nowhere", tagsOf("nowhere")],
  ["an architecture that there is not", tagsOf("cache0", "riscv64")],
  ["no architecture", { [TAG.name]: "cache0" }],
  ["a name that no function can have", tagsOf("cache0-x86_64-rotation:hint #")],
  ["a name that is too long", tagsOf("c".repeat(60))],
])("tags of %s wake nobody and fail nothing", async (_, tags) => {
  const { fake, hints, handler } = region();
  await expect(handler(batchOf([addSnapshot(fake, tags)]))).resolves.toEqual({ snapshots: 1, hinted: [] });
  expect(hints).toEqual([]);
});

test("a hint that fails brings the batch back, after the others were told; the one that failed is not taken for hinted", async () => {
  const { fake, hints, faults, handler } = region();
  const batch = batchOf([addSnapshot(fake, tagsOf("cache0")), addSnapshot(fake, tagsOf("cache1"))]);
  faults.set("docker-cache-cache0-x86_64-rotation", awsError("TooManyRequestsException", "Rate exceeded"));
  await expect(handler(batch)).rejects.toThrow("Rate exceeded");
  expect(hints.map(({ functionName }) => functionName)).toEqual(["docker-cache-cache1-x86_64-rotation"]);
  await expect(handler(batch)).resolves.toMatchObject({ hinted: ["docker-cache-cache0-x86_64-rotation"] });
});

test.each([
  ["nothing", undefined],
  ["records that are none", { Records: [null, { body: "no JSON" }, { body: "{}" }] }],
])("%s asks nothing", async (_, batch) => {
  const { fake, handler } = region();
  await expect(handler(batch)).resolves.toEqual({ snapshots: 0, hinted: [] });
  expect(fake.calls).toEqual([]);
});

test("the entry point needs no settings, and logs what it did", async () => {
  process.env.AWS_REGION = "eu-west-1";
  await expect(entryPoint({ Records: [] })).resolves.toEqual({ snapshots: 0, hinted: [] });
  await expect(entryPoint({ Records: [] })).resolves.toEqual({ snapshots: 0, hinted: [] });
  expect(output.documents()).toEqual(
    Array(2).fill(expect.objectContaining({ message: "routed", service: "router", snapshots: 0, hinted: [] })),
  );
});
