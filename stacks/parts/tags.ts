/** Tags of resources: the user's, and over them ours. */
import { type IConstruct, TerraformLocal, Token } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";

export type Tags = Record<string, string>;

/** Tags of a resource, with its own `extra` ones. */
export type Tagger = (extra?: Tags) => Tags;

/** Returns the tagger of one owner, `own` over the user's: literals in a stack, a merge with the module's variable in a module. */
export function taggerOf(scope: IConstruct, tags: Readonly<Tags>, own: Tags): Tagger {
  if (!Token.isUnresolved(tags)) return (extra = {}) => ({ ...tags, ...own, ...extra });
  const common = new TerraformLocal(scope, "tags", hcl`merge(${tags}, ${own})`);
  return (extra) =>
    Token.asStringMap(extra === undefined ? common.expression : hcl`merge(${common.expression}, ${extra})`);
}
