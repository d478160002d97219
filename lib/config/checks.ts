/** What the schema alone cannot say: how fields go together. Every check, in the order of the file. */
import { checkDuplicateTimes, checkExpression, checkGate, checkReplicates, checkTimeZone } from "./check-builds";
import { checkDuplicateImages, checkImageParameters, checkReferences } from "./check-images";
import { checkEngine, checkImageIds, checkInstanceTypes } from "./check-instances";
import { checkCacheNames, checkProjectNames } from "./check-names";
import {
  checkAddresses,
  checkKeys,
  checkProfile,
  checkRegions,
  checkRegistries,
  checkSecretKeys,
} from "./check-places";
import { checkAnyRegion, checkOverrides, checkSchedules, checkSources } from "./check-regions";
import { checkCopyRetention } from "./check-retention";
import { checkLambdaRuntime } from "./check-runtime";
import { checkTags } from "./check-tags";
import { checkBuilderVolume, checkMinFree, checkWorkerVolume } from "./check-volumes";
import { checkInitializationRate, checkRestoreZones, checkZoneNames } from "./check-warmth";
import type { CacheCheck, ConfigCheck } from "./problem";

/** Of the whole. */
export const CONFIG_CHECKS: readonly ConfigCheck[] = [checkProjectNames, checkTags, checkRegions];

/** Of each cache. */
export const CACHE_CHECKS: readonly CacheCheck[] = [
  checkCacheNames,
  checkReferences,
  checkDuplicateImages,
  checkImageParameters,
  checkInstanceTypes,
  checkImageIds,
  checkEngine,
  checkBuilderVolume,
  checkTimeZone,
  checkExpression,
  checkDuplicateTimes,
  checkReplicates,
  checkGate,
  checkCopyRetention,
  checkLambdaRuntime,
  checkRegistries,
  checkSecretKeys,
  checkInitializationRate,
  checkWorkerVolume,
  checkMinFree,
  checkProfile,
  checkOverrides,
  checkAnyRegion,
  checkSources,
  checkSchedules,
  checkKeys,
  checkRestoreZones,
  checkZoneNames,
  checkAddresses,
];
