/** What `promote` does in each region: pure, over what was read of all of them. */
import { planPromote, type Wanted } from "../lambda-src/rotation/asked/pin";
import type { Action } from "../lambda-src/rotation/types";
import { TAG } from "../lib/contract";
import { granted, type Reading } from "./answer";
import { type Target, titleOf } from "./targets";

export interface PlannedPromotion {
  readonly where: Target;
  /** Snapshot that the pointer names in the end. */
  readonly target: string;
  readonly actions: readonly Action[];
  /** Why this region goes on serving something else. */
  readonly note?: string;
}

const isSameCache = ({ target: { settings: one } }: Reading, { target: { settings: other } }: Reading) =>
  one.name === other.name && one.architecture === other.architecture;

/** The region that has the snapshot, and the other regions of its cache and architecture. */
function find(snapshotId: string, readings: readonly Reading[]): { found: Reading; others: readonly Reading[] } {
  const found = readings.find(({ state }) => state.snapshots.some((one) => one.id === snapshotId));
  if (!found) {
    const places = readings.map(({ target }) => titleOf(target)).join(", ");
    throw new Error(`${snapshotId} was not found among the snapshots of ${places}`);
  }
  return { found, others: readings.filter((one) => one !== found && isSameCache(one, found)) };
}

/** The snapshot where it is, and its content in the other regions of its cache. @throws Error if no region has it */
export function planPromotions(readings: readonly Reading[], snapshotId: string): PlannedPromotion[] {
  const { found, others } = find(snapshotId, readings);
  const content = found.state.snapshots.find((one) => one.id === snapshotId)?.tags[TAG.content];
  const plan = (reading: Reading, wanted: Wanted): PlannedPromotion => ({
    ...granted(reading.target, planPromote(reading.state, reading.target.settings, wanted)),
    where: reading.target,
  });
  const elsewhere = others.map((reading): PlannedPromotion => {
    if (content !== undefined) return plan(reading, { content });
    const note = `left as it is: ${snapshotId} does not say its content`;
    return { where: reading.target, target: reading.state.pointer.value, actions: [], note };
  });
  return [plan(found, { snapshotId }), ...elsewhere];
}
