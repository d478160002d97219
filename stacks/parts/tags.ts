/** Tags of resources: the user's, and over them ours. */
import { TAG } from "../../lib/contract";
import { type IConstruct, TerraformLocal, Token } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";

export type Tags = Record<string, string>;

/** Tags of a resource, with `extra` ones of its own. */
export type Tagger = (extra?: Tags) => Tags;

interface Tagged {
  readonly name: string;
  readonly architecture: string;
  readonly tags: Readonly<Tags>;
}

/** How everything of one cache and architecture is tagged: literals in a stack, a merge with the module's variable in a module. */
export function taggerOf(scope: IConstruct, { name, architecture, tags }: Tagged): Tagger {
  const own = { [TAG.name]: name, [TAG.architecture]: architecture };
  if (!Token.isUnresolved(tags)) return (extra = {}) => ({ ...tags, ...own, ...extra });
  const common = new TerraformLocal(scope, "tags", hcl`merge(${tags}, ${own})`);
  return (extra) =>
    Token.asStringMap(extra === undefined ? common.expression : hcl`merge(${common.expression}, ${extra})`);
}
