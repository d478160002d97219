/** Scope of the parts of pull-through. */

import { pullThroughNames } from "../../lib/contract";
import { PULL_THROUGH } from "../../lib/pull-through";
import { companionScope, type Scope } from "../parts/scope";
import { type Construct, TerraformLocal, Token } from "../terraform/cdktf";
import { list, str } from "../terraform/expression";
import { TerraformData } from "../terraform/terraform-data";
import type { PullThroughProps } from "./props";

export interface PullThroughScope extends Scope<PullThroughProps> {
  readonly names: ReturnType<typeof pullThroughNames>;
  readonly identity: TerraformData;
  /** Local value of the rules by prefix. */
  readonly rules: TerraformLocal;
  /** ARNs of all repositories below the prefixes. */
  readonly repositories: string[];
}

export function pullThroughScope(at: Construct, props: PullThroughProps): PullThroughScope {
  const scope = companionScope(at, props);
  const rules = new TerraformLocal(at, "all_rules", props.rules);
  const arn = (prefix: string) => scope.current.arn("ecr", `repository/${prefix}/*`);
  const { prefixes } = props;
  return {
    ...scope,
    names: pullThroughNames(scope.current.region),
    identity: new TerraformData(at, "identity", { name: PULL_THROUGH }),
    rules,
    repositories: Token.isUnresolved(prefixes)
      ? list`[for prefix in ${prefixes} : ${arn(str`prefix`)}]`
      : prefixes.map(arn),
  };
}
