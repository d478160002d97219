/** Builders that hang: each of the guards against them is proven alone. Without a boot the tests of the user data, of the template and of the sweep show them. */
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { writeSmallImage } from "../registry/small-image";
import { cacheLab, MINUTES, REGION } from "./cache-lab";
import { guards, sweepAlone } from "./guards";

const config = `
regions: { ${REGION}: {} }
caches:
  guarded:
    images: [ registry.lab/steady:1 ]
    volume: { size_gib: 4 }
    build: { watchdog_minutes: 60 }
`;

let deployed: Deployed;
let swept: string[];
const guardians = new Map<string, Promise<string>>();

beforeAll(async () => {
  deployed = await deploy({ config, nouns: ["builder", "rotation"] });
  await writeSmallImage(deployed.cloud.registry?.storage ?? "", { name: "steady", seed: "steady" });
  const guarded = await cacheLab(deployed, "guarded");
  swept = await sweepAlone(guarded);
  for (const [name, guard] of Object.entries(guards)) {
    const guardian = guard(guarded);
    // Its failure may wait until a test asks for it.
    guardian.catch(() => undefined);
    guardians.set(name, guardian);
  }
}, 15 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

test("R12: a builder that hangs without a watchdog is swept: not before its time, and then at once", () => {
  expect(swept).toEqual(["running", "terminated"]);
});

test.each(Object.keys(guards))(
  "R12: a builder that hangs is ended by %s, alone",
  async (name) => {
    await expect(guardians.get(name)).resolves.toEqual(expect.any(String));
  },
  30 * MINUTES,
);

test("nothing went wrong behind the API", () => {
  expect(deployed.cloud.faults).toEqual([]);
});
