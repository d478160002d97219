/** Layer cache: BuildKit's build cache in S3 or ECR, for builders that live for one job. */

/** Name of the noun, the value of the tag `docker-cache:companion`. */
export const LAYER_CACHE = "layer-cache";

/** Kinds of places that BuildKit keeps layers in. */
export const BACKENDS = ["s3", "ecr"] as const;
export type Backend = (typeof BACKENDS)[number];

/**
 * Days for which a blob outlives a manifest of the same age. BuildKit fails a build if a blob is gone that a manifest names. Each export writes its
 * manifest anew and touches blobs that are older than a day, so a manifest's blobs are a day older than itself at most (`touch_refresh` of
 * BuildKit's S3 backend). S3 rounds expiry up to midnight UTC, and may be late with it.
 */
export const BLOB_DAYS = 7;

/** Days after which an image without a tag is deleted: each export to ECR leaves the former manifest as one. */
export const UNTAGGED_DAYS = 7;

/** Name of the bucket that an entry has if it names none. Arguments may be Terraform expressions. */
export function bucketName(name: string, account: string, region: string): string {
  return `docker-cache-${name}-${account}-${region}`;
}

/** What the names of an entry's repositories begin with, without a slash at the end. The argument may be a Terraform expression. */
export function repositoryBase(name: string): string {
  return `docker-cache-layer-cache/${name}`;
}

/** Names of an entry's repositories: that of protected branches, and that of all others. The argument may be a Terraform expression. */
export function repositories(name: string) {
  const base = repositoryBase(name);
  return { default: `${base}/default`, branches: `${base}/branches` } as const;
}

/** Keys of an entry's objects, each as a beginning that ends in a slash. The argument may be a Terraform expression. */
export function prefixes(name: string) {
  return {
    /** Manifests of every branch, protected or not. */
    manifests: `${name}/manifests/`,
    /** Manifests of branches that are not protected. */
    branches: `${name}/manifests/branches/`,
    /** Layers, which manifests of all branches share. */
    blobs: `${name}/blobs/`,
  } as const;
}

/**
 * Buckets that fit the pattern of a name and still are none of ours: S3 reserves some beginnings and endings, and takes neither an IP address nor two
 * dots in a row (Amazon S3 User Guide, "General purpose bucket naming rules"). JavaScript and RE2 read the pattern alike.
 */
export const RESERVED_BUCKET =
  /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|[.]mrap|--x-s3|--table-s3)$|[.][.]|^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$/;
