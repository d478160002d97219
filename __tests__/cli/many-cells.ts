/** 680 cells: 17 regions of 20 caches for two architectures, with what others have in them, and a count of the calls that are made. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Limit } from "../../cli/limit";
import { limitClients } from "../../cli/limit";
import type { PortsOf } from "../../cli/region-ports";
import type { Target } from "../../cli/targets";
import { fakeClients } from "../../lab/fake/aws";
import { HOUR, SETTINGS } from "../../lab/fake/example-state";
import { createFakeAws, type FakeAws } from "../../lab/fake/region";
import { addVersion } from "../../lab/fake/templates";
import { applyBuilderStack, applyRotationStack, applyWorkerStack, build, run } from "../../lab/fake/world";
import { awsPorts } from "../../lambda-src/rotation/aws/ports";
import { ARCHITECTURES, type RotationSettings } from "../../lib/contract";

const REGIONS = Array.from({ length: 17 }, (_, index) => `eu-west-${index + 1}`);
const CACHES = Array.from({ length: 20 }, (_, index) => `cache-${index + 1}`);
const CELLS = CACHES.flatMap((name) =>
  ARCHITECTURES.map((architecture): RotationSettings => ({ ...SETTINGS, name, architecture })),
);
/** Launch templates of others in each region. */
const OTHERS = 60;

async function regionOf(name: string): Promise<FakeAws> {
  const fake = createFakeAws(name, { pageSize: 1000 });
  for (const settings of CELLS) {
    applyRotationStack(fake, settings);
    applyBuilderStack(fake, settings);
    applyWorkerStack(fake, settings, `lt-${settings.name}-${settings.architecture}`);
    for (const content of ["a", "b"]) build(fake, settings, content, { minutes: 0 });
  }
  fake.now += HOUR;
  for (const settings of CELLS) await run(fake, settings);
  for (let index = 0; index < OTHERS; index++) {
    const id = `lt-other-${index}`;
    fake.templates.set(id, { id, versions: [], defaultVersion: 1, lastNumber: 0, tags: {}, visibleAt: 0 });
    addVersion(fake, id, { ImageId: "ami-1", UserData: "x".repeat(1000) });
  }
  fake.calls.length = 0;
  return fake;
}

export interface ManyCells {
  readonly targets: readonly Target[];
  readonly regions: readonly string[];
  readonly caches: readonly string[];
  /** Ports whose calls are counted, and take so many milliseconds. */
  portsOf(limit: Limit, milliseconds: number): PortsOf;
  /** Calls so far, and most of them at a time. */
  counted(): { calls: number; most: number };
}

export async function manyCells(): Promise<ManyCells> {
  const fakes = new Map(await Promise.all(REGIONS.map(async (name) => [name, await regionOf(name)] as const)));
  let [inFlight, most] = [0, 0];
  return {
    targets: REGIONS.flatMap((region) => CELLS.map((settings): Target => ({ region, settings, inFile: true }))),
    regions: REGIONS,
    caches: CACHES,
    portsOf: (limit, milliseconds) => (region) => {
      const fake = fakes.get(region) as FakeAws;
      const clients = fakeClients(fake, async (_name, carry) => {
        most = Math.max(most, ++inFlight);
        await sleep(milliseconds);
        inFlight--;
        return carry();
      });
      const clock = { now: () => fake.now, sleep: async () => undefined };
      return awsPorts(region, limitClients(clients, limit), clock);
    },
    counted: () => ({ calls: [...fakes.values()].reduce((sum, { calls }) => sum + calls.length, 0), most }),
  };
}
