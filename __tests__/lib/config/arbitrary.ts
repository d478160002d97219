/** Any valid configuration: as data, before its defaults. */
import * as fc from "fast-check";

/** A map of which any key may be left out. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const or = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary);

/** Regions of one partition; the first always builds everything itself. */
const REGIONS = ["eu-west-1", "us-east-1", "us-east-2", "ap-southeast-1", "sa-east-1", "ca-central-1", "eu-north-1"];
const KEY = (region: string) => `arn:aws:kms:${region}:123456789012:key/1111-2222`;

const image = fc
  .tuple(
    word,
    word,
    fc.boolean(),
    fc.constantFrom("start", "whole"),
    or(fc.stringMatching(/^[a-z]{1,5}( -[a-z]){0,3}$/)),
  )
  .chain(([repository, tag, optional, warm, smoke]) =>
    fc.constantFrom<unknown>(
      `${repository}:${tag}`,
      { reference: `ghcr.io/${repository}/${tag}`, optional, warm, smoke },
      {
        reference: `${repository}@sha256:${"ab".repeat(32)}`,
      },
    ),
  );
const referenceOf = (entry: unknown) =>
  typeof entry === "string" ? entry : (entry as { reference: string }).reference;

const network = fc.oneof(
  some({ security_group_ids: fc.uniqueArray(fc.stringMatching(/^sg-[0-9a-f]{8}$/), { maxLength: 3 }) }),
  some({ associate_public_ip_address: or(fc.boolean()) }).map((rest) => ({
    ...rest,
    subnet_id: "subnet-0123456789abcdef0",
  })),
);

/** Settings that may stand in a region and in a cache's override of it. */
function regional(region: string, copyFrom: string | null, schedule: number): fc.Arbitrary<object> {
  const zones = fc.uniqueArray(fc.constantFrom(...["a", "b", "c"].map((zone) => `${region}${zone}`)), { minLength: 1 });
  return some({
    kms_key_arn: or(fc.constant(KEY(region))),
    builder: network,
    worker: network,
    proxy: some({ http: or(fc.constant("http://proxy:3128")), no: or(fc.constant("localhost,.internal")) }),
  }).chain((rest) =>
    // Always some zones, so that any warmth but rate goes.
    zones.map((fast_restore_zones) => ({ ...rest, fast_restore_zones, copy_from: copyFrom, dlm_schedule: schedule })),
  );
}

const volume = fc.oneof(
  some({ size_gib: fc.integer({ min: 10, max: 500 }), generation: fc.integer({ min: 1, max: 9999 }) }),
  fc.constant({ type: "gp3", size_gib: 100, iops: 8000, throughput_mibps: 1000 }),
  fc.constant({ type: "gp2", file_system: "ext4" }),
  fc.constant({ type: "io2", size_gib: 40, iops: 40000 }),
  fc.constant({ type: "io1", size_gib: 40, iops: 2000 }),
);

const build = fc.oneof(
  fc.constant({}),
  some({
    at: fc.constantFrom(["01:30"], ["02:00", "14:00"], ["23:59"]),
    time_zone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"),
    parallel_pulls: fc.integer({ min: 1, max: 32 }),
    hot_set_percent: fc.integer({ min: 1, max: 100 }),
  }),
  fc.record({
    watchdog_minutes: fc.integer({ min: 10, max: 300 }),
    launch_retry_minutes: fc.integer({ min: 1, max: 120 }),
  }),
  fc.constant({ at: ["03:00"], replicate_at: "20:00" }),
);

const cache = fc.record(
  {
    images: fc.uniqueArray(image, { minLength: 1, maxLength: 8, selector: referenceOf }),
    architectures: fc.constantFrom<object>(
      { x86_64: {} },
      { arm64: {} },
      {
        x86_64: { builder: { instance_type: "c7i.xlarge", root_volume_size_gib: 40 } },
        arm64: {
          worker: { instance_type: "m7g.large", image_id: "resolve:ssm:/my/ami", root_device_name: "/dev/sda1" },
        },
      },
    ),
    images_from: fc.uniqueArray(fc.constantFrom("app", "web"), { maxLength: 2 }),
    image_store: fc.constantFrom("overlay2", "containerd"),
    volume,
    build,
    registries: fc.constantFrom<object[]>([], [{ host: "ghcr.io", secret_name: "ci/ghcr" }]),
    pull_through: fc.constantFrom<object | null>(null, {}, { "docker.io/library": "ecr-public/docker/library" }),
    retention: some({
      keep_last: fc.integer({ min: 1, max: 100 }),
      recycle_bin_days: or(fc.integer({ min: 1, max: 365 })),
    }),
    rotation: some({ reserved_concurrency: or(fc.constant(1)), max_engine: or(fc.integer({ min: 24, max: 40 })) }),
    worker: some({
      warmth: fc.constantFrom("lazy", "fsr"),
      hydrate: fc.constantFrom("hot", "all", "none"),
      volume: some({ size_gib: fc.integer({ min: 500, max: 2000 }) }),
      policy_arns: fc.constantFrom<string[]>([], ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
      script: or(fc.constant("#!/bin/bash\necho: 'yes'\n")),
    }),
    permissions_boundary_arn: or(fc.constant("arn:aws:iam::123456789012:policy/boundary")),
    role_path: fc.constantFrom("/", "/ci/docker/"),
    log_retention_days: fc.constantFrom(1, 30, 3653),
  },
  { requiredKeys: ["images"] },
);

/** Three regions copy on the first schedule, the others on the second; some build themselves after all. */
const regions = fc
  .tuple(fc.integer({ min: 1, max: REGIONS.length }), fc.infiniteStream(fc.boolean()))
  .chain(([count, copies]) =>
    fc
      .tuple(
        ...REGIONS.slice(0, count).map((region, index) => {
          const copyFrom = index > 0 && copies.next().value ? REGIONS[0]! : null;
          return fc.tuple(fc.constant(region), regional(region, copyFrom, index <= 3 ? 1 : 2));
        }),
      )
      .map((entries) => Object.fromEntries(entries)),
  );

/** A cache leaves regions out or builds in them itself; never the first, from which others copy. */
function overrides(names: readonly string[]): fc.Arbitrary<object> {
  const override = fc.constantFrom<object>(
    { enabled: false },
    { copy_from: null },
    { copy_from: null, registries: [] },
  );
  return fc
    .subarray(names.slice(1))
    .chain((some) => fc.tuple(...some.map((name) => fc.tuple(fc.constant(name), override))))
    .map((entries) => Object.fromEntries(entries));
}

/** Entries that caches may name, in every region, and one that they do not, in some. */
function ciImages(names: readonly string[]): fc.Arbitrary<object> {
  const age = fc.integer({ min: 2, max: 3650 });
  return fc.record(
    {
      app: some({ repository: fc.constant("build-cache/acme/app"), max_age_days: age }),
      web: some({ max_age_days: age, role_path: fc.constant("/ci/docker/") }),
      unnamed: fc.record({ regions: fc.subarray([...names], { minLength: 1 }) }),
    },
    { requiredKeys: ["app", "web"] },
  );
}

/** Entries of the layer cache, each with a builder of its own: one in every region, and one of the user's bucket in one. */
function layerCache(names: readonly string[]): fc.Arbitrary<object> {
  const own = {
    expire_after_days: fc.integer({ min: 1, max: 365 }),
    protected_branches: fc.constantFrom(["main"], ["trunk", "release/*"]),
    role_path: fc.constant("/ci/docker/"),
  };
  const builder = (name: string) =>
    some({ keep_gib: fc.integer({ min: 1, max: 16384 }) }).map((rest) => ({ name, ...rest }));
  return fc.record(
    {
      layers: some({ ...own, backend: fc.constantFrom("s3", "ecr"), builder: builder("one") }),
      shared: fc.record({ bucket: fc.constant("acme"), regions: fc.constantFrom(...names.map((name) => [name])) }),
    },
    { requiredKeys: [] },
  );
}

export const configurations: fc.Arbitrary<Record<string, unknown>> = regions.chain((given) =>
  fc.record(
    {
      project: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      tags: fc.dictionary(word, fc.stringMatching(/^[a-zA-Z0-9 .:/=+@_-]{0,20}$/), { maxKeys: 5 }),
      state: fc.constantFrom<object>({ backend: "local" }, { backend: "s3", bucket: "my-state", region: "eu-west-1" }),
      regions: fc.constant(given),
      caches: fc.dictionary(
        fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
        fc
          .tuple(cache, overrides(Object.keys(given)))
          .map(([fields, own]): object => (Object.keys(own).length > 0 ? { ...fields, regions: own } : fields)),
        { minKeys: 1, maxKeys: 3 },
      ),
      ci_images: ciImages(Object.keys(given)),
      layer_cache: layerCache(Object.keys(given)),
    },
    { requiredKeys: ["regions", "caches", "ci_images"] },
  ),
);
