/** The second look before anything is removed. */
import { parameterPaths, parseRejected, type RotationSettings } from "../../../lib/contract";
import type { Ports } from "../ports";
import type { ParameterWrite, State } from "../types";
import { readReferences } from "./references";

/** Snapshots that a second look is about. */
export interface Removal {
  /** All of them, at most as many as a filter takes: those to be deleted, those that may be dated, and those that expire. */
  readonly snapshotIds: readonly string[];
  /** Those of them to be deleted now. */
  readonly deleted: readonly string[];
}

/**
 * The state, with everything about these snapshots read anew, and what refers to them for the first time: pointer, their tags, AMIs,
 * launch templates, groups, locks, volumes in creation, and shares of those to be deleted.
 */
export async function recheck(
  state: State,
  { snapshotIds, deleted }: Removal,
  ports: Ports,
  settings: RotationSettings,
): Promise<State> {
  const paths = parameterPaths(settings.name, settings.architecture);
  const [parameters, fresh, references] = await Promise.all([
    ports.getParameters([paths.pointer, paths.rejected]),
    snapshotIds.length > 0 ? ports.listSnapshots({ "snapshot-id": snapshotIds }) : [],
    readReferences(ports, snapshotIds, deleted),
  ]);
  const pointer: ParameterWrite = parameters.get(paths.pointer) ?? state.pointer;
  const moved = pointer.value !== state.pointer.value;
  return {
    ...state,
    ...references,
    referencesOf: snapshotIds,
    now: ports.now(),
    snapshots: [...state.snapshots.filter((one) => !snapshotIds.includes(one.id)), ...fresh],
    pointer,
    pointerHistory: moved ? [...state.pointerHistory, pointer] : state.pointerHistory,
    rejected: parseRejected(parameters.get(paths.rejected)?.value),
  };
}
