/** CI images: which ECR repositories jobs keep images of build-time dependencies in, in which regions, and for how long. */
import { z } from "zod";
import { CI_IMAGES, defaultRepository } from "../../ci-images";
import { ciImagesNames } from "../../contract";
import { companionOf, type EntryFields } from "../companion";
import { repositoryName, unusedBoundary } from "../schema/fields";

/** Fields of an entry. */
interface Fields extends EntryFields {
  readonly repository: string | null;
  readonly max_age_days: number;
}

const fields = {
  repository: repositoryName
    .nullable()
    .default(null)
    .describe("Name of the ECR repository, one of its own in each region. null: `build-cache/<name>`."),
  max_age_days: z
    .int()
    .min(1)
    .max(3650)
    .default(7)
    .describe(
      "Days after its push at which ECR deletes an image. Caches that have it in `images_from` must be built twice in that time, or more often.",
    ),
};

/** Name of an entry's repository. */
function repositoryOf({ name, fields: entry }: { readonly name: string; readonly fields: Fields }): string {
  return entry.repository ?? defaultRepository(name);
}

export const ciImages = companionOf<Fields>({
  noun: CI_IMAGES,
  description:
    "CI images by name: images of build-time dependencies that jobs build once and find again by their tags, in an ECR repository of each region.",
  entries: "named",
  fields,
  moduleFields: { permissions_boundary_arn: unusedBoundary },
  names: (place) => {
    const { pullerPolicy, pusherPolicy } = ciImagesNames(place.name, place.region);
    return [
      {
        kind: "ecrRepository",
        name: repositoryOf(place),
        path: place.fields.repository === null ? [] : ["repository"],
      },
      { kind: "iamPolicy", name: pullerPolicy },
      { kind: "iamPolicy", name: pusherPolicy },
    ];
  },
  settings: (place) => ({ repository: repositoryOf(place), maxAgeDays: place.fields.max_age_days }),
  example: { app: { repository: "build-cache/acme/app" } },
});
