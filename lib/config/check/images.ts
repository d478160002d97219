/** The image list. */
import { PARAMETER_VALUE_MAXIMUM } from "../../contract";
import { imageGroups, imageLine, imageReferenceProblem, normalizeImageReference } from "../../image-reference";
import type { CacheConfig } from "../schema/schema";
import type { CacheCheck, Finding, Path } from "../text/problem";
import { present } from "../text/prune";

type Image = CacheConfig["images"][number];

const referenceOf = (image: Image) => (typeof image === "string" ? image : image.reference);

/** A cache has something to hold. */
export const checkAnyImages: CacheCheck = (config, cache) => {
  const { images, images_from } = config.caches[cache]!;
  if (images.length > 0 || images_from.length > 0) return [];
  const expected = "at least one image, in images or by images_from";
  return [{ path: ["caches", cache, "images"], found: "no image", expected, fix: "add images" }];
};

/** References follow the grammar. */
export const checkReferences: CacheCheck = (config, cache) =>
  present(config.caches[cache]!.images).flatMap(([index, image]) => {
    const reference = referenceOf(image);
    const problem = imageReferenceProblem(reference);
    if (problem === undefined) return [];
    const fix = "write [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]";
    return [
      { path: pathOf(cache, image, index), found: `"${reference}": ${problem}`, expected: "an image reference", fix },
    ];
  });

/** No image stands there twice, however it is spelled. */
export const checkDuplicateImages: CacheCheck = (config, cache) => {
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [index, image] of present(config.caches[cache]!.images)) {
    const reference = referenceOf(image);
    if (imageReferenceProblem(reference) !== undefined) continue;
    const full = normalizeImageReference(reference);
    const first = seen.get(full);
    if (first === undefined) seen.set(full, reference);
    else {
      const found = first === reference ? `${reference} again` : `${reference}, the same image as ${first} above`;
      findings.push({
        path: pathOf(cache, image, index),
        found,
        expected: "each image once",
        fix: "remove one of the two",
      });
    }
  }
  return findings;
};

/** Each parameter holds its share of the list. */
export const checkImageParameters: CacheCheck = (config, cache) => {
  const { images } = config.caches[cache]!;
  return Object.entries(imageGroups(images.map(imageLine)))
    .filter(([, value]) => value.length > PARAMETER_VALUE_MAXIMUM)
    .map(([digit, value]) => ({
      path: ["caches", cache, "images"],
      found: `${value.length} characters of images whose reference's SHA-256 begins with ${digit}`,
      expected: `at most ${PARAMETER_VALUE_MAXIMUM}, the most that a parameter holds`,
      fix: `shorten their smoke commands, or move some to another cache: ${value
        .split("\n")
        .map((line) => line.split(" ", 1)[0])
        .join(", ")}`,
    }));
};

function pathOf(cache: string, image: Image, index: number): Path {
  return ["caches", cache, "images", index, ...(typeof image === "string" ? [] : ["reference"])];
}
