/** Looks again, immediately before a deletion, at all that may have begun to need what is due. */
import { parameterPaths, type RotationSettings } from "../../../lib/contract";
import type { Ports } from "../ports";
import type { PointerEntry, State } from "../types";
import { parseRejected } from "./parameters";
import { readCreations, readImages, readShares, versionReferences } from "./references";

/**
 * The state, with everything about these snapshots read anew: pointer, their tags, AMIs, launch templates, volumes in creation, and now
 * also their shares. Locks need no second look: EC2 itself refuses to delete what is locked.
 */
export async function recheck(
  state: State,
  snapshotIds: readonly string[],
  ports: Ports,
  settings: RotationSettings,
): Promise<State> {
  const paths = parameterPaths(settings.name, settings.architecture);
  const [parameters, fresh, versions, images, creations, shares] = await Promise.all([
    ports.getParameters([paths.pointer, paths.rejected]),
    ports.listSnapshots({ "snapshot-id": snapshotIds }),
    ports.listCurrentVersions(),
    readImages(ports, snapshotIds),
    readCreations(ports),
    readShares(ports, snapshotIds),
  ]);
  const pointer: PointerEntry = parameters.get(paths.pointer) ?? state.pointer;
  const moved = pointer.value !== state.pointer.value;
  return {
    ...state,
    now: ports.now(),
    snapshots: [...state.snapshots.filter((one) => !snapshotIds.includes(one.id)), ...fresh],
    pointer,
    pointerHistory: moved ? [...state.pointerHistory, pointer] : state.pointerHistory,
    rejected: parseRejected(parameters.get(paths.rejected)),
    references: [...state.references, ...images, ...creations, ...versionReferences(versions), ...shares],
  };
}
