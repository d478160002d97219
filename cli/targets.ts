/** Caches and regions that a command is about: those of the configuration file, or one cache by name. */

import { settingNames } from "../lambda-src/rotation/settings";
import type { Deployment } from "../lib/config/cell";
import { readConfig } from "../lib/config/read-config";
import { resolveConfig } from "../lib/config/resolve-config";
import { formatProblems } from "../lib/config/text/problem";
import { ARCHITECTURES, ROTATION_DEFAULTS, type RotationSettings } from "../lib/contract";
import { deployedSettings } from "./operator";
import type { Options } from "./options";
import { UsageError } from "./usage-error";

/** One cache and architecture in one region. */
export interface Target {
  readonly region: string;
  readonly settings: RotationSettings;
  /** `HH:MM` in UTC at which DLM replicates what is built here; null or unknown: no gate that is known of. */
  readonly replicateAt?: string | null;
  /** True: the configuration file has it. Otherwise another file, a module or nobody has deployed it. */
  readonly inFile?: boolean;
}

/** `eu-west-1 ci/x86_64` */
export function titleOf({ region, settings }: Target): string {
  return `${region} ${settings.name}/${settings.architecture}`;
}

/** The region builds this cache itself. */
export function builds({ settings }: Target): boolean {
  return settings.copyFrom === null;
}

function pick(rotation: object): RotationSettings {
  const entries = Object.entries(rotation).filter(([key]) => settingNames.includes(key));
  return Object.fromEntries(entries) as unknown as RotationSettings;
}

/** The deployment of the configuration file. */
export function readDeployment(): Deployment {
  const parsed = readConfig(process.env);
  if (!parsed.ok) throw new UsageError(`the configuration cannot be used\n${formatProblems(parsed.problems)}`);
  return resolveConfig(parsed.config);
}

/** True if the configuration file has any cache. One with companions may do without. */
export function hasCaches(): boolean {
  return readDeployment().regions.some(({ cells }) => cells.length > 0);
}

/** A region of the configuration file, which has one at least. */
export function firstRegion(): string {
  return readDeployment().regions[0]!.name;
}

function configured(options: Options): Target[] {
  const all = readDeployment().regions.flatMap(({ name, cells }) =>
    cells.map(
      ({ rotation, builder }): Target => ({
        region: name,
        settings: pick(rotation),
        replicateAt: builder?.replicateAt,
        inFile: true,
      }),
    ),
  );
  const found = all.filter(
    ({ region, settings }) =>
      settings.name === (options.cache ?? settings.name) &&
      settings.architecture === (options.architecture ?? settings.architecture) &&
      region === (options.region ?? region),
  );
  if (found.length > 0) return found;
  if (all.length === 0)
    throw new UsageError(
      "the configuration has no cache; for one that is deployed without it, give --name and --region",
    );
  const known = [...new Set(all.map(titleOf))].join(", ");
  throw new UsageError(`the configuration has nothing for these options; it has ${known}`);
}

/** Settings for a cache of which nothing but name and architecture is known: enough to list and to purge. */
export function bareSettings(name: string, architecture: RotationSettings["architecture"]): RotationSettings {
  return { name, architecture, ...ROTATION_DEFAULTS };
}

/** The region for a cache by name, or for `what` else needs one. */
export function regionOf(options: Options, what = "--name"): string {
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!region) throw new UsageError(`${what} needs a region: give --region, or set AWS_REGION`);
  return region;
}

export async function deployedTargets(name: string, options: Options): Promise<Target[]> {
  const region = regionOf(options);
  const architectures = options.architecture ? [options.architecture] : ARCHITECTURES;
  const found = await Promise.all(architectures.map((one) => deployedSettings(region, name, one)));
  return found.flatMap((settings) => (settings ? [{ region, settings }] : []));
}

/** The mistake of naming a cache that is not there. */
export function notDeployed({ name, architecture }: Options): UsageError {
  const what = `no rotation function of a cache ${name} for ${architecture ?? "any architecture"} in the region`;
  return new UsageError(`${what}: is its rotation stack applied there?`);
}

/** The targets, at least one. */
export async function selectTargets(options: Options): Promise<Target[]> {
  if (options.name === undefined) return configured(options);
  if (options.cache !== undefined) throw new UsageError("--cache and --name exclude each other");
  const found = await deployedTargets(options.name, options);
  if (found.length > 0) return found;
  throw notDeployed(options);
}

/** As {@link selectTargets}, but of one cache only: what changes what workers get is never done to several by leaving something out. */
export async function selectOneCache(options: Options): Promise<Target[]> {
  const targets = await selectTargets(options);
  const names = [...new Set(targets.map(({ settings }) => settings.name))];
  if (names.length > 1)
    throw new UsageError(`the configuration has several caches, say which: --cache ${names.join(" or ")}`);
  return targets;
}

/** As {@link selectOneCache}, for what acts on all regions. By name alone nothing says which these are: one has to be given. */
export async function selectAllRegions(options: Options): Promise<Target[]> {
  if (options.name !== undefined && options.region === undefined)
    throw new UsageError("--name knows of no other region: say it for each region of the cache, with --region");
  return selectOneCache(options);
}

/** Options that select this cache and architecture again, in whatever region. */
export function selectorOf({ settings: { name, architecture } }: Target, options: Options): string {
  return `${options.name === undefined ? "--cache" : "--name"} ${name} --architecture ${architecture}`;
}

/** Selects as {@link selectTargets}, but also if stacks, or the file's entry, are gone already. */
export async function selectTargetsToPurge(options: Options): Promise<Target[]> {
  const name = options.name ?? options.cache ?? options.confirm;
  if (options.region === undefined || name === undefined) return selectTargets(options);
  const known = options.name === undefined ? [] : await deployedTargets(options.name, options);
  const region = options.region;
  const inFile = options.name === undefined ? readDeployment().regions.find((one) => one.name === region) : undefined;
  const cells = inFile?.cells.filter((cell) => cell.cache === name).map((cell) => pick(cell.rotation)) ?? [];
  const settings = [...known.map((one) => one.settings), ...cells];
  const architectures = options.architecture ? [options.architecture] : ARCHITECTURES;
  return architectures.map((architecture) => ({
    region,
    settings: settings.find((one) => one.architecture === architecture) ?? bareSettings(name, architecture),
    inFile: cells.some((one) => one.architecture === architecture),
  }));
}
