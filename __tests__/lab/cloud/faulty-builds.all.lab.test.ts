/**
 * Builds that meet with faults: of the registry, of the images, of the volume, of other builders. A build that fails promotes nothing, leaves nothing
 * and says why; once the fault is gone the next one succeeds with nobody's help. Every story has a cache of its own, and they go on side by side.
 */
import type { Volume as ApiVolume } from "@aws-sdk/client-ec2";
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { startBuild } from "../../../lab/product/machine-loop";
import type { RegistryFault, RegistryRequest } from "../../../lab/registry/registry-faults";
import { TAG } from "../../../lib/contract";
import { writeSmallImage } from "../registry/small-image";
import { findBytes } from "../volume/look-inside";
import * as labs from "./cache-lab";
import { type CacheLab, MINUTES, REGION } from "./cache-lab";

const PASSWORD = "correct-horse-battery-staple";
const LOGIN = Buffer.from(`robot:${PASSWORD}`).toString("base64");
const CACHES = ["refused", "limited", "stalled", "images", "volumes"];
const config = `
regions: { ${REGION}: {} }
caches:
${CACHES.map((cache) => `  ${cache}: { images: ["registry.lab/${cache}:1"], volume: { size_gib: 4 } }`).join("\n")}
  private:
    images: [ registry.lab/steady:1, private.registry.lab/private:1 ]
    volume: { size_gib: 4 }
    registries: [ { host: private.registry.lab, secret_name: ci/private } ]
`;

type Fault = (request: RegistryRequest) => RegistryFault | undefined;
/** By repository. */
const faults = new Map<string, Fault>();
const basic = { "www-authenticate": 'Basic realm="lab"' };

function decide(request: RegistryRequest): RegistryFault | undefined {
  if (request.host === "private.registry.lab" && request.authorization !== `Basic ${LOGIN}`)
    return { kind: "status", status: 401, headers: basic };
  return faults.get(request.path.split("/")[2] ?? "")?.(request);
}

const isBlob = ({ path }: RegistryRequest) => path.includes("/blobs/");
const isManifest = ({ path }: RegistryRequest) => path.includes("/manifests/");
/** The fault, for the first `times` requests of a kind. */
function first(times: number, kind: (request: RegistryRequest) => boolean, fault: RegistryFault): Fault {
  let left = times;
  return (request) => (kind(request) && left-- > 0 ? fault : undefined);
}

let deployed: Deployed;
const write = (name: string, seed: string) => writeSmallImage(deployed.cloud.registry?.storage ?? "", { name, seed });

/** A build that ends `ready` and is promoted, with this image in it. */
async function succeeds(lab: CacheLab, digest: string, done?: labs.Build): Promise<labs.Build> {
  const built = done ?? (await labs.build(lab));
  expect(built.text).toContain("outcome: ready");
  const newest = (await labs.snapshotsOf(lab)).at(-1);
  await expect(labs.problemsOf(lab, newest?.SnapshotId)).resolves.toEqual([]);
  await labs.rotate(lab);
  await expect(labs.pointerOf(lab)).resolves.toBe(newest?.SnapshotId);
  await expect(labs.promotesImage(lab, digest)).resolves.toBe(true);
  return built;
}

/** A build that fails: nothing is promoted, no snapshot made, and nothing left. */
async function fails(lab: CacheLab, says: RegExp, done?: labs.Build): Promise<void> {
  const pointer = await labs.pointerOf(lab);
  const count = (await labs.snapshotsOf(lab)).length;
  const { id, text, outcome } = done ?? (await labs.build(lab));
  expect(text).toMatch(says);
  expect(outcome).toBe("failed");
  await expect(labs.snapshotsOf(lab)).resolves.toHaveLength(count);
  const instance = await labs.instanceOf(lab, id);
  expect([instance.State?.Name, instance.tags[TAG.outcome]]).toEqual(["terminated", "failed"]);
  expect((await labs.volumeOf(lab)).State).toBe("available");
  await labs.rotate(lab);
  await expect(labs.pointerOf(lab)).resolves.toBe(pointer);
}

const stories: Readonly<Record<string, () => Promise<void>>> = {
  "a registry that hangs up on every pull": async () => {
    const lab = await labs.cacheLab(deployed, "refused");
    await succeeds(lab, await write("refused", "one"));
    const digest = await write("refused", "two");
    // Its digest resolves.
    faults.set("refused", (request) => (isBlob(request) ? { kind: "hang-up" } : undefined));
    await fails(lab, /attempt 5 of 5: registry\.lab\/refused:1: [\s\S]*FAILED: registry\.lab\/refused:1: .*EOF/);
    faults.set("refused", (request) => (isManifest(request) ? { kind: "hang-up" } : undefined));
    await fails(lab, /FAILED: registry\.lab\/refused:1: dockerd: 500: .*EOF/);
    faults.delete("refused");
    await succeeds(lab, digest);
  },

  "a registry that answers 429: for a while it is waited for, for good it fails the build": async () => {
    const lab = await labs.cacheLab(deployed, "limited");
    const digest = await write("limited", "one");
    faults.set("limited", () => ({ kind: "status", status: 429 }));
    await fails(lab, /FAILED: registry\.lab\/limited:1: dockerd: 429: .*the lab answers 429/);
    faults.set("limited", first(2, isManifest, { kind: "status", status: 429 }));
    await succeeds(lab, digest);
  },

  "a registry that stalls in a layer, and one that cuts layers short, once each": async () => {
    const lab = await labs.cacheLab(deployed, "stalled");
    const stalled = await write("stalled", "one");
    // The configuration, which is shorter than that, and three layers.
    faults.set("stalled", first(4, isBlob, { kind: "stall-after", bytes: 100_000 }));
    // An attempt gets a part of that, so that the build gets over it.
    const machine = await labs.startWith(lab, { WATCHDOG_MINUTES: "12" });
    const built = await succeeds(lab, stalled, await labs.ended(lab, machine));
    expect(built.text).toMatch(/attempt 1 of 5: registry\.lab\/stalled:1/);
    const cut = await write("stalled", "two");
    faults.set("stalled", first(4, isBlob, { kind: "truncate", afterBytes: 100_000 }));
    await succeeds(lab, cut);
  },

  "images that do not exist, are optional, or fail their smoke command": async () => {
    const lab = await labs.cacheLab(deployed, "images");
    const digest = await write("images", "one");
    const wanted = "registry.lab/images:1";
    await labs.configureImages(lab, [wanted, "registry.lab/nowhere:1 optional"]);
    const without = await succeeds(lab, digest);
    expect(without.text).toContain("left out, since it is optional: registry.lab/nowhere:1");
    await labs.configureImages(lab, [wanted, "registry.lab/nowhere:1"]);
    await fails(lab, /FAILED: registry\.lab\/nowhere:1: dockerd: 404: /);
    const next = await write("images", "two");
    await labs.configureImages(lab, [`${wanted} smoke=echo it says && exit 3`]);
    await fails(lab, /FAILED: registry\.lab\/images:1: its smoke command failed: exit 3/);
    await labs.configureImages(lab, [`${wanted} smoke=test -d /payload`]);
    await succeeds(lab, next);
  },

  "a second builder, the attachments of dead ones, and a volume that is too small": async () => {
    const lab = await labs.cacheLab(deployed, "volumes");
    await secondBuilder(lab);
    await lingeringAttachment(lab);
    await smallVolume(lab);
  },

  "a login leaves no trace on the volume, in the log or on the console": async () => {
    const lab = await labs.cacheLab(deployed, "private");
    const digest = await write("private", "one");
    const { id, text } = await succeeds(lab, digest);
    const snapshot = deployed.cloud.snapshots.get(await labs.pointerOf(lab));
    if (!snapshot) throw new Error("nothing is promoted");
    // The build's own id proves that what is there would be found.
    const found = await findBytes(deployed.cloud.lab.run, snapshot, [PASSWORD, LOGIN, `"buildId": "${id}"`]);
    expect(found).toEqual([`"buildId": "${id}"`]);
    expect(text).not.toContain(PASSWORD);
  },
};

/** Of two at once, one has the volume; the other leaves it the field and is gone. */
async function secondBuilder(lab: CacheLab): Promise<void> {
  const digest = await write("volumes", "one");
  const now = deployed.clock.now().getTime();
  const start = (later: number) =>
    startBuild(deployed.loop, deployed.cloud, REGION, { cache: lab.cache, scheduledTime: new Date(now + later) });
  const machines = [await start(0), await start(60_000)];
  const built = await Promise.all(machines.map((machine) => labs.ended(lab, machine)));
  expect(built.map(({ outcome }) => outcome).sort()).toEqual(["ready", "yielded"]);
  const [winner] = built.filter(({ outcome }) => outcome === "ready");
  const [other] = built.filter(({ outcome }) => outcome === "yielded");
  expect(other?.text).toContain(`yielded: ${winner?.id} is building`);
  expect((await labs.instanceOf(lab, other?.id ?? "")).State?.Name).toBe("terminated");
  await succeeds(lab, digest, winner);
}

/** After its instance is gone, an attachment may last for a while: it is waited for. */
async function lingeringAttachment(lab: CacheLab): Promise<void> {
  const dead = (await labs.build(lab)).id;
  const digest = await write("volumes", "two");
  const { moto } = deployed.aws.aws;
  const attachment = { VolumeId: lab.volumeId, InstanceId: dead, Device: "/dev/sdf" };
  const call = (action: string) => moto({ service: "ec2", action, region: REGION }, attachment);
  await call("AttachVolume");
  let attempts = 0;
  // Refused once; before the second attempt the volume becomes free.
  const stop = deployed.aws.hooks.on("Request", async ({ action, input }) => {
    if (action === "AttachVolume" && input.VolumeId === lab.volumeId && ++attempts === 2) await call("DetachVolume");
  });
  const built = await labs.build(lab).finally(stop);
  expect(attempts).toBe(2);
  await succeeds(lab, digest, built);
}

/** Images that do not fit: formatted anew and tried once more, then the build fails. */
async function smallVolume(lab: CacheLab): Promise<void> {
  const { aws } = deployed.aws;
  const { AvailabilityZone, tags } = await labs.volumeOf(lab);
  const Tags = Object.entries(tags)
    .filter(([key]) => !key.startsWith("aws:"))
    .map(([Key, Value]) => ({ Key, Value }));
  const small = await aws.call<ApiVolume>(
    { service: "ec2", action: "CreateVolume", region: REGION },
    { AvailabilityZone, Size: 1, VolumeType: "gp3", TagSpecifications: [{ ResourceType: "volume", Tags }] },
  );
  const storage = deployed.cloud.registry?.storage ?? "";
  await writeSmallImage(storage, { name: "volumes", seed: "huge", zeroLayers: 12 });
  const VolumeId = small.VolumeId ?? "";
  const built = await labs.ended(lab, await labs.startWith(lab, { CACHE_VOLUME_ID: VolumeId }));
  expect(built.text).toContain("the volume is full: formatting it anew and pulling once more");
  await fails(lab, /FAILED: registry\.lab\/volumes:1: .*no space left/, built);
  await aws.call({ service: "ec2", action: "DeleteVolume", region: REGION }, { VolumeId });
}

const told = new Map<string, Promise<void>>();

beforeAll(async () => {
  const Secret = { Name: "ci/private", SecretString: JSON.stringify({ username: "robot", password: PASSWORD }) };
  deployed = await deploy({
    config,
    nouns: ["builder", "rotation"],
    faults: decide,
    before: async ({ aws }) => {
      await aws.call({ service: "secretsmanager", action: "CreateSecret", region: REGION }, Secret);
    },
  });
  await write("steady", "steady");
  for (const [name, story] of Object.entries(stories)) {
    const ending = story();
    ending.catch(() => undefined);
    told.set(name, ending);
  }
}, 15 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

test.each(Object.keys(stories))("R11: %s", (name) => told.get(name), 30 * MINUTES);

test("nothing went wrong behind the API", () => {
  expect(deployed.cloud.faults).toEqual([]);
});
