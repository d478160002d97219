import { fakePorts } from "../../../lab/fake/aws";
import { HOUR, SETTINGS } from "../../../lab/fake/example-state";
import { awsError, type FakeAws } from "../../../lab/fake/region";
import { build, pointer, region } from "../../../lab/fake/world";
import { createHandler } from "../../../lambda-src/rotation/rotation.lambda";
import { METRIC, ROTATION_SETTINGS_VARIABLE, TAG } from "../../../lib/contract";
import { captureOutput } from "./capture-output";

const output = captureOutput();
const ENVIRONMENT = { [ROTATION_SETTINGS_VARIABLE]: JSON.stringify(SETTINGS) };

function setUp() {
  const fake = region(SETTINGS);
  const id = build(fake, SETTINGS, "a") ?? "";
  fake.now += HOUR;
  return { fake, id, handler: createHandler(() => fakePorts(fake), ENVIRONMENT) };
}
const created = (id: string) => ({
  detail: { event: "createSnapshot", snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${id}` },
});
/** Those of the cache, one line a run. */
const metrics = () =>
  (output.documents() as Record<string, unknown>[]).filter((line) => "_aws" in line && "Name" in line);

test("an event about our snapshot: promotes it, logs, and beats", async () => {
  const { fake, id, handler } = setUp();
  await expect(handler(created(id))).resolves.toEqual({
    skipped: false,
    promoted: id,
    actions: ["write-pointer", "write-template"],
  });
  expect(pointer(fake, SETTINGS)).toBe(id);
  expect(metrics()).toEqual([expect.objectContaining({ [METRIC.run]: 1 })]);
});

test("an event about somebody else's snapshot: one call, and no metric", async () => {
  const { fake, id, handler } = setUp();
  delete fake.snapshots.get(id)?.tags[TAG.name];
  await expect(handler(created(id))).resolves.toEqual({ skipped: true, promoted: null, actions: [] });
  expect([fake.calls.length, metrics()]).toEqual([1, []]);
});

test("a failed action: everything else is done and told, and the invocation fails without a heartbeat", async () => {
  const { fake, id } = setUp();
  const refusing = () =>
    fakePorts(fake, async (name, carry) => {
      if (name === "CreateLaunchTemplateVersionCommand") throw awsError("UnauthorizedOperation", "not allowed");
      return carry();
    });
  await expect(createHandler(refusing, ENVIRONMENT)({})).rejects.toThrow("write-template: not allowed");
  expect(pointer(fake, SETTINGS)).toBe(id);
  const [line] = metrics();
  expect(line).toHaveProperty(METRIC.promotedAgeHours);
  expect(line).not.toHaveProperty(METRIC.run);
});

test("a snapshot that cannot be deleted fails no invocation, and the heart beats", async () => {
  const { fake, id, handler } = setUp();
  await handler({});
  for (const content of ["b", "c", "d", "e"]) {
    build(fake, SETTINGS, content);
    fake.now += HOUR;
    await handler({});
  }
  fake.now += 25 * HOUR;
  fake.holds.add(id);
  await handler({});
  expect(fake.snapshots.get(id)?.tags[TAG.deletionRefused]).toBeDefined();
  expect(metrics().at(-1)).toHaveProperty(METRIC.run, 1);
  expect(output.documents()).toContainEqual(expect.objectContaining({ level: "ERROR", action: "delete-snapshot" }));
});

test("a tag that asks for what EC2 refuses is a metric and a note; the run succeeds, beats and leaves the template as it is", async () => {
  const { fake, id, handler } = setUp();
  Object.assign(fake.templates.get("lt-worker")?.tags ?? {}, { [TAG.mapping]: "type=gp33" });
  await expect(handler({})).resolves.toMatchObject({ promoted: id, actions: ["write-pointer"] });
  expect(pointer(fake, SETTINGS)).toBe(id);
  expect(metrics()).toEqual([expect.objectContaining({ [METRIC.run]: 1, [METRIC.templateProblems]: 1 })]);
  expect(output.documents()).toContainEqual(
    expect.objectContaining({ level: "WARN", message: expect.stringContaining('lt-worker: found "type=gp33"') }),
  );
});

test("settings that cannot be used fail the invocation, not the import", async () => {
  expect(() => createHandler(() => fakePorts(region(SETTINGS) as FakeAws), {})).toThrow(
    /DOCKER_CACHE_SETTINGS is missing/,
  );
  const { handler } = await import("../../../lambda-src/rotation/rotation.lambda");
  await expect(handler({})).rejects.toThrow(/DOCKER_CACHE_SETTINGS is missing/);
});

test.each(["eu-west-1", undefined])(
  "Lambda's handler works on real clients, in the region that Lambda names: %s",
  async (name) => {
    const before = { ...process.env };
    const { AWS_REGION: _region, ...rest } = before;
    const aws = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    process.env = { ...rest, ...ENVIRONMENT, ...aws, ...(name && { AWS_REGION: name }) };
    jest.useFakeTimers();
    try {
      await jest.isolateModulesAsync(async () => {
        const { handler } = await import("../../../lambda-src/rotation/rotation.lambda");
        let outcome: PromiseSettledResult<unknown> | undefined;
        void Promise.allSettled([handler({})]).then(([settled]) => {
          outcome = settled;
        });
        // Retries wait by the clock that is advanced here, connections take their own time: on a busy machine, longer than any number of turns.
        while (!outcome) await jest.advanceTimersByTimeAsync(1_000);
        expect(outcome.status).toBe("rejected");
        const { reason } = outcome as PromiseRejectedResult;
        expect(() => {
          throw reason;
        }).toThrow(name ? /ECONNREFUSED|connect/ : /region/i);
      });
    } finally {
      jest.useRealTimers();
      process.env = before;
    }
  },
  60_000,
);
