/**
 * R27 J2: while a healthy copy of the last other content that was served has life left, a rollback is not refused, and goes to the copy
 * that lasts longest; and rotation itself deletes no copy of it that would last longer.
 */
import fc from "fast-check";
import { COPYING, DAY, HOUR } from "../../../../lab/fake/example-state";
import type { FakeAws } from "../../../../lab/fake/region";
import { expire, pointer, region } from "../../../../lab/fake/world";
import { DLM_TAG, parameterPaths, TAG } from "../../../../lib/contract";
import { ask, planOneRollback } from "../example-life";
import { asItIs, dlmTags, expectCaught, type Fault, LIVES, make, runWith } from "./lives";

const RETENTION = 14 * DAY;
const POINTER = parameterPaths("ci", "x86_64").pointer;

interface Life {
  readonly fake: FakeAws;
  /** Contents in the order in which they were served, as the test saw the pointer after each run. */
  readonly served: string[];
  readonly rejected: Set<string>;
  /** Contents of all copies that ever were. */
  readonly contents: Map<string, string>;
}

const endOf = (tags: Record<string, string>) => Date.parse(tags[DLM_TAG.expirationTime] ?? "");

function lastOther({ served, rejected }: Life): string | undefined {
  return [...served].reverse().find((content) => content !== served.at(-1) && !rejected.has(content));
}

/** Ends of the copies of a content that a worker could still be given. */
function ends({ fake }: Life, content: string): number[] {
  return [...fake.snapshots.values()]
    .filter(({ tags }) => tags[TAG.content] === content && tags[TAG.state] === "ready")
    .map(({ tags }) => endOf(tags))
    .filter((end) => end > fake.now + HOUR);
}

/** One run; what rotation deletes must not outlast what is left of the same content. */
async function run(life: Life, fault: Fault): Promise<void> {
  const { fake, served } = life;
  expire(fake);
  const before = new Map([...fake.snapshots].map(([id, { tags }]) => [id, { ...tags }]));
  await runWith(fault, fake, COPYING);
  const now = life.contents.get(pointer(fake, COPYING) ?? "");
  if (now !== undefined && now !== served.at(-1)) served.push(now);
  for (const content of [lastOther(life), served.at(-1)]) {
    if (content === undefined) continue;
    const left = Math.max(...ends(life, content));
    for (const [id, tags] of before)
      if (!fake.snapshots.has(id) && tags[TAG.content] === content && tags[TAG.state] === "ready")
        expect(endOf(tags)).toBeLessThanOrEqual(left);
  }
}

/** What a rollback would do now. */
async function expectWayBack(life: Life): Promise<void> {
  const content = lastOther(life);
  const possible = content === undefined ? [] : ends(life, content);
  if (content === undefined || possible.length === 0 || pointer(life.fake, COPYING) === "none") return;
  const asked = structuredClone(life.fake);
  const served = life.contents.get(pointer(asked, COPYING) ?? "");
  const answer = await ask(asked, COPYING, (state) => planOneRollback(state, COPYING));
  if (answer.refused !== null) throw new Error(`refused, though ${content} could be served: ${answer.refused}`);
  const target = asked.snapshots.get(answer.target);
  // One that stands already is not repeated.
  if (life.contents.get(answer.target) === served) return;
  expect([target?.tags[TAG.content], endOf(target?.tags ?? {})]).toEqual([content, Math.max(...possible)]);
}

const STEPS = ["copy", "copy", "copy", "another", "hours", "roll back"] as const;

function property(fault: Fault) {
  const step = fc.tuple(fc.constantFrom(...STEPS), fc.nat(3));
  return fc.asyncProperty(fc.array(step, { maxLength: 30, size: "max" }), async (steps) => {
    const fake = region(COPYING, "us-east-1");
    const life: Life = { fake, served: [], rejected: new Set(), contents: new Map() };
    let content = "c0";
    for (const [one, choice] of steps) {
      if (one === "another") content = `c${choice}`;
      if (one === "copy") {
        const state = life.rejected.has(content) ? "rejected" : "ready";
        const tags = { ...dlmTags(fake.now + RETENTION - choice * HOUR), [TAG.state]: state };
        life.contents.set(make(fake, COPYING, { content, volumeId: "vol-ffffffff", tags }), content);
      }
      if (one === "roll back" && choice === 0) {
        const left = life.served.at(-1);
        const before = pointer(fake, COPYING);
        const answer = await ask(fake, COPYING, (state) => planOneRollback(state, COPYING));
        if (answer.refused === null && answer.target !== before && left !== undefined) life.rejected.add(left);
      }
      for (let half = 0; half < 2; half++, fake.now += 12 * HOUR) await run(life, fault);
      await expectWayBack(life);
    }
  });
}

test(`J2 holds in ${LIVES} lives`, async () => {
  await fc.assert(property(asItIs), { numRuns: LIVES });
}, 120_000);

test("J2 catches a rotation that forgets the pointer's history", () =>
  expectCaught(
    property((ports) => ({
      ...ports,
      getParameterHistory: async (name) => {
        const found = await ports.getParameterHistory(name);
        return name === POINTER ? { ...found, entries: found.entries.slice(-1) } : found;
      },
    })),
  ));

test("J2 catches a rotation that does not name the longest-lived copy before it goes on", () =>
  expectCaught(
    property((ports, fake) => ({
      ...ports,
      putParameter: async (name, value) => {
        const contentOf = (id: string | undefined) => fake.snapshots.get(id ?? "")?.tags[TAG.content];
        const present = contentOf(fake.parameters.get(POINTER)?.at(-1)?.value);
        if (name !== POINTER || present === undefined || contentOf(value) !== present)
          await ports.putParameter(name, value);
      },
    })),
  ));
