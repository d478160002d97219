/** Layer cache: where builds keep their layers, in which regions, for how long, and what jobs build with. */
import { z } from "zod";
import { layerCacheNames } from "../../contract";
import { BACKENDS, BLOB_DAYS, bucketName, LAYER_CACHE, repositories } from "../../layer-cache";
import type { CompanionSettings, LayerCacheSettings } from "../cell";
import { companionOf, type EntryPlace } from "../companion";
import type { AwsName } from "../schema/aws-names";
import { bucket, spelled, text, unusedBoundary } from "../schema/fields";
import { checkLayerCache, type Fields } from "./layer-cache-checks";

/** Stands for the account's id, which only the plan knows: every id is as long. */
const ACCOUNT = "000000000000";

const fields = {
  backend: z.enum(BACKENDS).default("s3").describe("Where layers are kept: `s3`, a bucket, or `ecr`, repositories."),
  bucket: bucket
    .nullable()
    .default(null)
    .describe(
      "Bucket of yours in S3, in the entry's one region, without object lock; it gets no rules of ours. null: one that is made.",
    ),
  expire_after_days: z
    .int()
    .min(1)
    .max(365)
    .default(14)
    .describe(
      `Days after its last write at which a branch's cache expires. Layers in S3 live ${BLOB_DAYS} days longer than what names them.`,
    ),
};

const glob = spelled(
  /^[A-Za-z0-9._/*?@+-]{1,200}$/,
  "a branch such as main, or a glob such as release/*: 1 to 200 letters, digits and . _ / * ? @ + -",
);

const jobFields = {
  protected_branches: z
    .array(glob)
    .min(1)
    .max(10)
    .default(["main"])
    .describe(
      "Branches, as names or globs, whose cache takes the writer's policy to write. A branch without a cache reads that of the first one that is a name and has one.",
    ),
  builder: z
    .strictObject({
      name: spelled(/^[a-z][a-z0-9-]{0,40}$/, "1 to 41 lower-case letters, digits and hyphens, beginning with a letter")
        .default("docker-cache")
        .describe("Name of the builder, as buildx lists it."),
      image: text("an image reference such as moby/buildkit:buildx-stable-1")
        .max(1024)
        .default("moby/buildkit:buildx-stable-1")
        .describe("Image of BuildKit."),
      keep_gib: z
        .int()
        .min(1)
        .max(16384)
        .default(20)
        .describe("Space that the builder's own storage may take, in GiB."),
    })
    .prefault({})
    .describe("The buildx builder that a job makes unless it is there."),
};

function names(place: EntryPlace<Fields>): AwsName[] {
  const { name, region, fields: entry } = place;
  const policies = Object.values(layerCacheNames(name, region)).map(
    (policy): AwsName => ({ kind: "iamPolicy", name: policy }),
  );
  if (entry.backend === "ecr")
    return [
      ...Object.values(repositories(name)).map((repository): AwsName => ({ kind: "ecrRepository", name: repository })),
      ...policies,
    ];
  const made = entry.bucket === null ? [bucketName(name, ACCOUNT, region)] : [];
  return [...made.map((one): AwsName => ({ kind: "bucket", name: one })), ...policies];
}

function settings({ fields: entry }: EntryPlace<Fields>): Omit<LayerCacheSettings, keyof CompanionSettings> {
  const { name, image, keep_gib: keepGib } = entry.builder;
  return {
    backend: entry.backend,
    bucket: entry.bucket,
    expireAfterDays: entry.expire_after_days,
    protectedBranches: [...entry.protected_branches],
    builder: { name, image, keepGib },
  };
}

export const layerCache = companionOf<Fields>({
  noun: LAYER_CACHE,
  description:
    "Layer caches by name: BuildKit keeps the layers of what jobs build in S3 or ECR of each region, for the next builds.",
  entries: "named",
  fields,
  jobFields,
  moduleFields: { permissions_boundary_arn: unusedBoundary },
  names,
  check: checkLayerCache,
  settings,
  example: {
    ci: { protected_branches: ["main", "release/*"], builder: { name: "docker-cache-large", keep_gib: 50 } },
    images: { backend: "ecr" },
  },
});
