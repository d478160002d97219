/** From a batch of events to the functions that they concern. Pure. */
import { ARCHITECTURES, resourceNames, TAG } from "../../lib/contract";
import { isObject } from "../../lib/is-object";
import { parseEvent } from "../rotation/event";
import type { MarkedSnapshot } from "./ports";

/** Names that Lambda takes. Tags hold anything: one that makes no such name is nobody's. */
const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Ids of the snapshots that the messages of a batch are about, each once. A message that holds no event is about none. */
export function snapshotsIn(batch: unknown): string[] {
  const records = isObject(batch) && Array.isArray(batch.Records) ? batch.Records : [];
  const wakes = records.map((record) => parseEvent(isObject(record) ? parseBody(record.body) : undefined));
  return [...new Set(wakes.flatMap((wake) => (wake.kind === "snapshots" ? wake.snapshotIds : [])))];
}

function parseBody(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}

/** Names of the functions whose tags the snapshots bear, each with its snapshots. The functions may not exist. */
export function functionsOf(snapshots: readonly MarkedSnapshot[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, tags } of snapshots) {
    const { [TAG.name]: name, [TAG.architecture]: architecture = "" } = tags;
    if (!(ARCHITECTURES as readonly string[]).includes(architecture)) continue;
    const { rotation } = resourceNames(String(name), architecture, "");
    if (FUNCTION_NAME.test(rotation)) found.set(rotation, [...(found.get(rotation) ?? []), id]);
  }
  return found;
}

/** `items` in portions of at most `size`. */
export function portions<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
