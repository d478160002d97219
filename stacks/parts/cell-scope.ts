/** Scope of the parts of a cache's construct: a {@link Scope}, and the names of one cache and architecture. */
import type { Common } from "../../lib/config/cell";
import { parameterPaths, resourceNames } from "../../lib/contract";
import { type Construct, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl } from "../terraform/expression";
import { TerraformData } from "../terraform/terraform-data";
import { currentOf } from "./current";
import { ownTags } from "./policy";
import type { Scope } from "./scope";
import { taggerOf } from "./tags";

export interface CellScope<Props extends Common> extends Scope<Props> {
  readonly names: ReturnType<typeof resourceNames>;
  readonly parameters: ReturnType<typeof parameterPaths>;
  readonly identity: TerraformData;
}

export function cellScope<Props extends Common>(scope: Construct, props: Props): CellScope<Props> {
  const current = currentOf(scope);
  const identity = new TerraformData(scope, "identity", { name: props.name, architecture: props.architecture });
  // A count must be known. An unknown name would be another cache's each time it is looked up.
  if (Token.isUnresolved(props.name)) {
    identity.addOverride("count", hcl`length(${`${props.name}${props.architecture}`}) > 0 ? 1 : 0`);
  }
  comment(
    identity,
    "What bears a cache's name is replaced by another name, and by nothing that is merely unknown while planning.",
  );
  return {
    scope,
    props,
    current,
    identity,
    names: resourceNames(props.name, props.architecture, current.region),
    parameters: parameterPaths(props.name, props.architecture),
    tags: taggerOf(scope, props.tags, ownTags(props)),
  };
}
