/** Decides when calls happen: interleaves several runs, kills a run after a call, throttles. */
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Around } from "./aws";
import type { FakeAws } from "./region";

/** A small, fast source of random numbers from 0 to below 1 (mulberry32); the same seed gives the same run. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs tasks at once; whenever all of them wait for a call, one of the waiting calls is carried out, by chance. */
export async function interleave(
  random: () => number,
  tasks: readonly ((around: Around) => Promise<unknown>)[],
): Promise<void> {
  const waiting: (() => void)[] = [];
  const around: Around = (_name, carry) =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(carry());
        } catch (error) {
          reject(error);
        }
      });
    });
  let running = tasks.length;
  const ended = tasks.map((task) => task(around).finally(() => running--));
  const all = Promise.all(ended);
  all.catch(() => undefined);
  while (running > 0) {
    await setImmediate();
    const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
    next?.();
  }
  await all;
}

/** The process dies after its n-th call: the call is carried out, nobody hears of it, and nothing follows. */
export function dieAfter(calls: number): Around {
  let made = 0;
  return async (_name, carry) => {
    if (made++ >= calls) throw new Error("dead");
    const result = carry();
    if (made === calls) throw new Error("dead");
    return result;
  };
}

/** End state of a region, without the numbers of template versions and ids of writes. */
export function essence(fake: FakeAws): object {
  return {
    parameters: [...fake.parameters].map(([name, versions]) => [name, versions.at(-1)?.value]),
    snapshots: [...fake.snapshots.values()].map(({ id, tags }) => [id, Object.entries(tags).sort()]).sort(),
    volumes: [...fake.volumes.values()].map(({ id, tags }) => [id, Object.entries(tags).sort()]),
    instances: [...fake.instances.values()].filter((one) => one.state !== "terminated").map((one) => one.id),
    restores: fake.restores.map(({ snapshotId, zone }) => `${snapshotId} ${zone}`).sort(),
    templates: [...fake.templates.values()].map(({ id, versions, defaultVersion }) => [
      id,
      versions.at(-1)?.data,
      versions.find((one) => one.number === defaultVersion)?.data,
      versions.at(-1)?.description,
    ]),
  };
}

export const isSame = (one: FakeAws, other: FakeAws) => isDeepStrictEqual(essence(one), essence(other));

/** A region that may be changed without changing the first. */
export function fork(fake: FakeAws): FakeAws {
  return structuredClone(fake);
}
