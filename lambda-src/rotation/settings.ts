/** The settings: their bounds, and reading them from the environment. A planner told nonsense refuses; it never reads it as "delete all". */
import {
  ALARM_SETTINGS,
  ARCHITECTURES,
  COPY_PROOFS,
  DELETIONS_MAXIMUM,
  IMAGE_STORES,
  ROTATION_MINIMUM,
  ROTATION_SETTINGS_VARIABLE,
  type RotationSettings,
} from "../../lib/contract";
import { isObject } from "../../lib/is-object";

const integer = (value: unknown, minimum: number): boolean => Number.isInteger(value) && (value as number) >= minimum;
const oneOf = (value: unknown, allowed: readonly unknown[]): boolean => allowed.includes(value);
const text = (value: unknown): boolean => typeof value === "string" && value !== "";

type Rule = readonly [expected: string, holds: (value: unknown) => boolean];
const wholeFrom = (least: number): Rule => [`a whole number of at least ${least}`, (value) => integer(value, least)];
const numberFrom = (least: number): Rule => [
  `a number of at least ${least}`,
  (value) => typeof value === "number" && value >= least,
];

/** Rules for each setting, in words and as a check. */
const RULES: Readonly<Record<keyof RotationSettings, Rule>> = {
  name: ["a name that is not empty", text],
  architecture: [ARCHITECTURES.join(" or "), (value) => oneOf(value, ARCHITECTURES)],
  store: [IMAGE_STORES.join(" or "), (value) => oneOf(value, IMAGE_STORES)],
  maxEngine: ["null or a whole number of at least 1", (value) => value === null || integer(value, 1)],
  copyFrom: ["null or a region", (value) => value === null || text(value)],
  copyProof: [COPY_PROOFS.join(" or "), (value) => oneOf(value, COPY_PROOFS)],
  copyRetentionDays: wholeFrom(1),
  cadenceHours: ["a number above 0", (value) => typeof value === "number" && Number.isFinite(value) && value > 0],
  keepLast: wholeFrom(ROTATION_MINIMUM.keepLast),
  keepWithinDays: numberFrom(ROTATION_MINIMUM.keepWithinDays),
  minKeep: wholeFrom(ROTATION_MINIMUM.minKeep),
  deletionGraceHours: numberFrom(ROTATION_MINIMUM.deletionGraceHours),
  maxDeletionsPerRun: [
    `a whole number from ${ROTATION_MINIMUM.maxDeletionsPerRun} to ${DELETIONS_MAXIMUM}`,
    (value) => integer(value, ROTATION_MINIMUM.maxDeletionsPerRun) && (value as number) <= DELETIONS_MAXIMUM,
  ],
  fastRestoreZones: ["a list of zones", (value) => Array.isArray(value) && value.every(text)],
  watchdogMinutes: wholeFrom(1),
  reconcileMinutes: wholeFrom(1),
  alarms: [ALARM_SETTINGS.join(" or "), (value) => oneOf(value, ALARM_SETTINGS)],
};

/** Names of the settings, and no others. */
export const settingNames: readonly string[] = Object.keys(RULES);

/** All that is wrong with settings of unknown origin; empty: they can be used. */
export function policyProblems(settings: unknown): string[] {
  if (!isObject(settings)) return [`the settings are ${JSON.stringify(settings)}, expected a JSON object`];
  const missingOrWrong = Object.entries(RULES).flatMap(([key, [expected, holds]]) =>
    holds(settings[key]) ? [] : [`${key} is ${JSON.stringify(settings[key])}, expected ${expected}`],
  );
  const unknown = Object.keys(settings).filter((key) => !(key in RULES));
  return [...missingOrWrong, ...unknown.map((key) => `${key} is not a setting`)];
}

/** The settings, if they can be used; else an error that names every problem. */
export function assertPolicy(settings: unknown): RotationSettings {
  const problems = policyProblems(settings);
  if (problems.length > 0) throw new Error(`rotation settings cannot be used: ${problems.join("; ")}`);
  return settings as RotationSettings;
}

/** Reads the settings from the environment; our own code reads nothing else of it. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): RotationSettings {
  const text = environment[ROTATION_SETTINGS_VARIABLE];
  if (!text)
    throw new Error(`environment variable ${ROTATION_SETTINGS_VARIABLE} is missing, expected the settings as JSON`);
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new Error(`environment variable ${ROTATION_SETTINGS_VARIABLE} holds no JSON: ${(error as Error).message}`);
  }
  return assertPolicy(settings);
}
