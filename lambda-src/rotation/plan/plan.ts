/** State in, actions with reasons out. Pure: the same state and settings give the same plan, in whatever order lists arrive. */
import { POINTER_NONE, type RotationSettings } from "../../../lib/contract";
import { assertPolicy } from "../settings";
import type { Plan, State } from "../types";
import { planDeletion } from "./deletion";
import { expiringNotes } from "./expiring";
import { planFastRestore } from "./fast-restore";
import { computeFigures } from "./figures";
import { type Judged, judge } from "./judge";
import { move } from "./move";
import { decidePromotion } from "./promotion";
import { decideRetention } from "./retention";
import { planSweep } from "./sweep";
import { planPruning, templateNotes } from "./templates";

function notesOn(judged: readonly Judged[], rivals: readonly string[], state: State): string[] {
  const of = (origin: Judged["origin"]) => judged.filter((one) => one.origin === origin).map((one) => one.snapshot.id);
  return [
    ...expiringNotes(judged, state),
    ...of("foreign").map(
      (id) => `${id} bears the tags of this cache, but nothing proves that it comes from its volume: refused`,
    ),
    ...of("unproven").map((id) => `${id} would be promoted, but bears no tag of DLM's: refused (setting copy_proof)`),
    ...rivals.map((id) => `volume ${id} claims to be the cache volume and is not the one of the builder stack`),
  ].sort();
}

export function plan(state: State, given: RotationSettings): Plan {
  const settings = assertPolicy(given);
  const judged = judge(state, settings);
  const promotion = decidePromotion(judged, state, settings);
  const fastRestore = planFastRestore(judged, promotion, state, settings);
  const decisions = decideRetention(judged, promotion, state, settings);
  const deletion = planDeletion(judged, decisions, state, settings);
  const sweep = planSweep(state, settings);
  return {
    promoted: promotion.target?.snapshot.id ?? POINTER_NONE,
    waiting: promotion.waiting?.snapshot.id ?? null,
    actions: [
      ...move(promotion.target, judged, state, promotion.reason),
      ...fastRestore.enable,
      ...fastRestore.disable,
      ...sweep.actions,
      ...planPruning(state.launchTemplates, state.pinnedVersions),
      ...deletion.actions,
    ],
    decisions,
    figures: computeFigures({ judged, promotion, deletion, sweep }, state, settings),
    notes: [
      ...notesOn(judged, sweep.rivals, state),
      ...templateNotes(state.launchTemplates, promotion.target?.snapshot),
    ],
  };
}
