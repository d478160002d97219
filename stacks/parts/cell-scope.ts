/** Scope of the parts of a cache's construct: a {@link Scope}, and the names of one cache and architecture. */
import type { Common } from "../../lib/config/cell";
import { parameterPaths, resourceNames } from "../../lib/contract";
import type { Construct } from "../terraform/cdktf";
import { currentOf } from "./current";
import { ownTags } from "./policy";
import type { Scope } from "./scope";
import { taggerOf } from "./tags";

export interface CellScope<Props extends Common> extends Scope<Props> {
  readonly names: ReturnType<typeof resourceNames>;
  readonly parameters: ReturnType<typeof parameterPaths>;
}

export function cellScope<Props extends Common>(scope: Construct, props: Props): CellScope<Props> {
  const current = currentOf(scope);
  return {
    scope,
    props,
    current,
    names: resourceNames(props.name, props.architecture, current.region),
    parameters: parameterPaths(props.name, props.architecture),
    tags: taggerOf(scope, props.tags, ownTags(props)),
  };
}
