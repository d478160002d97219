/**
 * What of a worker's pulls and builds is in the cache, if its images came through ECR: the table of docs/pull-through.md, "Misses on workers".
 * Each attempt has an image of its own, and is made with Docker Hub off and on.
 */

import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { cases, type Generation } from "../../level";
import { allow, type Client, type EcrLab, logIn, logInOn, startEcrLab, stopEcrLab } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { COLUMNS, type Column, type Row, TABLE, type Verdict } from "./misses-table";
import {
  type Attempt,
  attempt,
  buildFrom,
  cacheDigest,
  cacheTag,
  importTag,
  makeRules,
  newImage,
  PULLER,
} from "./worker";

jest.setTimeout(300_000);

/** Generation, store, and rows; the gate has builds of the store that is the default. */
const MACHINES = cases<{ image: Generation; store: "overlay2" | "containerd"; rows: Row[] }>(
  [
    {
      image: "trixie",
      store: "overlay2",
      rows: [...cases<Row>(["docker run", "docker pull", "FROM"], (one) => one === "FROM")],
    },
    { image: "trixie", store: "containerd", rows: ["docker run", "docker pull", "FROM"] },
    { image: "bookworm", store: "overlay2", rows: ["docker run", "docker pull", "FROM"] },
    { image: "forky", store: "overlay2", rows: ["docker run", "docker pull", "FROM"] },
    { image: "forky", store: "containerd", rows: ["docker run", "docker pull", "FROM"] },
  ],
  (_, index) => index === 0,
);

let lab: EcrLab;
beforeAll(async () => {
  lab = await startEcrLab();
  await makeRules(lab);
}, 180_000);
afterAll(() => lab && stopEcrLab(lab));

const ACTS: Readonly<Record<Row, (machine: Machine, reference: string, pull: boolean) => Promise<string>>> = {
  "docker run": (machine, reference, pull) =>
    shellIn(machine, `docker run --rm --network none ${pull ? "--pull always" : ""} ${reference}`, {
      timeoutSeconds: 60,
    }),
  "docker pull": (machine, reference) => shellIn(machine, `docker pull --quiet ${reference}`, { timeoutSeconds: 60 }),
  FROM: (machine, reference, pull) => buildFrom(machine, reference, pull ? "--pull" : ""),
};

describe.each(MACHINES)("$image with $store", ({ image, store, rows }) => {
  let machine: Machine;
  let client: Client;
  beforeAll(async () => {
    machine = await boot(lab.lab, { image });
    await waitForBoot(machine);
    if (store === "containerd") await useContainerd(machine);
    await expect(shellIn(machine, "docker info --format '{{.Driver}}'")).resolves.toBe(
      store === "containerd" ? "overlayfs\n" : "overlay2\n",
    );
    client = await logIn(lab, `puller-${image}-${store}`, [allow(PULLER)]);
    await logInOn(machine, client);
  });

  /** Tries with an image that the cache has, or has not. */
  async function tries(act: Row, column: Column, cached: boolean, upstream: "on" | "off"): Promise<Attempt> {
    const own = await newImage(lab);
    if (cached && column.listed === "digest") await cacheDigest(machine, own);
    if (cached && column.listed === "tag") {
      await importTag(client, own);
      await cacheTag(machine, own);
    }
    const reference = column.asked === "tag" ? `${own.name}:1` : `${own.name}@${own.digest}`;
    return attempt(lab, { upstream, layers: own.layers }, () => ACTS[act](machine, reference, column.pull === true));
  }

  describe.each(rows)("%s", (act) => {
    const expected = Object.entries(TABLE[`${act}, ${store}`] ?? {}) as [keyof typeof COLUMNS, Verdict][];

    it.each(expected)("an image of the cache %s: %s", async (column, verdict) => {
      const off = await tries(act, COLUMNS[column], true, "off");
      const on = await tries(act, COLUMNS[column], true, "on");
      expect(verdictOf(off, on)).toBe(verdict);
    });

    // How the cache lists an image says nothing of one that it lacks.
    const absent = expected.filter(([column]) => column !== "by digest, listed by tag");
    it.each(absent)("an image that is not there %s comes from Docker Hub, or not at all", async (column) => {
      expect((await tries(act, COLUMNS[column], false, "off")).works).toBe(false);
      expect(await tries(act, COLUMNS[column], false, "on")).toEqual({ works: true, asked: "layers" });
    });

    it("a tag that has moved since is what the cache has, unless it is pulled", async () => {
      const own = await newImage(lab);
      await importTag(client, own);
      await cacheTag(machine, own);
      const { layers } = await newImage(lab, own.name);
      const moved = await attempt(lab, { upstream: "on", layers }, () => ACTS[act](machine, `${own.name}:1`, false));
      expect([moved.works, moved.asked === "layers"]).toEqual([true, act === "docker pull"]);
    });
  });
});

function verdictOf(off: Attempt, on: Attempt): Verdict | "fails" {
  if (!on.works) return "fails";
  if (on.asked === "layers") return "fetches";
  return off.works ? "here" : "asks";
}

async function useContainerd(machine: Machine): Promise<void> {
  const settings = JSON.stringify({ features: { "containerd-snapshotter": true } });
  await shellIn(machine, `echo '${settings}' >/etc/docker/daemon.json && systemctl restart docker.service`);
}
