/**
 * Builds that do not find the daemon's images, and what of them goes through ECR: builders of the docker-container driver, a mirror in their
 * buildkitd.toml, an argument in the Dockerfile, and the mirrors of dockerd. Shown in docs/pull-through.md, "Misses on workers".
 */
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import type { RegistryFault, RegistryRequest } from "../../../lab/registry/registry-faults";
import { withBuildkit } from "../buildkit/with-buildkit";
import { allow, type Client, type EcrLab, ecrApi, HOST, logIn, logInOn, startEcrLab, stopEcrLab } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import {
  attempt,
  buildFrom,
  cacheDigest,
  cacheTag,
  HUB,
  importTag,
  makeRules,
  newImage,
  type OwnImage,
  PULLER,
} from "./worker";

jest.setTimeout(300_000);
const LONG = { timeoutSeconds: 120 };

let lab: EcrLab;
let machine: Machine;
let client: Client;
/** What ECR was asked. */
const seen: RegistryRequest[] = [];
let ecrFault: RegistryFault | undefined;

async function start(image: "trixie" | "forky"): Promise<void> {
  lab = await startEcrLab();
  await makeRules(lab);
  lab.ecr.faults = (request) => {
    seen.push(request);
    return ecrFault;
  };
  machine = await boot(lab.lab, { image });
  await waitForBoot(machine);
  client = await logIn(lab, "puller", [allow(PULLER)]);
  await logInOn(machine, client);
}
const stop = () => lab && stopEcrLab(lab);
beforeEach(() => {
  seen.length = 0;
  ecrFault = undefined;
  if (lab) lab.ecr.settings.headOfUncached = "import";
});

/** True if the worker itself asked Docker Hub: ECR has a login there. */
const askedHub = () => lab.upstreamSeen.some(({ host, authorization }) => host === HUB && authorization === undefined);
const isInEcr = async ({ name }: OwnImage) => {
  const repositoryName = `docker-hub/library/${name}`;
  const listed = ecrApi<{ imageIds: object[] }>(lab, "ListImages", { repositoryName });
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
  beforeAll(() => start(image));
  afterAll(stop);

  describe("a builder of the docker-container driver", () => {
    beforeAll(() => shellIn(machine, "docker buildx create --name plain --driver docker-container --bootstrap", LONG));

    it.each<[string, keyof typeof BY, string]>([
      ["by tag", "tag", ""],
      ["by digest", "digest", ""],
      ["with --pull", "tag", "--pull"],
    ])("fetches what the daemon's cache has, %s, and fails without Docker Hub", async (_how, by, option) => {
      for (const upstream of ["off", "on"] as const) {
        const own = await newImage(lab);
        await importTag(client, own);
        await (by === "tag" ? cacheTag : cacheDigest)(machine, own);
        const { layers } = own;
        const act = () => buildFrom(machine, BY[by](own), `${ON("plain")} ${option}`);
        const expected = upstream === "on" ? { works: true, asked: "layers" } : { works: false };
        expect(await attempt(lab, { upstream, layers }, act)).toMatchObject(expected);
      }
    });
  });

  describe("a mirror in buildkitd.toml", () => {
    beforeAll(() =>
      shellIn(
        machine,
        `printf '[registry."docker.io"]\\n  mirrors = ["%s/docker-hub"]\\n' ${HOST} >/root/buildkitd.toml
docker buildx create --name mirrored --driver docker-container --config /root/buildkitd.toml --bootstrap
docker buildx create --name remote --driver remote docker-container://buildx_buildkit_mirrored0`,
        LONG,
      ),
    );

    /** Builds from an image by its own name. Returns if it worked. */
    const build = (own: OwnImage, { by = "tag", builder = "mirrored", upstream = "on" }: Partial<How> = {}) =>
      attempt(lab, { upstream, layers: own.layers }, async () => {
        const said = await buildFrom(machine, BY[by](own), ON(builder));
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
      "of %s: what ECR has comes from it by %s, under its own name, without Docker Hub (HEAD: %s)",
      async (builder, by, head) => {
        lab.ecr.settings.headOfUncached = head;
        const own = await newImage(lab);
        await importTag(client, own);
        expect(await build(own, { by, builder, upstream: "off" })).toEqual({ works: true, asked: "nothing" });
        expect(seen.map(({ method }) => method)).toContain("HEAD");
        const another = await newImage(lab);
        expect((await build(another, { by, builder, upstream: "off" })).works).toBe(false);
      },
    );

    it("makes ECR fetch what it lacks, if ECR does that for HEAD", async () => {
      const own = await newImage(lab);
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
      const own = await newImage(lab);
      ecrFault = fault;
      lab.ecr.settings.headOfUncached = "404";
      expect(await build(own)).toEqual({ works: true, asked: "layers" });
      expect([askedHub(), await isInEcr(own)]).toEqual([true, false]);
    });

    it("asks Docker Hub by digest if ECR has not had the tag", async () => {
      const own = await newImage(lab);
      expect(await build(own, { by: "digest" })).toEqual({ works: true, asked: "layers" });
      expect([askedHub(), await isInEcr(own)]).toEqual([true, false]);
    });

    it("asks Docker Hub without a login to ECR", async () => {
      const own = await newImage(lab);
      await importTag(client, own);
      await shellIn(machine, `docker logout ${HOST}`);
      expect(await build(own)).toEqual({ works: true, asked: "layers" });
      expect(askedHub()).toBe(true);
      await logInOn(machine, client);
    });
  });

  describe.each(["docker", "docker-container"])(
    "ARG ECR_REGISTRY_URL in a Dockerfile, with the driver %s",
    (driver) => {
      beforeAll(async () => {
        if (driver === "docker-container")
          await shellIn(machine, "docker buildx create --name argued --driver docker-container --bootstrap", LONG);
      });
      const build = (own: OwnImage, url?: string) =>
        buildFrom(
          machine,
          `\${ECR_REGISTRY_URL}/library/${own.name}:1`,
          `${driver === "docker" ? "" : ON("argued")} ${url ? `--build-arg ECR_REGISTRY_URL=${url}` : ""}`,
        );

      it("builds from Docker Hub if it is left out", async () => {
        const own = await newImage(lab);
        expect(await attempt(lab, { upstream: "on", layers: own.layers }, () => build(own))).toEqual({
          works: true,
          asked: "layers",
        });
        expect([askedHub(), seen.length]).toEqual([true, 0]);
      });

      it("builds through ECR if it names the rule's prefix: what ECR has without Docker Hub, what it lacks by ECR's login", async () => {
        const url = `${HOST}/docker-hub`;
        const own = await newImage(lab);
        await importTag(client, own);
        const off = await attempt(lab, { upstream: "off", layers: own.layers }, () => build(own, url));
        expect(off).toEqual({ works: true, asked: "nothing" });
        const another = await newImage(lab);
        const on = await attempt(lab, { upstream: "on", layers: another.layers }, () => build(another, url));
        expect([on.works, askedHub(), await isInEcr(another)]).toEqual([true, false, true]);
        // BuildKit asks for a tag by HEAD.
        lab.ecr.settings.headOfUncached = "404";
        await expect(build(await newImage(lab), url)).rejects.toThrow("not found");
      });

      it("builds official images through ECR Public", async () => {
        const own = await newImage(lab, undefined, "docker/library");
        await build(own, `${HOST}/ecr-public/docker`);
        const hosts = new Set(lab.upstreamSeen.map(({ host }) => host));
        expect([...hosts]).toEqual(["public.ecr.aws"]);
      });
    },
  );
});

describe("mirrors of dockerd, with overlay2", () => {
  const settings = JSON.stringify({ "registry-mirrors": [`https://${HOST}/docker-hub`] });
  afterEach(stop);

  it("may have no path in Docker 26", async () => {
    await start("trixie");
    const validate = `echo '${settings}' >/root/daemon.json && dockerd --validate --config-file /root/daemon.json 2>&1`;
    await expect(shellIn(machine, validate)).rejects.toThrow(/invalid mirror/);
  });

  it("reach another path than ECR's in Docker 28, without a login, so that Docker Hub serves", async () => {
    await start("forky");
    await shellIn(machine, `echo '${settings}' >/etc/docker/daemon.json && systemctl restart docker.service`);
    await expect(shellIn(machine, "docker info --format '{{.Driver}}'")).resolves.toBe("overlay2\n");
    const own = await newImage(lab);
    await importTag(client, own);
    seen.length = 0;
    const { layers } = own;
    const pull = () => shellIn(machine, `docker pull --quiet ${own.name}:1`, LONG);
    expect(await attempt(lab, { upstream: "on", layers }, pull)).toEqual({ works: true, asked: "layers" });
    expect(seen.filter(({ authorization }) => authorization)).toEqual([]);
    expect(seen.filter(({ path }) => path.startsWith("/v2/docker-hub/library/"))).toEqual([]);
    expect(await attempt(lab, { upstream: "off", layers }, pull)).toMatchObject({ works: false });
  });
});
