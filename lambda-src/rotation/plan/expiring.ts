/** What DLM will delete though somebody still needs it: rotation cannot keep DLM from it, and says so in time. */
import type { Reference, State, TemplateVersionId } from "../types";
import type { Judged } from "./judge";

/** Versions of launch templates that name a copy of DLM's, except those that rotation itself writes anew in time. */
export function expiringReferences(judged: readonly Judged[], state: State): Reference[] {
  const expiring = new Set(judged.filter((one) => one.expiresAt !== null).map((one) => one.snapshot.id));
  // Those that this run itself has just written are newer than what it read.
  const isCurrent = ({ templateId, version }: TemplateVersionId) =>
    state.launchTemplates.some(
      (one) => one.id === templateId && (version >= one.latestVersion || version === one.defaultVersion),
    );
  return state.references.filter(
    ({ snapshotId, version }) => version !== undefined && expiring.has(snapshotId) && !isCurrent(version),
  );
}

/** A line for each, and for each pinned copy. */
export function expiringNotes(judged: readonly Judged[], state: State): string[] {
  const dates = new Map(judged.map((one) => [one.snapshot.id, one.expiresAt]));
  const dateOf = (id: string) => new Date(dates.get(id) as number).toISOString();
  return [
    ...judged
      .filter((one) => one.pinned && one.expiresAt !== null)
      .map(({ snapshot: { id } }) => `${id} is pinned, but DLM deletes it at ${dateOf(id)}: a pin does not bind DLM`),
    ...expiringReferences(judged, state).map(
      ({ snapshotId, by }) =>
        `${by} names ${snapshotId}, which DLM deletes at ${dateOf(snapshotId)}: then its launches fail`,
    ),
  ];
}
