/** Builds by the script with real BuildKit, and layers in S3 or ECR: what runs again on a fresh worker, and what does not. */
import type { Machine } from "../../../lab/machine/machine";
import { type BuildxJob, runBuildx } from "../../../lab/product/buildx-job";
import type { Credentials } from "../../../lab/product/plugin-job";
import { cases } from "../../level";
import { withBuildkit } from "../buildkit/with-buildkit";
import { stopEcrLab } from "../ecr/ecr-lab";
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

const KINDS = GENERATIONS.flatMap((generation) => BACKENDS.map((backend) => ({ generation, backend })));
/** Those that the gate runs. */
const isInGate = ({ generation, backend }: (typeof KINDS)[number]) => generation === "trixie" && backend === "s3";

let layers: LayerLab;
const roles = {} as Record<Backend, Readonly<Record<Role, Credentials>>>;
if (cases(KINDS, isInGate).length > 0) {
  beforeAll(async () => {
    layers = await startLayerLab();
    for (const backend of BACKENDS) roles[backend] = await rolesOf(layers, backend);
  });
  afterAll(() => layers && stopEcrLab(layers.jobs.lab));
}

withBuildkit.describe.each(cases(KINDS, isInGate))("$generation with layers in $backend", ({ generation, backend }) => {
  let machine: Machine;
  let other: Machine;
  beforeAll(async () => {
    [machine, other] = (await Promise.all([0, 1].map(() => bootBuilder(layers.jobs.lab.lab, generation)))) as [
      Machine,
      Machine,
    ];
  });

  /** A build of an application of this kind alone, on a branch; `main` is protected. */
  const job = (branch: string, changed: Record<string, string> = {}, more: Partial<BuildxJob> = {}): BuildxJob => ({
    as: roles[backend][branch === "main" ? "writer" : "branch_writer"],
    settings: settingsOf(backend),
    files: contextOf(changed),
    ...more,
    options: ["--app", `shop-${generation}`, "--branch", branch, ...(more.options ?? [])],
  });

  it("a second worker runs nothing again; after a late change only what follows; a new branch reads main's", async () => {
    const first = await runBuildx(machine, job("main"));
    expect([first.status, first.builds.length]).toEqual([0, 1]);
    expect(first.cache).toMatch(/^0 of \d+ steps cached; .*wrote default\/shop-\w+\/main-[0-9a-f]{16}$/);
    const second = await runBuildx(other, job("main"));
    expect([second.status, second.builds.length, ranAgain(first, second)]).toEqual([0, 1, []]);
    expect(second.cache).toMatch(
      /^([1-9]\d*) of \1 steps cached; imported default\/shop-\w+\/main-[0-9a-f]{16}; wrote default\//,
    );
    expect(contentOf(second)).toEqual(contentOf(first));
    const changed = await runBuildx(await anew(other), job("feature/ü", { late: "two\n" }));
    expect([changed.status, ranAgain(first, changed)]).toEqual([0, ["finished"]]);
    const parts = changed.cache.split("; ");
    expect(parts).toContainEqual(expect.stringMatching(/^imported default\/shop-\w+\/main-[0-9a-f]{16}$/));
    expect(parts).toContainEqual(expect.stringMatching(/^nothing yet in branches\//));
    expect(parts.at(-1)).toMatch(/^wrote branches\/shop-\w+\/feature-(?:\S*-)?[0-9a-f]{16}$/);
    const refused = layers.jobs.lab.permissions.denied.map(({ action, resource }) => `${action} ${resource}`);
    expect(refused).toEqual([]);
  });
});
