/** Resources that bear the tags of this cache. Tags alone: a snapshot's origin is judged by more (plan/judge.ts). */
import { type RotationSettings, TAG } from "../../lib/contract";
import type { Tags } from "./types";

/** True if the tags name this cache and architecture, and the role if one is asked for. */
export function isOurs(tags: Tags, { name, architecture }: RotationSettings, role?: string): boolean {
  const ours = tags[TAG.name] === name && tags[TAG.architecture] === architecture;
  return ours && (role === undefined || tags[TAG.role] === role);
}
