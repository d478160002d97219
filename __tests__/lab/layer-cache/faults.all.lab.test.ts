/**
 * What goes wrong with layers never fails a build, and is told in the closing line (R21). What goes wrong with the build itself fails it once, as
 * without a cache.
 */
import type { S3Fault } from "../../../lab/aws/server/s3-faults";
import type { Machine } from "../../../lab/machine/machine";
import { BUILDER_IMAGE, type BuildxEnd, type BuildxJob, runBuildx } from "../../../lab/product/buildx-job";
import type { Credentials } from "../../../lab/product/plugin-job";
import type { RegistryFaults } from "../../../lab/registry/registry-faults";
import { FORMER_IMAGE, withBuildkit } from "../buildkit/with-buildkit";
import { BASE, credentialsOf } from "../ci-images/job-lab";
import { api, ecrApi, stopEcrLab } from "../ecr/ecr-lab";
import { writeSmallImage } from "../registry/small-image";
import { type Backend, BUCKET, REPOSITORIES, type Role } from "./emitted";
import {
  anew,
  bootBuilder,
  GENERATIONS,
  keysIn,
  type LayerLab,
  layersOf,
  makeBucket,
  rolesOf,
  settingsOf,
  startLayerLab,
} from "./layer-lab";
import { contentOf, contextOf, ranAgain } from "./sample-build";

jest.setTimeout(900_000);

let layers: LayerLab;
const roles = {} as Record<Backend, Readonly<Record<Role, Credentials>>>;
let nobody: Credentials;
beforeAll(async () => {
  layers = await startLayerLab();
  for (const backend of ["s3", "ecr"] as const) roles[backend] = await rolesOf(layers, backend);
  nobody = await credentialsOf(layers.jobs, "nobody", [
    { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
  ]);
});
afterAll(() => layers && stopEcrLab(layers.jobs.lab));
beforeEach(() => {
  layers.faults = () => undefined;
});

const s3 = (action: string, input: object) => api(layers.jobs.lab, "s3", action, { Bucket: BUCKET, ...input });

/** Something that happens to layers in the bucket between two builds. */
interface Fault {
  readonly name: string;
  /** Makes it happen to the layers of an application, whose manifest has this key. */
  readonly spoil: (manifest: string) => Promise<void> | void;
  /** Takes it away again, as far as builds do not. */
  readonly heal?: () => Promise<void> | void;
  /** Who builds meanwhile. Default: the writer. */
  readonly as?: () => Credentials;
  /** What the closing line says. */
  readonly says: RegExp;
  /** Builds that it takes: 2 if the first is given up. Default: 1. */
  readonly builds?: number;
  /** Builds after it until one finds layers. Default: 1, the next. */
  readonly until?: number;
}

/** The key of the last layer that a manifest names: a RUN's. */
async function lastBlob(manifest: string): Promise<string> {
  const blob = (await layersOf(layers, manifest)).at(-1);
  if (!blob) throw new Error(`${manifest} names no layer`);
  return `ci/blobs/${blob}`;
}

async function change(Key: string, how: (body: Buffer) => Buffer): Promise<void> {
  const { Body } = (await s3("GetObject", { Key })) as { Body: string | Uint8Array };
  await s3("PutObject", { Key, Body: how(Buffer.from(Body as Uint8Array)) });
}

const flipped = (body: Buffer) => {
  const other = Buffer.from(body);
  const middle = Math.floor(other.length / 2);
  other[middle] = (other[middle] ?? 0) ^ 1;
  return other;
};

const FAULTS: readonly Fault[] = [
  {
    name: "the bucket is gone",
    async spoil() {
      for (const Key of await keysIn(layers)) await s3("DeleteObject", { Key });
      await s3("DeleteBucket", {});
    },
    heal: () => makeBucket(layers),
    says: /NoSuchBucket|no bucket/i,
    until: 2,
  },
  { name: "who builds may not read", spoil: () => undefined, as: () => nobody, says: /denied|refused|403/i },
  {
    name: "who builds may not write",
    spoil: () => undefined,
    as: () => roles.s3.reader,
    says: /wrote nothing|not written|denied|refused|403/i,
  },
  {
    name: "S3 answers nothing for 30 s",
    spoil() {
      const until = performance.now() + 30_000;
      layers.faults = (): S3Fault => ({ kind: "stall", milliseconds: Math.max(0, until - performance.now()) });
    },
    heal() {
      layers.faults = () => undefined;
    },
    says: /^\d+ of \d+ steps cached/,
  },
  {
    name: "S3 answers 503",
    spoil() {
      layers.faults = (): S3Fault => ({ kind: "error", status: 503, code: "SlowDown" });
    },
    heal() {
      layers.faults = () => undefined;
    },
    says: /SlowDown|503/,
  },
  {
    name: "the manifest is cut in half",
    spoil: (manifest) => change(manifest, (body) => body.subarray(0, Math.floor(body.length / 2))),
    says: /^0 of \d+ steps cached/,
  },
  {
    name: "a layer is deleted",
    spoil: async (manifest) => void (await s3("DeleteObject", { Key: await lastBlob(manifest) })),
    says: /^0 of \d+ steps cached/,
    builds: 2,
  },
  {
    name: "one byte of a layer is changed",
    spoil: async (manifest) => change(await lastBlob(manifest), flipped),
    says: /^0 of \d+ steps cached/,
    builds: 2,
  },
];

/** Engines, and BuildKit's versions: the usual one, and a former one, of which it is looked at whose failure is whose. */
const KINDS = [
  ...GENERATIONS.map((generation) => ({ generation, image: BUILDER_IMAGE, faults: FAULTS })),
  { generation: "trixie", image: FORMER_IMAGE, faults: FAULTS.filter(({ builds }) => builds === 2) },
] as const;

withBuildkit.describe.each(KINDS)("$generation with $image and layers in S3", ({ generation, image, faults }) => {
  const named = `${generation}${image === BUILDER_IMAGE ? "" : "-former"}`;
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootBuilder(layers.jobs.lab.lab, generation);
  });

  const job = (app: string, more: Partial<BuildxJob> = {}): BuildxJob => ({
    as: roles.s3.writer,
    settings: { ...settingsOf("s3"), job_set_image: image },
    files: contextOf(),
    ...more,
    options: ["--app", app, "--branch", "main", ...(more.options ?? [])],
  });
  /** On a machine that has nothing. */
  const build = async (job: BuildxJob): Promise<BuildxEnd> => runBuildx(await anew(machine), job);

  it.each(faults)(
    "$name: the image comes out equal, the line says it, and the next build has its layers again",
    async (fault) => {
      const app = `${named}-${FAULTS.indexOf(fault)}`;
      const first = await build(job(app));
      const manifest = (await keysIn(layers)).find((key) => key.includes(`/default/${app}/`)) ?? "";
      await fault.spoil(manifest);
      const spoiled = await build(job(app, { as: fault.as?.() ?? roles.s3.writer }));
      await fault.heal?.();
      expect([spoiled.status, spoiled.builds.length]).toEqual([0, fault.builds ?? 1]);
      expect(contentOf(spoiled)).toEqual(contentOf(first));
      expect(spoiled.cache).toMatch(fault.says);
      let before = spoiled;
      let after = await build(job(app));
      for (let time = 1; time < (fault.until ?? 1); time++) [before, after] = [after, await build(job(app))];
      expect([after.status, after.builds.length, after.cache]).toEqual([
        0,
        1,
        expect.stringMatching(/^([1-9]\d*) of \1 steps/),
      ]);
      // Who wrote nothing leaves the first build's.
      expect([ranAgain(before, after), ranAgain(first, after)]).toContainEqual([]);
    },
  );

  it("a layer that only a writer can delete: others build twice and get it right, until a writer has built", async () => {
    const app = `${named}-shared`;
    const first = await build(job(app));
    const manifest = (await keysIn(layers)).find((key) => key.includes(`/default/${app}/`)) ?? "";
    const blob = await lastBlob(manifest);
    await change(blob, flipped);
    // Each branch is a new one, which has no layers of its own yet.
    const on = (branch: string) => job(app, { as: roles.s3.branch_writer, options: ["--branch", branch] });
    for (const branch of ["one", "two"]) {
      const end = await build(on(branch));
      expect([branch, end.status, end.builds.length]).toEqual([branch, 0, 2]);
      expect(contentOf(end)).toEqual(contentOf(first));
    }
    expect(await keysIn(layers)).toContain(blob);
    const writer = await build(job(app));
    expect([writer.status, writer.builds.length]).toEqual([0, 2]);
    const after = await build(on("three"));
    expect([after.status, after.builds.length, ranAgain(writer, after)]).toEqual([0, 1, []]);
  });

  describe("a failure that is none of the cache's", () => {
    const failing = (run: string) => `FROM ${BASE}\nCOPY package ./\n${run}\n`;
    const once = async (app: string, dockerfile: string) => {
      const end = await build(job(app, { files: contextOf({ Dockerfile: dockerfile }) }));
      expect([end.status, end.builds.length, end.image]).toEqual([1, 1, undefined]);
      return end;
    };

    it("of a Dockerfile ends the job with buildx's status, after one build", async () => {
      await build(job(`${named}-fails`));
      const { log } = await once(`${named}-fails`, failing("RUN echo now it fails; exit 7"));
      expect(log).toMatch(/exit code: 7/);
    });

    it.each([
      "failed to compute cache key: failed to copy: NoSuchKey",
      "unexpected commit digest sha256:DIGEST, expected sha256:DIGEST: failed precondition",
    ])("of a RUN that prints %j, with a layer of the cache, is one build", async (words) => {
      const app = `${named}-words`;
      await build(job(app));
      const manifest = (await keysIn(layers)).find((key) => key.includes(`/default/${app}/`)) ?? "";
      const digest = (await layersOf(layers, manifest)).at(-1)?.replace("sha256:", "") ?? "";
      const said = words.replaceAll("DIGEST", digest);
      const { log } = await once(app, failing(`RUN echo "ERROR: ${said}"; echo "error: ${said}" >&2; exit 1`));
      expect(log).toContain(said);
    });

    it("of a base image's layer that cannot be had is one build, also if the cache has that layer", async () => {
      const name = `acme/broken-${named}`;
      const { registry } = layers.jobs.lab;
      await writeSmallImage(registry.storage, { name, seed: name, payloadBytes: 1 << 16 });
      const dockerfile = `FROM registry.lab/${name}:1\nCOPY package ./\nRUN echo made >/made\n`;
      const files = (changed = {}) => contextOf({ Dockerfile: dockerfile, ...changed });
      expect((await build(job(`${named}-based`, { files: files() }))).status).toBe(0);
      layers.jobs.lab.upstreamFaults = withoutLayers(`/v2/${name}/blobs/`);
      try {
        const { log } = await once(`${named}-base`, dockerfile);
        expect(log).toMatch(/failed to copy.*not found|404/);
        layers.jobs.lab.upstreamFaults = withoutLayers(`/v2/${name}/blobs/`);
        const changed = await build(job(`${named}-based`, { files: files({ package: "two\n" }) }));
        expect(changed.builds.length).toBe(1);
      } finally {
        layers.jobs.lab.upstreamFaults = () => undefined;
      }
    });
  });
});

/** The first blob that is asked for is the image's configuration, which is had. */
function withoutLayers(prefix: string): RegistryFaults {
  let config: string | undefined;
  return ({ method, path }) => {
    if (method !== "GET" || !path.startsWith(prefix)) return undefined;
    config ??= path;
    return path === config ? undefined : { kind: "status", status: 404 };
  };
}

withBuildkit.describe("trixie with layers in ECR", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootBuilder(layers.jobs.lab.lab, "trixie");
  });
  const job = (app: string, as = roles.ecr.writer): BuildxJob => ({
    as,
    settings: settingsOf("ecr"),
    files: contextOf(),
    options: ["--app", app, "--branch", "main"],
  });
  const build = async (job: BuildxJob): Promise<BuildxEnd> => runBuildx(await anew(machine), job);

  it.each<[string, () => Promise<void> | void, () => Promise<void> | void, () => Credentials, number]>([
    [
      "the repository is gone",
      async () =>
        void (await ecrApi(layers.jobs.lab, "DeleteRepository", { repositoryName: REPOSITORIES.default, force: true })),
      async () => void (await ecrApi(layers.jobs.lab, "CreateRepository", { repositoryName: REPOSITORIES.default })),
      () => roles.ecr.writer,
      2,
    ],
    ["who builds may not read", () => undefined, () => undefined, () => nobody, 1],
    ["who builds may not write", () => undefined, () => undefined, () => roles.ecr.reader, 1],
    [
      "layers cannot be had",
      () => {
        layers.jobs.requests.faults = ({ method, path }) =>
          method === "GET" && path.includes("/blobs/") ? { kind: "status", status: 404 } : undefined;
      },
      () => {
        layers.jobs.requests.faults = () => undefined;
      },
      () => roles.ecr.writer,
      1,
    ],
  ])("%s: the image comes out equal, and the next build has its layers again", async (name, spoil, heal, as, until) => {
    const app = name.replaceAll(" ", "-");
    const first = await build(job(app));
    await spoil();
    const spoiled = await build(job(app, as()));
    await heal();
    expect(spoiled.status).toBe(0);
    expect(contentOf(spoiled)).toEqual(contentOf(first));
    expect(spoiled.cache).not.toBe("");
    let after = await build(job(app));
    for (let time = 1; time < until; time++) after = await build(job(app));
    expect([after.status, after.builds.length, after.cache]).toEqual([
      0,
      1,
      expect.stringMatching(/^([1-9]\d*) of \1 steps/),
    ]);
  });
});
