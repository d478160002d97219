/** Fast snapshot restore costs by the hour and zone: on for the promoted snapshot and one candidate, off for all our other snapshots. */
import type { RotationSettings } from "../../../lib/contract";
import type { Action, State } from "../types";
import { isOurBusiness, type Judged } from "./judge";
import type { Promotion } from "./promotion";

function wantedZones(one: Judged, promotion: Promotion, settings: RotationSettings): readonly string[] {
  return one === promotion.target || one === promotion.waiting ? settings.fastRestoreZones : [];
}

/** To be executed before (`enable`) and after (`disable`) the promotion. */
export function planFastRestore(
  judged: readonly Judged[],
  promotion: Promotion,
  state: State,
  settings: RotationSettings,
): { readonly enable: readonly Action[]; readonly disable: readonly Action[] } {
  const enable: Action[] = [];
  const disable: Action[] = [];
  const ours = judged.filter(isOurBusiness);
  for (const one of ours) {
    const snapshotId = one.snapshot.id;
    const wanted = wantedZones(one, promotion, settings);
    const present = state.fastRestores.filter((restore) => restore.snapshotId === snapshotId).map(({ zone }) => zone);
    const missing = wanted.filter((zone) => !present.includes(zone));
    const surplus = [...new Set(present)].filter((zone) => !wanted.includes(zone)).sort();
    if (missing.length > 0) {
      const reason = one === promotion.target ? "promoted" : "candidate: promoted when it is ready, or after two hours";
      enable.push({ kind: "enable-fast-restore", snapshotId, zones: missing, reason });
    }
    if (surplus.length > 0)
      disable.push({
        kind: "disable-fast-restore",
        snapshotId,
        zones: surplus,
        reason: "neither promoted nor candidate",
      });
  }
  return { enable, disable };
}
