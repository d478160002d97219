/**
 * Sixty days of a bucket with the construct's rules, in which ten builds are BuildKit's own; the others are a model's. And what ECR keeps and expires.
 */
import { runDueImageLifecycles } from "../../../lab/aws/services/ecr/lifecycle-run";
import type { Machine } from "../../../lab/machine/machine";
import { type BuildxEnd, type BuildxJob, runBuildx } from "../../../lab/product/buildx-job";
import { DAY_MILLISECONDS } from "../../../lib/time";
import { send } from "../aws/services/s3/send";
import { withBuildkit } from "../buildkit/with-buildkit";
import { credentialsOf } from "../ci-images/job-lab";
import { ecrApi, stopEcrLab } from "../ecr/ecr-lab";
import { s3Bucket } from "./buckets";
import { live } from "./days";
import { type Backend, BUCKET, emittedRules, policyOf, REGION, REPOSITORIES, repositoryLifecycle } from "./emitted";
import { rulesXml } from "./expiry";
import { anew, bootBuilder, type LayerLab, settingsOf, startLayerLab } from "./layer-lab";
import { contextOf, ranAgain } from "./sample-build";

jest.setTimeout(900_000);

const DAYS = 60;
/** Days at whose end BuildKit builds, and the branch. From the tenth to the 29th only `quiet` rests, and its layers expire. */
const REAL: ReadonlyMap<number, string> = new Map([
  [1, "main"],
  [2, "quiet"],
  [3, "main"],
  [10, "main"],
  [16, "main"],
  [23, "busy"],
  [29, "main"],
  [38, "quiet"],
  [44, "busy"],
  [59, "main"],
]);

let layers: LayerLab;
let machine: Machine;
beforeAll(async () => {
  layers = await startLayerLab();
  machine = await bootBuilder(layers.jobs.lab.lab, "trixie");
});
afterAll(() => layers && stopEcrLab(layers.jobs.lab));

/** Credentials last an hour of the lab's clock. */
let logins = 0;
const build = async (backend: Backend, branch: string, late = "one"): Promise<BuildxEnd> => {
  const as = await credentialsOf(layers.jobs, `${backend}-${++logins}`, policyOf(backend, "writer"));
  const job: BuildxJob = {
    as,
    settings: settingsOf(backend),
    files: contextOf({ late: `${late}\n` }),
    options: ["--app", "real", "--branch", branch],
  };
  return runBuildx(await anew(machine), job);
};

withBuildkit.test(
  "sixty days, ten builds of BuildKit's: no manifest names a blob that is gone, and none is built twice",
  async () => {
    const { aws, clock } = layers.jobs.lab;
    const put = await send(aws.endpointUrl, { line: `PUT /${BUCKET}?lifecycle`, body: rulesXml(emittedRules()) });
    expect(put.status).toBe(200);
    // Machines keep this machine's time of day, and BuildKit holds a blob's date against it: it is told the age that the lab's clock says.
    layers.faults = ({ method, key }) =>
      method === "HEAD" && key?.includes("/blobs/")
        ? { kind: "redate", milliseconds: Date.now() - clock.now().getTime() }
        : undefined;
    const ends = new Map<number, BuildxEnd>();
    const lived = await live({
      seed: 3,
      days: DAYS,
      buildsPerDay: 1.5,
      lateDays: 3,
      bucket: s3Bucket(aws.aws, BUCKET, REGION),
      now: clock.now,
      setTo: (time) => clock.advanceTo(time),
      async midnight(day) {
        const branch = REAL.get(day);
        if (branch) ends.set(day, await build("s3", branch, branch));
      },
    });
    expect(lived.gone).toEqual([]);
    expect([...ends].map(([day, { status, builds }]) => [day, status, builds.length])).toEqual(
      [...REAL.keys()].map((day) => [day, 0, 1]),
    );
    const again = (one: number, other: number) => ranAgain(ends.get(one)!, ends.get(other)!);
    // Fourteen days and less later main's are there, for every export writes its manifest anew and touches what it names.
    for (const [one, other] of [
      [1, 3],
      [3, 10],
      [10, 16],
      [16, 29],
    ] as const)
      expect([other, again(one, other)]).toEqual([other, []]);
    // What nobody wrote for longer is gone: of quiet's own, all that main's did not name.
    expect(again(2, 38)).toContain("finished");
    expect(lived.ends.exported).toBeGreaterThan(40);
    // BuildKit's alone: the model's calls are the account's own.
    expect(layers.jobs.requests.api.filter((one) => one === "s3:CopyObject").length).toBeGreaterThan(10);
  },
);

withBuildkit.test(
  "ECR: what an export has replaced goes after seven days, what nobody replaces after fourteen, and builds succeed",
  async () => {
    const { aws, clock } = layers.jobs.lab;
    for (const repositoryName of Object.values(REPOSITORIES))
      await ecrApi(layers.jobs.lab, "PutLifecyclePolicy", {
        repositoryName,
        lifecyclePolicyText: repositoryLifecycle(),
      });
    const pass = async (days: number) => {
      clock.advanceTo(new Date(clock.now().getTime() + days * DAY_MILLISECONDS));
      await runDueImageLifecycles(aws.aws);
    };
    const images = async () => {
      type Answer = { imageIds?: { imageTag?: string }[] };
      const { imageIds = [] } = await ecrApi<Answer>(layers.jobs.lab, "ListImages", {
        repositoryName: REPOSITORIES.default,
      });
      return imageIds.map(({ imageTag }) => (imageTag ? "tagged" : "untagged")).sort();
    };
    const first = await build("ecr", "main");
    await pass(1);
    const second = await build("ecr", "main", "two");
    expect([ranAgain(first, second), await images()]).toEqual([["finished"], ["tagged", "untagged"]]);
    await pass(7);
    expect(await images()).toEqual(["tagged"]);
    const third = await build("ecr", "main", "two");
    expect([third.status, third.builds.length, ranAgain(second, third)]).toEqual([0, 1, []]);
    await pass(15);
    expect(await images()).toEqual([]);
    const fourth = await build("ecr", "main", "two");
    expect([fourth.status, fourth.builds.length, ranAgain(third, fourth).length]).toEqual([0, 1, 3]);
  },
);
