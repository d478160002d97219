/** Rules that the schema alone cannot hold: how fields go together. Every check, in the order of the file. */

import type { CacheCheck, ConfigCheck } from "../text/problem";
import { checkDuplicateTimes, checkExpression, checkGate, checkReplicates, checkTimeZone } from "./builds";
import {
  checkEntryItself,
  checkEntryNames,
  checkEntryRegions,
  checkEqualNames,
  checkRepositories,
  type EntryCheck,
} from "./entries";
import { checkAnyImages, checkDuplicateImages, checkImageParameters, checkReferences } from "./images";
import { checkImagesFrom, checkImagesFromAge, checkImagesFromRegions } from "./images-from";
import {
  checkBuilderTypes,
  checkEngine,
  checkImageArchitectures,
  checkImageIds,
  checkInstanceTypes,
} from "./instances";
import { checkCacheNames, checkProjectNames } from "./names";
import { checkAddresses, checkKeys, checkProfile, checkRegions, checkRegistries, checkSecretKeys } from "./places";
import { checkPullThroughAccess, checkPullThroughKeys } from "./pull-through";
import { checkAnyRegion, checkOverrides, checkSchedules, checkSources } from "./regions";
import { checkCopyRetention } from "./retention";
import { checkLambdaRuntime } from "./runtime";
import { checkTags } from "./tags";
import { checkBuilderVolume, checkMinFree, checkWorkerVolume } from "./volumes";
import { checkInitializationRate, checkLaunches, checkRegionRates, checkRestoreZones, checkZoneNames } from "./warmth";

/** Checks of the whole. */
export const CONFIG_CHECKS: readonly ConfigCheck[] = [checkProjectNames, checkTags, checkRegions, checkRegionRates];

/** Checks of each cache. */
export const CACHE_CHECKS: readonly CacheCheck[] = [
  checkCacheNames,
  checkAnyImages,
  checkReferences,
  checkDuplicateImages,
  checkImageParameters,
  checkImagesFrom,
  checkImagesFromRegions,
  checkImagesFromAge,
  checkInstanceTypes,
  checkBuilderTypes,
  checkImageArchitectures,
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
  checkLaunches,
  checkWorkerVolume,
  checkMinFree,
  checkProfile,
  checkPullThroughKeys,
  checkPullThroughAccess,
  checkOverrides,
  checkAnyRegion,
  checkSources,
  checkSchedules,
  checkKeys,
  checkRestoreZones,
  checkZoneNames,
  checkAddresses,
];

/** Checks of each entry of a companion. */
export const ENTRY_CHECKS: readonly EntryCheck[] = [
  checkEntryRegions,
  checkEntryNames,
  checkEqualNames,
  checkRepositories,
  checkEntryItself,
];
