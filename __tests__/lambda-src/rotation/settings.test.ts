import { SETTINGS, state } from "../../../lab/fake/example-state";
import { plan } from "../../../lambda-src/rotation/plan/plan";
import { assertPolicy, parseSettings, policyProblems, settingNames } from "../../../lambda-src/rotation/settings";
import { ROTATION_SETTINGS_VARIABLE, type RotationSettings } from "../../../lib/contract";

test("settings without a problem", () => {
  expect(policyProblems(SETTINGS)).toEqual([]);
  expect(
    policyProblems({ ...SETTINGS, maxEngine: 27, copyFrom: "eu-west-1", fastRestoreZones: ["eu-west-1a"] }),
  ).toEqual([]);
  expect([...settingNames].sort()).toEqual(Object.keys(SETTINGS).sort());
});

const WRONG: Readonly<Record<keyof RotationSettings, readonly unknown[]>> = {
  name: ["", 5, undefined],
  architecture: ["riscv64"],
  store: ["btrfs"],
  maxEngine: [0, 27.5, "27"],
  copyFrom: ["", undefined],
  copyProof: ["trust"],
  copyRetentionDays: [0, 1.5, "14"],
  cadenceHours: [0, -1, Number.NaN, "24", Number.POSITIVE_INFINITY],
  keepLast: [0, 1.5, null],
  keepWithinDays: [-1, "7"],
  minKeep: [1, null],
  deletionGraceHours: [23, null],
  maxDeletionsPerRun: [1, 21, 2.5, null],
  fastRestoreZones: ["eu-west-1a", [""], [5]],
  watchdogMinutes: [0, 0.5],
  reconcileMinutes: [0, "10"],
  alarms: ["some", undefined],
};

describe.each(Object.entries(WRONG))("%s", (key, values) => {
  test.each(values.map((value) => [value]))("cannot be %p", (value) => {
    const [problem, ...others] = policyProblems({ ...SETTINGS, [key]: value });
    expect(problem).toMatch(new RegExp(`^${key} is .*, expected `));
    expect(others).toEqual([]);
  });
});

test("no object at all", () => {
  for (const nonsense of [null, "text", [SETTINGS]])
    expect(policyProblems(nonsense)[0]).toMatch(/expected a JSON object/);
});

test("I13 every problem in one error, and the planner refuses rather than guess", () => {
  const wrong = { ...SETTINGS, keepLast: 0, minKeep: 0, keepLasst: 3 } as unknown as RotationSettings;
  expect(() => assertPolicy(wrong)).toThrow(/keepLast is 0.*minKeep is 0.*keepLasst is not a setting/);
  expect(() => plan(state(), wrong)).toThrow(/cannot be used/);
});

const environment = (text: string) => ({ [ROTATION_SETTINGS_VARIABLE]: text });

test("the settings, as the stack writes them", () => {
  expect(parseSettings(environment(JSON.stringify(SETTINGS)))).toEqual(SETTINGS);
});

test("a variable that is missing, empty, or holds no JSON is an error that names it", () => {
  expect(() => parseSettings({})).toThrow(/DOCKER_CACHE_SETTINGS is missing, expected the settings as JSON/);
  expect(() => parseSettings(environment(""))).toThrow(/is missing/);
  expect(() => parseSettings(environment("{"))).toThrow(/DOCKER_CACHE_SETTINGS holds no JSON/);
});
