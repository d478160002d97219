import * as fc from "fast-check";
import { run } from "../../../cli/commands/cost/pull-through";
import { ASSUMPTIONS, type Assumptions, costsOf } from "../../../cli/pull-through/cost";
import { UsageError } from "../../../cli/usage-error";
import { PRICES } from "../../../lib/prices";

const of = (given: Partial<Assumptions>) => costsOf({ ...ASSUMPTIONS, ...given });
const SMALL = { pricePerMinute: 0.005 };

test.each([
  [3, 3.6, 3.38, 0.04, 3.42, 0.18],
  [10, 12, 11.25, 0.04, 11.29, 0.71],
  [20, 24, 22.5, 0.04, 22.54, 1.46],
])("%s builds a day at 0.005 a minute", (buildsPerDay, without, compute, storage, together, saved) => {
  expect(of({ ...SMALL, buildsPerDay })).toMatchObject({ without, compute, storage, with: together, saved });
});

test.each([
  [3, 7.2, 6.75, 0.04, 6.79, 0.41],
  [10, 24, 22.5, 0.04, 22.54, 1.46],
  [20, 48, 45, 0.04, 45.04, 2.96],
])("%s builds a day at the price of general1.medium", (buildsPerDay, without, compute, storage, together, saved) => {
  expect(PRICES.codebuildMediumMinute.usd).toBe(0.01);
  expect(of({ buildsPerDay })).toMatchObject({ without, compute, storage, with: together, saved });
});

test("80 MB cost 0.008 a month and 400 MB 0.040; in half a month half of it; the free 500 MB are taken off once", () => {
  expect(of({})).toMatchObject({ imageStorage: 0.008, allStorage: 0.04 });
  expect(of({ days: 15 })).toMatchObject({ imageStorage: 0.004, allStorage: 0.02, storage: 0.02 });
  expect(of({ freeTier: true })).toMatchObject({ imageStorage: 0.008, allStorage: 0.04, storage: 0 });
  expect(of({ freeTier: true, images: 100 })).toMatchObject({ allStorage: 0.8, storage: 0.75 });
});

test("transfer to another region costs, and may eat what is saved", () => {
  expect(of({ crossRegionGb: 40 })).toMatchObject({ transfer: 0.8, with: 7.59, saved: -0.39 });
});

test.each<[string, Partial<Assumptions>, number | null]>([
  ["storage alone", { ...SMALL }, 0.04 / 30 / 0.0025],
  ["the double price halves it", {}, 0.04 / 30 / 0.005],
  ["with transfer", { crossRegionGb: 10 }, 0.24 / 30 / 0.005],
  ["nothing stored for money", { freeTier: true }, 0],
  ["no minute saved", { minutesWithCache: 8 }, null],
  ["minutes lost", { minutesWithCache: 9 }, null],
  ["minutes that cost nothing", { pricePerMinute: 0 }, null],
])("break-even: %s", (_, given, builds) => {
  if (builds === null) expect(of(given).breakEven).toBeNull();
  else expect(of(given).breakEven).toBeCloseTo(builds, 9);
});

const amount = fc.integer({ min: 0, max: 10_000 }).map((number) => number / 8);
const assumptions = fc.record({
  buildsPerDay: amount,
  minutes: amount,
  minutesWithCache: amount,
  pricePerMinute: fc.integer({ min: 0, max: 100 }).map((number) => number / 1000),
  images: amount,
  imageMb: amount,
  days: fc.integer({ min: 1, max: 366 }),
  crossRegionGb: amount,
  freeTier: fc.boolean(),
});

test("what is printed adds up to the cent, and beyond the break-even builds are cheaper by more than rounding hides", () => {
  fc.assert(
    fc.property(assumptions, (given) => {
      const costs = costsOf(given);
      const cents = (usd: number) => Math.round(usd * 100);
      expect(cents(costs.with)).toBe(cents(costs.compute) + cents(costs.storage) + cents(costs.transfer));
      expect(cents(costs.saved)).toBe(cents(costs.without) - cents(costs.with));
      if (costs.breakEven === null) expect(costs.saved).toBeLessThanOrEqual(0.02);
      else {
        expect(costsOf({ ...given, buildsPerDay: costs.breakEven * 1.1 + 1 }).saved).toBeGreaterThanOrEqual(-0.02);
        expect(costsOf({ ...given, buildsPerDay: costs.breakEven * 0.9 }).saved).toBeLessThanOrEqual(0.02);
      }
    }),
  );
});

describe("the command", () => {
  let said: string;
  beforeEach(() => {
    said = "";
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      said += String(text);
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  test("prints a table and the break-even, rounded up to where it pays", async () => {
    await run({ pricePerMinute: "0.005" });
    const amounts = [...said.matchAll(/^(.+?) {2,}(-?[\d.]+)(?: |$)/gm)].map(([, what, usd]) => [what, usd]);
    expect(amounts).toEqual([
      ["without pull-through", "3.60"],
      ["builds with it", "3.38"],
      ["storage", "0.04"],
      ["transfer", "0.00"],
      ["with pull-through", "3.42"],
      ["saved", "0.18"],
    ]);
    expect(said).toContain("0.008 an image, 0.040 together");
    expect(said).toMatch(/It pays from 0\.54 builds a day on\.\n$/);
  });

  test.each([
    [{ minutesWithCache: "8" }, /never pays/],
    [{ freeTier: true }, /pays from the first build on/],
    [{ freeTier: true }, /the first 500 MB are free/],
  ])("says so: %j", async (options, words) => {
    await run(options);
    expect(said).toMatch(words);
  });

  test("--json is one document", async () => {
    await run({ json: true, buildsPerDay: "10", pricePerMinute: "0.005" });
    expect(JSON.parse(said)).toMatchObject({
      version: 1,
      command: "cost pull-through",
      assumptions: { buildsPerDay: 10, pricePerMinute: 0.005, minutes: 8 },
      costs: { without: 12, with: 11.29, saved: 0.71 },
    });
  });

  test.each([
    ["minutes", "-3"],
    ["minutesWithCache", "NaN"],
    ["images", "Infinity"],
    ["imageMb", "1e9"],
    ["crossRegionGb", "1000001"],
    ["pricePerMinute", ""],
    ["buildsPerDay", "3 4"],
    ["buildsPerDay", "9".repeat(400)],
    ["days", "0"],
  ])("%s = %j is a mistake", async (name, text) => {
    const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    await expect(run({ [name]: text })).rejects.toThrow(`--${option} is `);
    await expect(run({ [name]: text })).rejects.toBeInstanceOf(UsageError);
    expect(said).toBe("");
  });

  test("numbers that are fine one by one and too large together are one too", async () => {
    const large = { buildsPerDay: "1000000", minutes: "1000000", pricePerMinute: "1000000" };
    await expect(run(large)).rejects.toThrow("not reckoned to the cent");
  });
});
