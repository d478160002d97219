/** Branches side by side, images held against plain builds, invalidation, and what a push leaves, with layers in S3 and in ECR. */
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { type BuildxEnd, type BuildxJob, runBuildx } from "../../../lab/product/buildx-job";
import type { Credentials } from "../../../lab/product/plugin-job";
import { withBuildkit } from "../buildkit/with-buildkit";
import { BASE } from "../ci-images/job-lab";
import { allow, ecrApi, HOST, logIn, logInOn, stopEcrLab } from "../ecr/ecr-lab";
import type { Backend, Role } from "./emitted";
import {
  anew,
  BACKENDS,
  bootBuilder,
  GENERATIONS,
  type LayerLab,
  rolesOf,
  settingsOf,
  startLayerLab,
} from "./layer-lab";
import { contentOf, contextOf, ranAgain } from "./sample-build";

jest.setTimeout(600_000);

let layers: LayerLab;
const roles = {} as Record<Backend, Readonly<Record<Role, Credentials>>>;
beforeAll(async () => {
  layers = await startLayerLab();
  for (const backend of BACKENDS) roles[backend] = await rolesOf(layers, backend);
});
afterAll(() => layers && stopEcrLab(layers.jobs.lab));

/** As a cache line begins if every step was cached. */
const ALL_CACHED = /^([1-9]\d*) of \1 steps cached/;

withBuildkit.describe.each(GENERATIONS)("%s", (generation) => {
  let machine: Machine;
  let other: Machine;
  beforeAll(async () => {
    const both = [0, 1].map(() => bootBuilder(layers.jobs.lab.lab, generation));
    [machine, other] = (await Promise.all(both)) as [Machine, Machine];
  });

  describe.each(BACKENDS)("with layers in %s", (backend) => {
    const job = (app: string, branch: string, more: Partial<BuildxJob> = {}): BuildxJob => ({
      as: roles[backend][branch === "main" ? "writer" : "branch_writer"],
      settings: settingsOf(backend),
      files: contextOf(),
      ...more,
      options: ["--app", `${app}-${generation}`, "--branch", branch, ...(more.options ?? [])],
    });
    /** On a machine that has nothing. */
    const build = async (one: BuildxJob, on = machine): Promise<BuildxEnd> => runBuildx(await anew(on), one);

    it("an image of cached layers is the plain build's, file by file and layer by layer", async () => {
      const plain = await build(job("equal", "main", { options: ["--plain"] }));
      expect([plain.status, plain.cache]).toEqual([0, "not used: --plain"]);
      const first = await build(job("equal", "main"));
      const cached = await build(job("equal", "main"));
      expect(cached.cache).toMatch(ALL_CACHED);
      const changed = await build(job("equal", "x", { files: contextOf({ source: "two\n" }) }));
      const changedPlain = await build(
        job("equal", "x", { files: contextOf({ source: "two\n" }), options: ["--plain"] }),
      );
      expect([ranAgain(first, cached), ranAgain(first, changed)]).toEqual([[], ["compiled", "finished"]]);
      for (const end of [first, cached]) expect(contentOf(end)).toEqual(contentOf(plain));
      expect(contentOf(changed)).toEqual(contentOf(changedPlain));
      expect(contentOf(changed)).not.toEqual(contentOf(first));
    });

    it("a branch first runs none of main's again, and then nothing", async () => {
      const main = await build(job("own", "main"));
      const own = job("own", "x", { files: contextOf({ late: "two\n" }) });
      const first = await build(own);
      expect([first.status, ranAgain(main, first)]).toEqual([0, ["finished"]]);
      expect(first.cache).toMatch(/; imported default\/own-\w+\/main-[0-9a-f]{16}; nothing yet in branches\/own-/);
      for (const on of [machine, other, machine]) {
        const again = await build(own, on);
        // It reads its own alone: of two caches BuildKit 0.34 finds what only one has by chance (moby/buildkit#6418).
        expect([again.status, again.builds.length, ranAgain(first, again)]).toEqual([0, 1, []]);
        expect(again.cache).toMatch(ALL_CACHED);
        expect(again.cache.split("; ")[1]).toMatch(/^imported branches\/own-\w+\/x-[0-9a-f]{16}$/);
        expect(again.builds.join().match(/--cache-from/g)).toHaveLength(1);
      }
    });

    it("two branches at once each keep their own, whatever the other does", async () => {
      const one = job("both", "one", { files: contextOf({ source: "one's\n" }) });
      const two = job("both", "two", { files: contextOf({ source: "two's\n" }) });
      const [first, second] = await Promise.all([build(one, machine), build(two, other)]);
      expect([first.status, second.status]).toEqual([0, 0]);
      // Each on the other's machine.
      const [again, alike] = await Promise.all([build(one, other), build(two, machine)]);
      expect([ranAgain(first, again), ranAgain(second, alike)]).toEqual([[], []]);
      const same = job("both", "same", { files: contextOf({ source: "same\n" }) });
      const pair = await Promise.all([build(same, machine), build(same, other)]);
      expect(pair.map(({ status }) => status)).toEqual([0, 0]);
      const after = await build(same);
      expect([after.status, after.builds.length, after.cache]).toEqual([0, 1, expect.stringMatching(ALL_CACHED)]);
    });

    it("--invalidate runs what follows the ARG again, once for each value; a COPY alone stays cached", async () => {
      const with_ = (value: string) => job("stale", "main", { options: [`--invalidate=${value}`] });
      const first = await build(with_("one"));
      const same = await build(with_("one"));
      expect(ranAgain(first, same)).toEqual([]);
      const fresh = await build(with_("two"));
      expect(ranAgain(first, fresh)).toEqual(["dependencies", "compiled", "finished"]);
      expect(fresh.log).toMatch(/^#(\d+) \[assets 2\/2\] COPY package \/assets\/\n(?:(?!#\1 ).*\n)*#\1 CACHED$/m);
      const copies = contextOf({
        Dockerfile: `FROM ${BASE}\nARG cache_invalidator\nWORKDIR /app\nCOPY package ./\nCOPY source ./\n`,
      });
      const copied = (value: string) => ({
        ...job("copies", "main", { files: copies }),
        options: ["--app", `copies-${generation}`, "--branch", "main", value],
      });
      await build(copied("--invalidate=one"));
      expect((await build(copied("--invalidate"))).cache).toMatch(ALL_CACHED);
    });

    it("DOCKER_CACHE_LAYER_CACHE=off builds plainly, and so it is told", async () => {
      const environment = { DOCKER_CACHE_LAYER_CACHE: "off" };
      const end = await build(job("off", "main", { environment }));
      expect([end.status, end.builds.length, end.cache]).toEqual([0, 1, expect.stringMatching(/^not used: .*off/)]);
      expect(end.builds.join()).not.toContain("--cache-");
    });

    it("what is pushed by the user's own login runs elsewhere", async () => {
      const repositoryName = `app-${generation}-${backend}`;
      await ecrApi(layers.jobs.lab, "CreateRepository", { repositoryName });
      const push = ["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"];
      const more = ["ecr:CompleteLayerUpload", "ecr:PutImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
      const user = await logIn(layers.jobs.lab, `user-${repositoryName}`, [allow([...push, ...more], repositoryName)]);
      for (const one of [machine, other]) await logInOn(one, user);
      const tag = `${HOST}/${repositoryName}:1`;
      const pushed = job("pushed", "x", { output: "as said", arguments: ["--push", "--tag", tag] });
      for (const on of [machine, other]) {
        const end = await build(pushed, on);
        expect([end.status, end.log]).toEqual([0, expect.any(String)]);
      }
      await expect(
        shellIn(machine, `docker run --rm --network none ${tag} 2>/dev/null`, { timeoutSeconds: 60 }),
      ).resolves.toBe("built\n");
      // What buildx's builder knows of the user stays.
      await expect(shellIn(machine, "docker buildx inspect docker-cache")).resolves.toContain("Driver:");
      for (const one of [machine, other]) await shellIn(one, `docker logout ${HOST}`);
    });
  });
});
