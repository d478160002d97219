/** The image list, as parameters of one line an image: an added image is one added line in a plan. */
import type { BuilderSettings } from "../../lib/config/cell";
import { PARAMETER_VALUE_MAXIMUM } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { SsmParameter, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";

/** Lines of the image list: the configured ones, and one for each image from the registry of the builder's own region. */
export function imageLines({ props, current }: CellScope<BuilderSettings>): readonly string[] {
  const { images, imagesFrom } = props;
  if (imagesFrom.length === 0) return images;
  const registry = `${current.account}.dkr.ecr.${current.region}.${current.dnsSuffix}`;
  return [...images, ...imagesFrom.map((image) => `${registry}/${image} optional`)];
}

export function createImageParameters(cell: CellScope<BuilderSettings>): SsmParameter {
  const { scope, props, parameters, tags } = cell;
  const groups = new TerraformLocal(
    scope,
    "images",
    hcl`{ for line in sort(distinct(${imageLines(cell)})) : substr(sha256(split(" ", line)[0]), 0, 1) => line... }`,
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
        ...(props.imagesFrom.length > 0 ? [eachOnce(props)] : []),
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

/** Only the plan knows the account, and so that `images` has an image of `images_from` too. */
function eachOnce({ name }: BuilderSettings) {
  const references = hcl`[for line in split("\n", each.value) : split(" ", line)[0]]`;
  const again = hcl`[for index, reference in ${references} : reference if index(${references}, reference) < index]`;
  return {
    condition: str`length(${again}) == 0`,
    errorMessage: `caches.${name}.images: found ${str`join(", ", ${again})`}, which images_from has too, expected each image once. Remove it from images.`,
  };
}
