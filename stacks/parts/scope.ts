/** Scope that every part of a construct needs, with an architecture or without: its place, and its tags. */
import type { CompanionSettings, Owned } from "../../lib/config/cell";
import { TAG } from "../../lib/contract";
import type { Construct } from "../terraform/cdktf";
import type { TerraformData } from "../terraform/terraform-data";
import { type Current, currentOf } from "./current";
import { type Tagger, type Tags, taggerOf } from "./tags";

export interface Scope<Props extends Owned> {
  /** The construct that the part belongs to; its resources are declared directly below it. */
  readonly scope: Construct;
  readonly props: Props;
  readonly current: Current;
  readonly tags: Tagger;
  /** What the parts are of; another one replaces what bears its name. undefined: names are known whenever there is a plan. */
  readonly identity?: TerraformData;
}

/**
 * Tags of every resource of a companion: the noun, and the entry. Resources that a stack has once, such as its alarm topic, bear the noun as name.
 */
export function companionTags(noun: string, name = noun): Tags {
  return { [TAG.companion]: noun, [TAG.name]: name };
}

/**
 * The scope of one entry of a companion, whose resources bear its {@link companionTags}.
 */
export function companionScope<Props extends CompanionSettings>(scope: Construct, props: Props): Scope<Props> {
  const tags = taggerOf(scope, props.tags, companionTags(props.noun, props.name));
  return { scope, props, current: currentOf(scope), tags };
}
