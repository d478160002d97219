/** Small configurations to test with. */

import type { Cell } from "../../../lib/config/cell";
import { resolveConfig } from "../../../lib/config/resolve-config";
import type { Config } from "../../../lib/config/schema/schema";
import { configSchema } from "../../../lib/config/schema/schema";
import type { Finding } from "../../../lib/config/text/problem";

/** A configuration of one cache `ci` in eu-west-1, with other fields laid over the cache and over the whole. */
export function configOf(cache: object = {}, top: object = {}): Config {
  const whole = { regions: { "eu-west-1": {} }, caches: { ci: { images: ["python:3.12-slim"], ...cache } }, ...top };
  return configSchema.parse(whole);
}

/** The resolved cell of that cache in a region. */
export function cellOf(cache: object = {}, top: object = {}, region = "eu-west-1"): Cell {
  return resolveConfig(configOf(cache, top)).regions.find(({ name }) => name === region)!.cells[0]!;
}

/** eu-west-1 builds, and the other regions copy from it. */
export function copying(...regions: string[]): object {
  const copies = regions.map((region) => [region, { copy_from: "eu-west-1" }]);
  return { regions: { "eu-west-1": {}, ...Object.fromEntries(copies) } };
}

export const arn = (region: string, service = "kms", rest = "key/11111111-2222") =>
  `arn:aws:${service}:${region}:123456789012:${rest}`;

/** Findings as short text: where, and what was found. */
export function shown(findings: readonly Finding[]): string[] {
  for (const { expected, fix } of findings) expect(`${expected}${fix}`).not.toMatch(/undefined|NaN|\[object/);
  return findings.map(({ path, found }) => `${path.join(".")}: ${found}`);
}
