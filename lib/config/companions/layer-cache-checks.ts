/** What the schema alone cannot tell of the layer cache's entries: how their fields fit together, one another and the file. */
import { imageReferenceProblem } from "../../image-reference";
import { type Backend, bucketName, LAYER_CACHE, RESERVED_BUCKET } from "../../layer-cache";
import type { Entry, EntryFields } from "../companion";
import type { Config } from "../schema/schema";
import type { Finding } from "../text/problem";
import { present, unlessMissing } from "../text/prune";

/** Fields of an entry. */
export interface Fields extends EntryFields {
  readonly backend: Backend;
  readonly bucket: string | null;
  readonly expire_after_days: number;
  readonly protected_branches: readonly string[];
  readonly builder: { readonly name: string; readonly image: string; readonly keep_gib: number };
}

/** A check of one entry, given the noun's entries before it and all but itself. */
type Check = (entry: Entry<Fields>, config: Config, others: Others) => Finding[];
interface Others {
  readonly before: readonly Entry<Fields>[];
  readonly all: readonly Entry<Fields>[];
}

/** Checks of an entry. What one of them cannot look at, for it is faulty, does not hide what the rest finds. */
export function checkLayerCache(entry: Entry<Fields>, config: Config, all: readonly Entry[]): Finding[] {
  const ours = all.filter(({ companion }) => companion.noun === LAYER_CACHE) as unknown as readonly Entry<Fields>[];
  const others = { before: ours.slice(0, ours.indexOf(entry)), all: ours.filter((other) => other !== entry) };
  return CHECKS.flatMap((check) => unlessMissing(() => check(entry, config, others)));
}

const checkBackend: Check = ({ path, fields: { backend, bucket } }) => {
  if (backend === "s3" || bucket === null) return [];
  const expected = "none with backend: ecr, which has repositories of the entry's own";
  return [{ path: [...path, "bucket"], found: bucket, expected, fix: "remove it, or write backend: s3" }];
};

const checkBucketName: Check = ({ path, fields: { bucket } }) => {
  if (bucket === null || !RESERVED_BUCKET.test(bucket)) return [];
  const expected = "a name that S3 gives to buckets: no address, no two dots in a row, nothing that S3 reserves";
  return [{ path: [...path, "bucket"], found: bucket, expected, fix: "name a general purpose bucket" }];
};

/** BuildKit asks the region's endpoint, and S3 answers for a bucket of another region with an error. */
const checkBucketRegions: Check = ({ path, fields }, config) => {
  const regions = regionsOf(fields, config);
  if (fields.bucket === null || regions.length < 2) return [];
  return [
    {
      path: [...path, "bucket"],
      found: `${fields.bucket}, for ${regions.join(", ")}`,
      expected: "an entry in one region, that of the bucket",
      fix: `add regions: [${regions[0]}] if it is there, and an entry for each other region`,
    },
  ];
};

/** Neither Terraform's state nor a bucket that goes with another entry is a place for layers. */
const checkBucketOwner: Check = ({ path, fields: { bucket } }, config, { all }) => {
  if (bucket === null) return [];
  const at = [...path, "bucket"];
  if (config.state.backend === "s3" && config.state.bucket === bucket) {
    const expected = "another one, for every build lists it";
    return [{ path: at, found: `${bucket}, the bucket of the state`, expected, fix: "name another bucket" }];
  }
  const maker = all.find((other) => holds(() => makes(other, bucket, config)));
  if (maker === undefined) return [];
  const found = `${bucket}, which ${maker.path.join(".")} makes`;
  const fix = `use the entry ${maker.name}, or remove bucket for one of this entry's own`;
  return [{ path: at, found, expected: "a bucket of yours, which is not deleted with an entry", fix }];
};

/** True if an entry makes this bucket, in whichever account. */
function makes({ name, fields }: Entry<Fields>, bucket: string, config: Config): boolean {
  if (fields.backend !== "s3" || fields.bucket !== null) return false;
  const account = /-([0-9]{12})-/.exec(bucket)?.[1] ?? "";
  return regionsOf(fields, config).some((region) => bucketName(name, account, region) === bucket);
}

/** Jobs know branches by their short names. */
const checkBranches: Check = ({ path, fields }) => {
  const globs = present(fields.protected_branches);
  return globs.flatMap(([index, glob], at): Finding[] => {
    const place = [...path, "protected_branches", index];
    const [, ref, short] = /^(refs\/(?:heads|tags)\/)(.+)$/.exec(glob) ?? [];
    if (ref !== undefined)
      return [{ path: place, found: glob, expected: `a branch without ${ref}`, fix: `write ${short}` }];
    if (globs.findIndex(([, other]) => other === glob) === at) return [];
    return [{ path: place, found: `${glob} again`, expected: "each branch once", fix: "remove it" }];
  });
};

const checkImage: Check = ({ path, fields: { builder } }) => {
  const problem = imageReferenceProblem(builder.image);
  if (problem === undefined) return [];
  const [found, fix] = [`"${builder.image}": ${problem}`, "write [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]"];
  return [{ path: [...path, "builder", "image"], found, expected: "an image reference", fix }];
};

/** A machine may build for several entries. A builder is made once, by the first that needs it, and is the others' too if it bears their name. */
const checkBuilder: Check = ({ path, fields }, config, { before }) => {
  const regions = regionsOf(fields, config);
  const { name, image, keep_gib } = fields.builder;
  const clashes = ({ fields: theirs }: Entry<Fields>) => {
    const alike = theirs.builder.image === image && theirs.builder.keep_gib === keep_gib;
    return theirs.builder.name === name && !alike && regionsOf(theirs, config).some((one) => regions.includes(one));
  };
  const other = before.find((one) => holds(() => clashes(one)));
  if (other === undefined) return [];
  const key = other.fields.builder.image === image ? "keep_gib" : "image";
  return [
    {
      path: [...path, "builder"],
      found: `${name}, which ${other.path.join(".")} has with another ${key} in a region of both`,
      expected: "builders of one name that are alike: a machine may build for both entries",
      fix: `set the same ${key}, or add a name of its own`,
    },
  ];
};

const CHECKS: readonly Check[] = [
  checkBackend,
  checkBucketName,
  checkBucketRegions,
  checkBucketOwner,
  checkBranches,
  checkImage,
  checkBuilder,
];

function regionsOf(fields: Fields, config: Config): readonly string[] {
  return fields.regions ?? Object.keys(config.regions);
}

/** What is said of another entry; false if that one cannot be looked at. */
function holds(said: () => boolean): boolean {
  return unlessMissing(() => [said()])[0] === true;
}
