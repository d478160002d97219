/**
 * Parts of the properties J1 to J6, which hold over a cache's life rather than over one plan. They speak of contents and origins that
 * the test itself gave, and share no notion with the planner.
 */
import fc from "fast-check";
import { fakePorts } from "../../../../lab/fake/aws";
import { type FakeAws, newId } from "../../../../lab/fake/region";
import type { Ports } from "../../../../lambda-src/rotation/ports";
import { type Run, reconcile } from "../../../../lambda-src/rotation/reconcile";
import { DLM_TAG, type RotationSettings, TAG } from "../../../../lib/contract";

/** Lives per property; each has many runs of rotation, so they are a fraction of the states of R1. */
export const LIVES = Math.ceil(Number(process.env.FC_RUNS ?? 10_000) / 100);

/** Rotation as it is, or with a fault planted between it and AWS. */
export type Fault = (ports: Ports, fake: FakeAws) => Ports;
export const asItIs: Fault = (ports) => ports;

export function runWith(fault: Fault, fake: FakeAws, settings: RotationSettings): Promise<Run> {
  return reconcile(fault(fakePorts(fake), fake), settings);
}

/** The property must hold; with the fault it must not, or it could not fail. */
export async function expectCaught(property: fc.IAsyncProperty<unknown[]>): Promise<void> {
  const result = await fc.check(property as fc.IAsyncProperty<[unknown]>, {
    numRuns: 300,
    endOnFailure: true,
    seed: 1,
  });
  expect(result.failed).toBe(true);
}

interface Made {
  readonly content?: string;
  readonly volumeId: string;
  readonly startTime?: number;
  readonly tags?: Record<string, string>;
}

/** A complete, ready snapshot of the cache's name, of whatever volume. */
export function make(
  fake: FakeAws,
  settings: RotationSettings,
  { content = "x", volumeId, startTime, tags }: Made,
): string {
  const id = newId(fake, "snap");
  const at = startTime ?? fake.now;
  fake.snapshots.set(id, {
    id,
    volumeId,
    sizeGib: 50,
    startTime: at,
    completesAt: at,
    failed: false,
    archived: false,
    visibleAt: 0,
    tags: {
      [TAG.name]: settings.name,
      [TAG.architecture]: settings.architecture,
      [TAG.state]: "ready",
      [TAG.content]: content,
      [TAG.store]: "overlay2/26",
      ...tags,
    },
  });
  return id;
}

/** Tags of DLM on a copy that it deletes at that time. */
export const dlmTags = (end: number) => ({
  [DLM_TAG.policyId]: "policy-1",
  [DLM_TAG.expirationTime]: new Date(end).toISOString(),
});
