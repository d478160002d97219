/** What the schema alone cannot say: how fields go together. Each check is one small function of the configuration. */
import type { Finding } from "./problem";
import type { Config } from "./schema";

/** A check of one cache. */
export type CacheCheck = (config: Config, cache: string) => Finding[];
/** A check of the whole. */
export type ConfigCheck = (config: Config) => Finding[];

export const CACHE_CHECKS: readonly CacheCheck[] = [];
export const CONFIG_CHECKS: readonly ConfigCheck[] = [];
