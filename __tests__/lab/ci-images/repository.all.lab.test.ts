/** The repository of a job: who may make it, and when its life cycle and tags are written. */
import type { Machine } from "../../../lab/machine/machine";
import { calm } from "../../../lab/product/job-requests";
import { type Credentials, runJob } from "../../../lab/product/plugin-job";
import { ACCOUNT, ecrApi, REGION, stopEcrLab } from "../ecr/ecr-lab";
import { bootAgent, credentialsOf, ENGINES, type JobLab, startJobLab } from "./job-lab";
import { DOCUMENTED_ACTIONS, looker, maker, puller, pusher } from "./job-policy";
import { done, forgetImages, jobsOf, repositoryOf } from "./sample-job";

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

const job = jobsOf(engine, () => as);
const named = (name: string) => repositoryOf(engine, name);
const role = (name: string, statements: readonly object[]) => credentialsOf(jobs, name, statements);

const input = (name: string) => ({ repositoryName: named(name) });
const arn = (name: string) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${named(name)}`;
/** Days after which a repository's images expire. */
async function daysOf(name: string): Promise<number[]> {
  type Answer = { lifecyclePolicyText: string };
  const { lifecyclePolicyText } = await ecrApi<Answer>(jobs.lab, "GetLifecyclePolicy", input(name));
  type Rule = { selection: { tagStatus: string; countType: string; countNumber: number } };
  const { rules } = JSON.parse(lifecyclePolicyText) as { rules: Rule[] };
  const aged = rules.filter(
    ({ selection: { tagStatus, countType } }) => `${tagStatus} ${countType}` === "any sinceImagePushed",
  );
  return aged.map(({ selection }) => selection.countNumber);
}
async function tagsOf(name: string): Promise<object> {
  type Answer = { tags: { Key: string; Value: string }[] };
  const { tags } = await ecrApi<Answer>(jobs.lab, "ListTagsForResource", { resourceArn: arn(name) });
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
const WRITES = ["ecr:CreateRepository", "ecr:PutLifecyclePolicy", "ecr:TagResource"];
const written = () => jobs.requests.api.filter((call) => WRITES.includes(call));

test("a repository is made with life cycle and tags, which are written again only if they differ; Terraform's stays as it is", async () => {
  const tags = { Team: "a, b", TeamName: 'say "two"\nlines' };
  const of = (days: number, more: object) =>
    job("cycle", { local: false, "max-age-days": days, "ecr-tags": { ...tags, ...more } });
  expect((await runJob(machine, of(3, {}))).status).toBe(0);
  expect([await daysOf("cycle"), await tagsOf("cycle"), written()]).toEqual([[3], tags, WRITES.slice(0, 2)]);
  calm(jobs.requests);
  await runJob(machine, of(3, {}));
  expect(written()).toEqual([]);
  await runJob(machine, of(4, { Team: "c" }));
  expect([await daysOf("cycle"), await tagsOf("cycle")]).toEqual([[4], { ...tags, Team: "c" }]);
  const Tags = [{ Key: "docker-cache:companion", Value: "ci-images" }];
  await ecrApi(jobs.lab, "TagResource", { resourceArn: arn("cycle"), tags: Tags });
  calm(jobs.requests);
  await runJob(machine, of(5, {}));
  expect([await daysOf("cycle"), written()]).toEqual([[4], []]);
});

test("one that is absent and may not be made: the permission is named, and the job has its image", async () => {
  const absent = await runJob(machine, job("absent", {}, { as: await role("pusher", pusher) }));
  expect([absent.status, done(absent), absent.output]).toEqual([0, ["pulled", "built"], "app\n"]);
  expect(absent.log).toMatch(
    /warning: .* with no other machine: .*ecr:CreateRepository on arn:aws:ecr:\S+-absent is missing/,
  );
});

test("one that may not be looked for counts as there: it is pushed to, and not made", async () => {
  await ecrApi(jobs.lab, "CreateRepository", input("denied"));
  const denied = await runJob(machine, job("denied", {}, { as: await role("looker", looker) }));
  expect([denied.status, done(denied), denied.output]).toEqual([0, ["pulled", "built", "pushed"], "app\n"]);
  expect(denied.log).toMatch(/warning: whether the repository \S+ is there cannot be told: .*AccessDenied/);
  expect(written()).toEqual([]);
});

test("who may only pull has the shared image, and builds for itself what is not there", async () => {
  await runJob(machine, job("pulled"));
  const as = await role("puller", puller);
  const other = { "build-args": ["CONTENT=two"] };
  const shared = await runJob(machine, job("pulled", { local: false }, { as }));
  expect([shared.status, done(shared), shared.output]).toEqual([0, ["pulled"], "app\n"]);
  for (const [push, status] of [
    ["auto", 0],
    ["never", 0],
    ["always", 1],
  ] as const) {
    const own = await runJob(machine, job("pulled", { ...other, push, local: false }, { as }));
    expect([push, own.status, own.output]).toEqual([push, status, status === 0 ? "app\n" : ""]);
    expect(own.log.includes("ecr:")).toBe(push !== "never");
  }
});

test("a job without credentials builds for itself, and says why nobody else has its image", async () => {
  const as = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_SESSION_TOKEN: "" };
  const end = await runJob(machine, job("nobody", {}, { as }));
  expect([end.status, done(end), end.output]).toEqual([0, ["built"], "app\n"]);
  expect(end.log).toMatch(/warning: .* with no other machine: the account is not known: .*[Cc]redentials/);
  const again = await runJob(machine, job("nobody", {}, { as }));
  expect([again.status, done(again), again.exported]).toEqual([0, [], end.exported]);
});

test("the documented policy has all that jobs ask for, and nothing else", async () => {
  const used = new Set<string>();
  const forget = jobs.lab.aws.hooks.on("Request", ({ service, action, accessKeyId }) => {
    if (service === "ecr" && accessKeyId === as.AWS_ACCESS_KEY_ID) used.add(`ecr:${action}`);
  });
  const denied = jobs.lab.permissions.denied.length;
  const tagged = (Team: string) => job("policy", { local: false, "ecr-tags": { Team } });
  await runJob(machine, tagged("a"));
  await forgetImages(machine);
  await runJob(machine, tagged("b"));
  await runJob(machine, job("policy", { "skip-pull-from-cache": true }));
  forget();
  expect([...used].sort()).toEqual([...DOCUMENTED_ACTIONS].sort());
  expect(jobs.lab.permissions.denied.slice(denied)).toEqual([]);
});
