/** What every part of a construct needs: where it stands, what it is called, how it is tagged. */

import type { Common } from "../../lib/config/cell";
import { parameterPaths, resourceNames } from "../../lib/contract";
import type { Construct } from "../terraform/cdktf";
import { type Current, currentOf } from "./current";
import { type Tagger, taggerOf } from "./tags";

export interface CellScope<Props extends Common> {
  /** The construct that the part belongs to; its resources are declared directly below it. */
  readonly scope: Construct;
  readonly props: Props;
  readonly current: Current;
  readonly names: ReturnType<typeof resourceNames>;
  readonly parameters: ReturnType<typeof parameterPaths>;
  readonly tags: Tagger;
}

export function cellScope<Props extends Common>(scope: Construct, props: Props): CellScope<Props> {
  const current = currentOf(scope);
  return {
    scope,
    props,
    current,
    names: resourceNames(props.name, props.architecture, current.region),
    parameters: parameterPaths(props.name, props.architecture),
    tags: taggerOf(scope, props),
  };
}
