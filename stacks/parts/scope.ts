/** What every part of a construct needs, whether it has an architecture or not: where it stands, and how it is tagged. */
import type { CompanionSettings, Owned } from "../../lib/config/cell";
import { TAG } from "../../lib/contract";
import type { Construct } from "../terraform/cdktf";
import { type Current, currentOf } from "./current";
import { type Tagger, taggerOf } from "./tags";

export interface Scope<Props extends Owned> {
  /** The construct that the part belongs to; its resources are declared directly below it. */
  readonly scope: Construct;
  readonly props: Props;
  readonly current: Current;
  readonly tags: Tagger;
}

/**
 * The scope of one entry of a companion. Its resources bear `docker-cache:companion`, the noun, beside `docker-cache:name`, the entry.
 *
 * @public for the companions: no noun of today is one.
 */
export function companionScope<Props extends CompanionSettings>(scope: Construct, props: Props): Scope<Props> {
  const own = { [TAG.companion]: props.noun, [TAG.name]: props.name };
  return { scope, props, current: currentOf(scope), tags: taggerOf(scope, props.tags, own) };
}
