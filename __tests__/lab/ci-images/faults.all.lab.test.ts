/** ECR's registry limits, fails, stalls or hangs up: how a job ends, for each value of `push`, and what it says. */
import type { Machine } from "../../../lab/machine/machine";
import { calm } from "../../../lab/product/job-requests";
import { type Credentials, IMAGE_VARIABLE, type JobEnd, runJob } from "../../../lab/product/plugin-job";
import type { RegistryFault, RegistryFaults, RegistryRequest } from "../../../lab/registry/registry-faults";
import { ecrApi, stopEcrLab } from "../ecr/ecr-lab";
import { bootAgent, credentialsOf, ENGINES, imagesIn, type JobLab, startJobLab } from "./job-lab";
import { maker } from "./job-policy";
import { done, jobsOf, repositoryOf } from "./sample-job";

jest.setTimeout(300_000);

const [engine] = ENGINES;
if (!engine) throw new Error("no engine");
let jobs: JobLab;
let as: Credentials;
let machine: Machine;
beforeAll(async () => {
  jobs = await startJobLab();
  as = await credentialsOf(jobs, "maker", maker);
  machine = await bootAgent(jobs.lab.lab, engine);
});
afterAll(() => jobs && stopEcrLab(jobs.lab));
beforeEach(() => calm(jobs.requests));

const LIMITED: RegistryFault = { kind: "status", status: 429 };
const BROKEN: RegistryFault = { kind: "status", status: 500 };
const named = (name: string) => repositoryOf(engine, name);
const isManifest = ({ method, path }: RegistryRequest) => path.includes("/manifests/") && method !== "PUT";
const isPut = ({ method, path }: RegistryRequest) => method === "PUT" && path.includes("/manifests/");
const isPush = (request: RegistryRequest) => request.path.includes("/uploads") || isPut(request);

/** A pull or push that takes longer counts as stalled, on a busy machine too. */
const STALL_SECONDS = 20;

/** The first so many requests of a kind. */
function first(count: number, isMeant: (request: RegistryRequest) => boolean, fault: RegistryFault): RegistryFaults {
  let left = count;
  return (request) => (isMeant(request) && left-- > 0 ? fault : undefined);
}

const always = (isMeant: (request: RegistryRequest) => boolean, fault: RegistryFault): RegistryFaults =>
  first(Infinity, isMeant, fault);

const job = jobsOf(engine, () => as);
let count = 0;

/** Whether the image is in the registry before the fault begins. */
type Before = "absent" | "present";

/** A job in a repository of its own, while the registry has a fault; with the tags that are there in the end, and its requests. */
async function jobUnder(faults: RegistryFaults, before: Before, options: object): Promise<JobEnd & { tags: string[] }> {
  const name = `fault-${count++}`;
  const own = job(
    name,
    { "push-latest": false, ...options },
    { environment: { DOCKER_ECR_CACHE_TRANSFER_SECONDS: String(STALL_SECONDS) } },
  );
  await ecrApi(jobs.lab, "CreateRepository", { repositoryName: named(name) });
  if (before === "present") expect((await runJob(machine, job(name, { "push-latest": false }))).status).toBe(0);
  calm(jobs.requests);
  jobs.requests.faults = faults;
  const end = await runJob(machine, { ...own, options: { ...own.options, local: false } });
  jobs.requests.faults = () => undefined;
  return { ...end, tags: [...(await imagesIn(jobs, named(name))).keys()] };
}

/** Exit status, what was done, tags in the end, and what the log says. */
type End = readonly [status: 0 | 1, done: string[], tags: number, words: RegExp];
interface Case {
  readonly what: string;
  readonly before: Before;
  readonly faults: () => RegistryFaults;
  readonly auto: End;
  readonly always: End;
  readonly never: End;
}

const ALONE =
  /warning: \S+ was built here(?: and is shared with no other machine|, though the registry may have it): .*/;
const NOTHING = "Nothing is exported, because push is always";

const CASES: readonly Case[] = [
  {
    what: "429 thrice, then well",
    before: "present",
    faults: () => first(3, isManifest, LIMITED),
    auto: [0, ["pulled"], 1, /attempt 1 of 3 failed: pulling .*the next one in 2 s/],
    always: [0, ["pulled"], 1, /attempt 1 of 3 failed: pulling/],
    never: [0, ["pulled"], 1, /attempt 1 of 3 failed: pulling/],
  },
  {
    what: "429 thrice, then well",
    before: "absent",
    faults: () => first(3, isManifest, LIMITED),
    auto: [0, ["pulled", "built", "pushed"], 1, /is not in the registry/],
    always: [0, ["pulled", "built", "pushed"], 1, /is not in the registry/],
    never: [0, ["pulled", "built"], 0, /is not in the registry/],
  },
  {
    what: "429 thrice at the beginning of a push, then well",
    before: "absent",
    faults: () => first(3, isPush, LIMITED),
    auto: [0, ["pulled", "built", "pushed"], 1, /: digest: sha256/],
    always: [0, ["pulled", "built", "pushed"], 1, /: digest: sha256/],
    never: [0, ["pulled", "built"], 0, /is not in the registry/],
  },
  {
    what: "429 twice at the end of a push, then well",
    before: "absent",
    faults: () => first(2, isPut, LIMITED),
    auto: [0, ["pulled", "built", "pushed"], 1, /attempt 2 of 3 failed: pushing .*the next one in 6 s/],
    always: [0, ["pulled", "built", "pushed"], 1, /attempt 2 of 3 failed: pushing/],
    never: [0, ["pulled", "built"], 0, /is not in the registry/],
  },
  {
    what: "500 for good, the login too",
    before: "present",
    faults: () => always(() => true, BROKEN),
    auto: [0, ["built"], 1, new RegExp(`${ALONE.source}there is no login to .*500`)],
    always: [1, [], 1, new RegExp(`there is no login to .*500.*${NOTHING}`)],
    never: [0, ["built"], 1, new RegExp(`${ALONE.source}there is no login to .*500`)],
  },
  {
    what: "500 for good behind the login",
    before: "absent",
    faults: () => always((request) => isManifest(request) || isPut(request), BROKEN),
    auto: [0, ["pulled", "built", "pushed"], 0, /attempt 3 of 3 failed: pushing .*warning: \S+ could not be pushed/s],
    always: [1, ["pulled", "built", "pushed"], 0, new RegExp(`attempt 3 of 3 failed: pushing .*${NOTHING}`, "s")],
    never: [0, ["pulled", "built"], 0, /is not in the registry/],
  },
  {
    what: "a stall of the pull",
    before: "present",
    faults: () => always(isManifest, { kind: "stall" }),
    auto: [0, ["pulled", "built"], 1, new RegExp(`${ALONE.source}docker pull did not end within ${STALL_SECONDS} s`)],
    always: [1, ["pulled"], 1, new RegExp(`docker pull did not end within ${STALL_SECONDS} s.*${NOTHING}`)],
    never: [0, ["pulled", "built"], 1, new RegExp(`${ALONE.source}docker pull did not end within ${STALL_SECONDS} s`)],
  },
  {
    what: "a stall of the push",
    before: "absent",
    faults: () => always(isPush, { kind: "stall" }),
    auto: [
      0,
      ["pulled", "built", "pushed"],
      0,
      new RegExp(`warning: \\S+ could not be pushed.*docker push did not end within ${STALL_SECONDS} s`),
    ],
    always: [
      1,
      ["pulled", "built", "pushed"],
      0,
      new RegExp(`docker push did not end within ${STALL_SECONDS} s.*${NOTHING}`),
    ],
    never: [0, ["pulled", "built"], 0, /is not in the registry/],
  },
  {
    what: "a hang-up in a push",
    before: "absent",
    faults: () => always(isPush, { kind: "hang-up" }),
    auto: [0, ["pulled", "built", "pushed"], 0, /warning: \S+ could not be pushed/],
    always: [1, ["pulled", "built", "pushed"], 0, new RegExp(NOTHING)],
    never: [0, ["pulled", "built"], 0, /is not in the registry/],
  },
];

// Before the stalls: Docker goes on for a while with what it was stalled in.
test("with skip-pull-from-cache, which is for filling, a push that fails is an error", async () => {
  const end = await jobUnder(always(isPush, { kind: "hang-up" }), "absent", { "skip-pull-from-cache": true });
  expect([end.status, done(end), end.exported]).toEqual([1, ["built", "pushed"], {}]);
  expect(end.log).toContain("Nothing is exported, because skip-pull-from-cache is true");
});

test("a name of the newest that cannot be pushed is a warning, whatever push is", async () => {
  const isLatest: RegistryFaults = ({ method, path }) =>
    method === "PUT" && path.includes("/manifests/latest") ? BROKEN : undefined;
  const end = await jobUnder(isLatest, "absent", { push: "always", "push-latest": true });
  expect(end).toMatchObject({ status: 0, output: "app\n", tags: [expect.any(String)] });
  expect(end.log).toMatch(/warning: \S+:latest-x86_64 could not be pushed/);
});

describe.each(CASES)("$what, the image $before", ({ before, faults, ...ends }) => {
  test.each(["auto", "always", "never"] as const)("push: %s", async (push) => {
    const [status, did, tags, words] = ends[push];
    const end = await jobUnder(faults(), before, { push });
    expect(end.log).toMatch(words);
    expect([end.status, done(end), end.tags.length]).toEqual([status, did, tags]);
    expect([IMAGE_VARIABLE in end.exported, end.output]).toEqual(status === 0 ? [true, "app\n"] : [false, ""]);
    if (push === "never") expect(jobs.requests.registry.filter(isPush)).toEqual([]);
  });
});
