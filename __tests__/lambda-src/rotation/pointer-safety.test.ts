/**
 * R9 over random lives of a cache in two regions. Builds succeed or fail, DLM has its nights, and foreign snapshots appear. People delete, roll back,
 * promote and unpin. The volume gets new generations, and the configured store changes. After every run, consumers see a snapshot that exists, is
 * complete, and was made by a good build of this very cache.
 */
import fc from "fast-check";
import { fakePorts } from "../../../lab/fake/aws";
import { COPYING, DAY, HOUR, SETTINGS } from "../../../lab/fake/example-state";
import { type FakeAws, newId } from "../../../lab/fake/region";
import {
  applyBuilderStack,
  build,
  expire,
  MINUTE,
  pointer,
  region,
  replicate,
  run,
  templateSnapshot,
} from "../../../lab/fake/world";
import { applyActions } from "../../../lambda-src/rotation/apply/apply";
import type { Answer } from "../../../lambda-src/rotation/asked/answer";
import { planPromote, planUnpin } from "../../../lambda-src/rotation/asked/pin";
import { readState } from "../../../lambda-src/rotation/read/read";
import type { State } from "../../../lambda-src/rotation/types";
import { DLM_TAG, type RotationSettings, TAG } from "../../../lib/contract";
import { planOneRollback } from "./example-life";

/** Lives for R9; a tenth of FC_RUNS, for each has up to forty steps. */
const LIVES = Math.ceil(Number(process.env.FC_RUNS ?? 10_000) / 20);

interface Life {
  readonly source: FakeAws;
  readonly target: FakeAws;
  /** Snapshots of good builds, and copies of them, with the store that wrote them. */
  readonly good: Map<string, string>;
  /** Contents rolled back from, by region. */
  readonly rejected: Map<FakeAws, Set<string>>;
  /** Regions where somebody rolled back to nothing. */
  readonly asked: Set<FakeAws>;
  store: "overlay2" | "containerd";
}

const settingsOf = (life: Life, fake: FakeAws): RotationSettings => ({
  ...(fake === life.source ? SETTINGS : COPYING),
  store: life.store,
});
const regions = (life: Life) => [life.source, life.target];

function pass(life: Life, milliseconds: number): void {
  for (const fake of regions(life)) {
    fake.now += milliseconds;
    expire(fake);
  }
}

/** A snapshot that bears our tags and is not ours: of another volume, or with a good build's every tag. */
function forge(fake: FakeAws, life: Life): void {
  const id = newId(fake, "snap");
  const model = [...fake.snapshots.values()].at(-1);
  const tags = {
    ...(model?.tags ?? { [TAG.name]: "ci", [TAG.architecture]: "x86_64", [TAG.state]: "ready", [TAG.content]: "evil" }),
  };
  for (const key of Object.values(DLM_TAG)) delete tags[key];
  const store = `${life.store}/26`;
  fake.snapshots.set(id, {
    id,
    volumeId: "vol-0bad",
    sizeGib: 1,
    startTime: fake.now,
    completesAt: fake.now,
    failed: false,
    archived: false,
    visibleAt: 0,
    tags: { ...tags, [TAG.state]: "ready", [TAG.content]: "evil", [TAG.store]: store },
  });
}

async function ask(
  life: Life,
  fake: FakeAws,
  plan: (state: State, settings: RotationSettings) => Answer,
): Promise<Answer> {
  const settings = settingsOf(life, fake);
  const ports = fakePorts(fake);
  const answer = plan(await readState(ports, settings, { asked: true }), settings);
  if (answer.refused === null) await applyActions(answer.actions, ports, settings);
  return answer;
}

async function rollBack(life: Life, fake: FakeAws, toNone: boolean): Promise<void> {
  const before = pointer(fake, SETTINGS) ?? "";
  const content = fake.snapshots.get(before)?.tags[TAG.content];
  const answer = await ask(life, fake, (state, settings) => planOneRollback(state, settings, toNone));
  // One that stands is not repeated: what it went to is served on.
  if (answer.refused !== null || answer.target === before) return;
  if (content) life.rejected.get(fake)?.add(content);
  if (answer.target === "none") life.asked.add(fake);
}

async function promoteOne(life: Life, fake: FakeAws, index: number): Promise<void> {
  const ids = [...fake.snapshots.keys()];
  const id = ids[index % Math.max(1, ids.length)] ?? "snap-0";
  const answer = await ask(life, fake, (state, settings) => planPromote(state, settings, { snapshotId: id }));
  const content = fake.snapshots.get(id)?.tags[TAG.content];
  if (answer.refused === null && content) life.rejected.get(fake)?.delete(content);
}

function night(life: Life): void {
  const volumeState = [...life.source.volumes.values()].at(-1)?.tags;
  const copies = replicate(life.source, [life.target], SETTINGS, 6);
  // A snapshot that was rolled back from is complete too: a person may promote it again.
  if (["ready", "rejected"].includes(volumeState?.[TAG.state] ?? ""))
    for (const id of copies) life.good.set(id, volumeState?.[TAG.store] ?? "");
}

function buildOne(life: Life, content: string, outcome: "ready" | "checked" | "failed" | "none"): void {
  const before = life.source.now;
  const id = build(life.source, SETTINGS, content, { outcome, store: `${life.store}/26` });
  if (id) life.good.set(id, `${life.store}/26`);
  life.target.now += life.source.now - before;
}

const STEPS: readonly ((life: Life, fake: FakeAws, seed: number) => unknown)[] = [
  (life, _fake, seed) => buildOne(life, `content-${seed % 5}`, "ready"),
  (life, _fake, seed) => buildOne(life, `content-${seed % 5}`, "ready"),
  (life, _fake, seed) => buildOne(life, "", (["checked", "failed", "none"] as const)[seed % 3] ?? "none"),
  (life) => night(life),
  (life) => night(life),
  (life, _fake, seed) => pass(life, (seed % 30) * HOUR),
  (life, fake) => forge(fake, life),
  (life, fake) =>
    life.good.delete(pointer(fake, SETTINGS) ?? "") && fake.snapshots.delete(pointer(fake, SETTINGS) ?? ""),
  (life, fake, seed) => rollBack(life, fake, seed % 3 === 0),
  (life, fake, seed) => promoteOne(life, fake, seed),
  (life, fake) => ask(life, fake, (state, settings) => planUnpin(state, settings)),
  (life) => applyBuilderStack(life.source, SETTINGS),
  (life, _fake, seed) => {
    if (seed % 4 === 0) life.store = life.store === "overlay2" ? "containerd" : "overlay2";
  },
];

/** Checks what consumers see in a region, right after a run there. */
function expectSafe(life: Life, fake: FakeAws): void {
  const seen = pointer(fake, SETTINGS) ?? "";
  const templates = [templateSnapshot(fake), templateSnapshot(fake, "default")];
  const named = seen === "none" ? undefined : seen;
  if (templates.some((one) => one !== named)) throw new Error(`templates name ${templates}, the pointer ${seen}`);
  if (named === undefined) return;
  const snapshot = fake.snapshots.get(named);
  if (!snapshot) throw new Error(`${named} does not exist`);
  if (snapshot.completesAt > fake.now || snapshot.failed) throw new Error(`${named} is not complete`);
  if (!life.good.has(named)) throw new Error(`${named} is not of a good build: ${JSON.stringify(snapshot.tags)}`);
  if (!life.good.get(named)?.startsWith(life.store)) throw new Error(`${named} is of another store`);
  if (life.rejected.get(fake)?.has(snapshot.tags[TAG.content] ?? "")) throw new Error(`${named} was rolled back from`);
}

/** Nothing is withheld: if nothing is served, nothing could be, or a person asked for it. */
function expectAvailable(life: Life, fake: FakeAws): void {
  if (pointer(fake, SETTINGS) !== "none" || life.asked.has(fake)) return;
  const history = fake.parameters.get("/docker-cache/ci/x86_64/snapshot-id")?.map((one) => one.value) ?? [];
  const volume = [...fake.volumes.keys()].at(-1);
  for (const one of fake.snapshots.values()) {
    const expires = Date.parse(one.tags[DLM_TAG.expirationTime] ?? "");
    const lasting = Number.isNaN(expires) || expires - fake.now > 2 * DAY;
    const ours = fake === life.target || history.includes(one.id) || one.volumeId === volume;
    const dlmHere = fake === life.source && one.tags[DLM_TAG.policyId] !== undefined;
    const ready = one.completesAt <= fake.now && one.tags[TAG.state] === "ready";
    const wanted = !life.rejected.get(fake)?.has(one.tags[TAG.content] ?? "");
    if (life.good.get(one.id)?.startsWith(life.store) && lasting && ours && !dlmHere && ready && wanted)
      throw new Error(`nothing is promoted, though ${one.id} could be`);
  }
}

async function live(steps: readonly (readonly [step: number, seed: number])[]): Promise<Life> {
  const source = region(SETTINGS);
  const target = region(COPYING, "us-east-1");
  const rejected = new Map([source, target].map((fake) => [fake, new Set<string>()]));
  const life: Life = { source, target, good: new Map(), rejected, asked: new Set(), store: "overlay2" };
  for (const [step, seed] of steps) {
    const fake = seed % 2 ? source : target;
    await STEPS[step]?.(life, fake, seed >>> 1);
    pass(life, 11 * MINUTE);
    for (const one of regions(life)) {
      await run(one, settingsOf(life, one));
      expectSafe(life, one);
      expectAvailable(life, one);
    }
  }
  return life;
}

test(`R9 what consumers see is safe after every run of ${LIVES} random lives`, async () => {
  const step = fc.tuple(fc.nat({ max: STEPS.length - 1 }), fc.noBias(fc.nat()));
  let promotions = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      const life = await live(steps);
      promotions += (life.source.parameters.values().next().value?.length ?? 1) - 1;
    }),
    { numRuns: LIVES },
  );
  expect(promotions).toBeGreaterThan(LIVES);
}, 600_000);

test("the same lives catch a rotation that takes tags for proof", async () => {
  const forged: readonly (readonly [number, number])[] = [
    [0, 3],
    [6, 3],
  ];
  const life = await live(forged);
  const evil = [...life.source.snapshots.values()].find((one) => one.volumeId === "vol-0bad");
  life.source.parameters.set("/docker-cache/ci/x86_64/snapshot-id", [{ value: evil?.id ?? "", writtenAt: 0 }]);
  for (const template of life.source.templates.values())
    template.versions = template.versions.map((one) => ({
      ...one,
      data: { BlockDeviceMappings: [{ DeviceName: "/dev/sdf", Ebs: { SnapshotId: evil?.id ?? "" } }] },
    }));
  expect(() => expectSafe(life, life.source)).toThrow(/not of a good build/);
});
