/** The image list, as parameters of one line an image: an added image is one added line in a plan. */
import type { BuilderSettings } from "../../lib/config/cell";
import { PARAMETER_VALUE_MAXIMUM } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { SsmParameter, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";

export function createImageParameters(cell: CellScope<BuilderSettings>): SsmParameter {
  const { scope, props, parameters, tags } = cell;
  const groups = new TerraformLocal(
    scope,
    "images",
    hcl`{ for line in sort(distinct(${props.images})) : substr(sha256(split(" ", line)[0]), 0, 1) => line... }`,
  );
  const images = new SsmParameter(scope, "images.parameter", {
    name: `${parameters.images}/${str`each.key`}`,
    description: `Images of ${props.name}/${props.architecture} whose reference's SHA-256 begins with ${str`each.key`}`,
    type: "String",
    insecureValue: str`each.value`,
    tags: tags(),
    lifecycle: {
      precondition: [
        {
          condition: str`length(each.value) <= ${PARAMETER_VALUE_MAXIMUM}`,
          errorMessage: `The images of ${props.name}/${props.architecture} whose reference's SHA-256 begins with ${str`each.key`} take ${str`length(each.value)`} characters, and a parameter holds ${PARAMETER_VALUE_MAXIMUM}. Shorten their smoke commands, or move some images to another cache.`,
        },
      ],
    },
  });
  images.addOverride("for_each", hcl`{ for digit, lines in ${groups.expression} : digit => join("\n", lines) }`);
  comment(
    groups,
    "Sixteen groups at most, so that a long list fits parameters of 4,096 characters and an added image changes one of them.",
  );
  return images;
}
