/**
 * Builds that do not find the daemon's images, and what of them goes through ECR: builders of the docker-container driver, a mirror in their
 * buildkitd.toml, and an argument in the Dockerfile. Shown in docs/pull-through.md, "Misses on workers".
 */
import { shellIn } from "../../../lab/machine/machine-shell";
import type { RegistryFault } from "../../../lab/registry/registry-faults";
import { withBuildkit } from "../buildkit/with-buildkit";
import { ecrApi, HOST, logInOn, stopEcrLab } from "../ecr/ecr-lab";
import {
  attempt,
  buildFrom,
  cacheDigest,
  cacheTag,
  forget,
  HUB,
  importTag,
  newImage,
  type OwnImage,
  startWorker,
  type Worker,
} from "./worker";

jest.setTimeout(300_000);
const LONG = { timeoutSeconds: 120 };

let worker: Worker;
beforeEach(() => worker && forget(worker));

/** True if the worker itself asked Docker Hub: ECR has a login there. */
const askedHub = () =>
  worker.lab.upstreamSeen.some(({ host, authorization }) => host === HUB && authorization === undefined);
const isInEcr = async ({ name }: OwnImage) => {
  const repositoryName = `docker-hub/library/${name}`;
  const listed = ecrApi<{ imageIds: object[] }>(worker.lab, "ListImages", { repositoryName });
  return listed.then(
    ({ imageIds }) => imageIds.length > 0,
    () => false,
  );
};

const ON = (builder: string) => `--builder ${builder} --output type=cacheonly`;
const BY = {
  tag: ({ name }: OwnImage) => `${name}:1`,
  digest: ({ name, digest }: OwnImage) => `${name}@${digest}`,
};

withBuildkit.describe.each(["trixie", "forky"] as const)("buildx of %s", (image) => {
  beforeAll(async () => {
    worker = await startWorker(image);
  });
  afterAll(() => worker && stopEcrLab(worker.lab));

  describe("a builder of the docker-container driver", () => {
    beforeAll(() =>
      shellIn(worker.machine, "docker buildx create --name plain --driver docker-container --bootstrap", LONG),
    );

    it.each<[string, keyof typeof BY, "tag" | "digest", string]>([
      ["by tag", "tag", "tag", ""],
      ["by digest, listed by it", "digest", "digest", ""],
      ["by digest, listed by tag", "digest", "tag", ""],
      ["with --pull", "tag", "tag", "--pull"],
    ])("fetches what the daemon's cache has, %s, and fails without Docker Hub", async (_how, by, listed, option) => {
      for (const upstream of ["off", "on"] as const) {
        const own = await newImage(worker.lab);
        await importTag(worker.client, own);
        await (listed === "tag" ? cacheTag : cacheDigest)(worker.machine, own);
        const act = () => buildFrom(worker.machine, BY[by](own), `${ON("plain")} ${option}`);
        const expected = upstream === "on" ? { works: true, asked: "layers" } : { works: false };
        expect(await attempt(worker.lab, { upstream, layers: own.layers }, act)).toMatchObject(expected);
      }
    });
  });

  describe("a mirror in buildkitd.toml", () => {
    beforeAll(() =>
      shellIn(
        worker.machine,
        `printf '[registry."docker.io"]\\n  mirrors = ["%s/docker-hub"]\\n' ${HOST} >/root/buildkitd.toml
docker buildx create --name mirrored --driver docker-container --config /root/buildkitd.toml --bootstrap
docker buildx create --name remote --driver remote docker-container://buildx_buildkit_mirrored0`,
        LONG,
      ),
    );

    /** Builds from an image by its own name. Returns if it worked. */
    const build = (own: OwnImage, { by = "tag", builder = "mirrored", upstream = "on" }: Partial<How> = {}) =>
      attempt(worker.lab, { upstream, layers: own.layers }, async () => {
        const said = await buildFrom(worker.machine, BY[by](own), ON(builder));
        expect(said).toMatch(new RegExp(`FROM docker\\.io/library/${own.name}\\S*@${own.digest}`));
      });
    interface How {
      readonly by: keyof typeof BY;
      readonly builder: string;
      readonly upstream: "on" | "off";
    }

    it.each([
      ["mirrored", "tag", "import"],
      ["mirrored", "tag", "404"],
      ["mirrored", "digest", "404"],
      ["remote", "tag", "404"],
    ] as const)(
      "of the builder %s: what ECR has comes from it by %s, under its own name, without Docker Hub (HEAD: %s)",
      async (builder, by, head) => {
        worker.lab.ecr.settings.headOfUncached = head;
        const own = await newImage(worker.lab);
        await importTag(worker.client, own);
        expect(await build(own, { by, builder, upstream: "off" })).toEqual({ works: true, asked: "nothing" });
        expect(worker.seen.map(({ method }) => method)).toContain("HEAD");
        const another = await newImage(worker.lab);
        expect((await build(another, { by, builder, upstream: "off" })).works).toBe(false);
      },
    );

    it("makes ECR fetch what it lacks, if ECR does that for HEAD", async () => {
      const own = await newImage(worker.lab);
      expect((await build(own)).works).toBe(true);
      expect([askedHub(), await isInEcr(own)]).toEqual([false, true]);
    });

    it.each<[string, RegistryFault | undefined]>([
      ["does not fetch for HEAD", undefined],
      ["limits", { kind: "status", status: 429 }],
      ["breaks down", { kind: "status", status: 500 }],
      ["refuses", { kind: "status", status: 403 }],
      ["hangs up", { kind: "hang-up" }],
    ])("is passed over if ECR %s, for Docker Hub", async (_what, fault) => {
      const own = await newImage(worker.lab);
      worker.ecrFault = fault;
      worker.lab.ecr.settings.headOfUncached = "404";
      expect(await build(own)).toEqual({ works: true, asked: "layers" });
      expect([askedHub(), await isInEcr(own)]).toEqual([true, false]);
    });

    it("asks Docker Hub by digest if ECR has not had the tag", async () => {
      const own = await newImage(worker.lab);
      expect(await build(own, { by: "digest" })).toEqual({ works: true, asked: "layers" });
      expect([askedHub(), await isInEcr(own)]).toEqual([true, false]);
    });

    it("asks Docker Hub without a login to ECR", async () => {
      const own = await newImage(worker.lab);
      await importTag(worker.client, own);
      await shellIn(worker.machine, `docker logout ${HOST}`);
      expect(await build(own)).toEqual({ works: true, asked: "layers" });
      expect(askedHub()).toBe(true);
      await logInOn(worker.machine, worker.client);
    });
  });

  describe.each(["docker", "docker-container"])(
    "ARG ECR_REGISTRY_URL in a Dockerfile, with the driver %s",
    (driver) => {
      beforeAll(async () => {
        if (driver === "docker-container")
          await shellIn(
            worker.machine,
            "docker buildx create --name argued --driver docker-container --bootstrap",
            LONG,
          );
      });
      const build = (own: OwnImage, url?: string) =>
        buildFrom(
          worker.machine,
          `\${ECR_REGISTRY_URL}/library/${own.name}:1`,
          `${driver === "docker" ? "" : ON("argued")} ${url ? `--build-arg ECR_REGISTRY_URL=${url}` : ""}`,
        );

      it("builds from Docker Hub if it is left out", async () => {
        const own = await newImage(worker.lab);
        expect(await attempt(worker.lab, { upstream: "on", layers: own.layers }, () => build(own))).toEqual({
          works: true,
          asked: "layers",
        });
        expect([askedHub(), worker.seen.length]).toEqual([true, 0]);
      });

      it("builds through ECR if it names the rule's prefix: what ECR has without Docker Hub, what it lacks by ECR's login", async () => {
        const url = `${HOST}/docker-hub`;
        const own = await newImage(worker.lab);
        await importTag(worker.client, own);
        const off = await attempt(worker.lab, { upstream: "off", layers: own.layers }, () => build(own, url));
        expect(off).toEqual({ works: true, asked: "nothing" });
        const another = await newImage(worker.lab);
        const on = await attempt(worker.lab, { upstream: "on", layers: another.layers }, () => build(another, url));
        expect([on.works, askedHub(), await isInEcr(another)]).toEqual([true, false, true]);
        // BuildKit asks for a tag by HEAD.
        worker.lab.ecr.settings.headOfUncached = "404";
        const third = await newImage(worker.lab);
        const refused = await attempt(worker.lab, { upstream: "on", layers: third.layers }, () => build(third, url));
        expect([refused.works, askedHub(), await isInEcr(third)]).toEqual([false, false, false]);
      });

      it("builds official images through ECR Public", async () => {
        const own = await newImage(worker.lab, undefined, "docker/library");
        await build(own, `${HOST}/ecr-public/docker`);
        const hosts = new Set(worker.lab.upstreamSeen.map(({ host }) => host));
        expect([...hosts]).toEqual(["public.ecr.aws"]);
      });
    },
  );
});
