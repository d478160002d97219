/**
 * The second half of the builder's script, as parameters: user data has no room for it (docs/decisions/0015-builder-in-two-halves.md). Its hash is part of
 * their names, so that a builder never reads another version than its user data was made with.
 */
import type { BuilderSettings } from "../../lib/config/cell";
import { PARAMETER_VALUE_MAXIMUM } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { buildScript } from "../parts/user-data";
import { SsmParameter, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";

export interface BuilderScript {
  readonly parameters: SsmParameter;
  /** Path below which the parameters are. */
  readonly path: string;
  readonly sha256: string;
}

export function createScript({ scope, props, parameters, tags }: CellScope<BuilderSettings>): BuilderScript {
  const file = buildScript(scope);
  const sha256 = new TerraformLocal(scope, "script_sha256", hcl`filesha256(${file})`);
  const version = str`substr(${sha256.expression}, 0, 16)`;
  const packed = new TerraformLocal(scope, "script", hcl`base64gzip(file(${file}))`);
  comment(packed, "The second half of the builder's script. Its first half checks the hash before it runs it.");
  const parts = new SsmParameter(scope, "script.parameter", {
    name: `${parameters.script}/${str`each.key`}`,
    description: `Builder's script of ${props.name}/${props.architecture}`,
    type: "String",
    insecureValue: str`each.value`,
    tags: tags(),
    // A template that names the former version is there until the new one is.
    lifecycle: { createBeforeDestroy: true },
  });
  const most = PARAMETER_VALUE_MAXIMUM;
  const packedText = packed.expression;
  parts.addOverride(
    "for_each",
    hcl`{ for part in range(ceil(length(${packedText}) / ${most})) : format("%s/%02d", ${version}, part) => substr(${packedText}, part * ${most}, ${most}) }`,
  );
  return { parameters: parts, path: `${parameters.script}/${version}`, sha256: sha256.asString };
}
