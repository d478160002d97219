/** Jobs with the plugin, real Docker and ECR: which of them build, which pull, and which ask nobody. */
import { runDueImageLifecycles } from "../../../lab/aws/services/ecr/lifecycle-run";
import type { Machine } from "../../../lab/machine/machine";
import { calm } from "../../../lab/product/job-requests";
import { type Credentials, IMAGE_VARIABLE, runJob } from "../../../lab/product/plugin-job";
import { DAY_MILLISECONDS } from "../../../lib/time";
import { cases, itInAll } from "../../level";
import { stopEcrLab } from "../ecr/ecr-lab";
import { asked, bootAgent, credentialsOf, ENGINES, imagesIn, type JobLab, startJobLab } from "./job-lab";
import { maker } from "./job-policy";
import { done, jobsOf, repositoryOf, tagOf } from "./sample-job";

jest.setTimeout(300_000);

let jobs: JobLab;
let as: Credentials;
beforeAll(async () => {
  jobs = await startJobLab();
  as = await credentialsOf(jobs, "maker", maker);
});
afterAll(() => jobs && stopEcrLab(jobs.lab));
beforeEach(() => calm(jobs.requests));

describe.each(cases(ENGINES, (_, index) => index === 0))("$generation with $store", (engine) => {
  let machine: Machine;
  let other: Machine;
  beforeAll(async () => {
    [machine, other] = (await Promise.all([0, 1].map(() => bootAgent(jobs.lab.lab, engine)))) as [Machine, Machine];
  });
  const job = jobsOf(engine, () => as);
  const named = (name: string) => repositoryOf(engine, name);
  const tags = async (name: string) => [...(await imagesIn(jobs, named(name))).keys()].sort();

  it("builds what nobody has and pushes it; another machine pulls it; on disk nobody is asked; commands run it", async () => {
    const miss = await runJob(machine, job("miss"));
    const tag = tagOf(miss, named("miss"));
    expect([miss.status, done(miss), miss.output]).toEqual([0, ["pulled", "built", "pushed"], "app\n"]);
    expect(miss.exported).toMatchObject({
      BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE: expect.stringMatching(new RegExp(`${named("miss")}$`)),
      BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG: tag,
    });
    const images = await imagesIn(jobs, named("miss"));
    expect([...images.keys()].sort()).toEqual([tag, "latest", "latest-x86_64"].sort());
    expect(new Set(images.values()).size).toBe(1);
    calm(jobs.requests);
    const pulled = await runJob(other, job("miss"));
    expect([pulled.status, done(pulled), pulled.output]).toEqual([0, ["pulled"], "app\n"]);
    expect(asked(jobs.requests)).toEqual(expect.arrayContaining(["GET bytes", "GET manifest"]));
    expect(asked(jobs.requests).filter((one) => /PUT|POST|PATCH/.test(one))).toEqual([]);
    calm(jobs.requests);
    jobs.requests.faults = () => ({ kind: "hang-up" });
    for (const one of [machine, other]) {
      const again = await runJob(one, job("miss"));
      expect([again.status, done(again), again.output, again.exported]).toEqual([0, [], "app\n", miss.exported]);
    }
    expect([jobs.requests.registry, jobs.requests.api]).toEqual([[], []]);
  });

  itInAll(
    "looks by tag with skip-pull-from-cache: what is there is pulled by its command alone, what is not is built and pushed",
    async () => {
      const options = { "skip-pull-from-cache": true };
      const miss = await runJob(machine, job("skip", options, { command: "true" }));
      expect([miss.status, done(miss)]).toEqual([0, ["built", "pushed"]]);
      calm(jobs.requests);
      const hit = await runJob(other, job("skip", options, { command: `docker image inspect "$${IMAGE_VARIABLE}"` }));
      expect([hit.status, done(hit), hit.exported]).toEqual([0, [], expect.objectContaining(miss.exported)]);
      expect(hit.output).toMatch(/No such (?:image|object)/i);
      expect([asked(jobs.requests), jobs.requests.api.includes("ecr:DescribeImages")]).toEqual([[], true]);
      const used = await runJob(other, job("skip", options));
      expect([used.status, used.output.split("\n").at(-2)]).toEqual([0, "app"]);
    },
  );

  itInAll("builds anew what has expired in the registry", async () => {
    const options = { local: false, "max-age-days": 2 };
    await runJob(machine, job("expiry", options));
    const { clock, aws } = jobs.lab;
    clock.advanceTo(new Date(clock.now().getTime() + 1.9 * DAY_MILLISECONDS));
    await runDueImageLifecycles(aws.aws);
    const fresh = await credentialsOf(jobs, `later-${engine.generation}-${engine.store}`, maker);
    const still = await runJob(machine, job("expiry", options, { as: fresh }));
    expect(done(still)).toEqual(["pulled"]);
    clock.advanceTo(new Date(clock.now().getTime() + 0.2 * DAY_MILLISECONDS));
    await runDueImageLifecycles(aws.aws);
    expect(await tags("expiry")).toEqual([]);
    const rebuilt = await runJob(other, job("expiry", options, { as: fresh }));
    expect([rebuilt.status, done(rebuilt), rebuilt.output]).toEqual([0, ["pulled", "built", "pushed"], "app\n"]);
    expect(await tags("expiry")).toEqual([tagOf(rebuilt, named("expiry")), "latest", "latest-x86_64"].sort());
  });

  itInAll("is built by two machines at once: both end well, and its tag is one image", async () => {
    const both = await Promise.all([machine, other].map((one) => runJob(one, job("both"))));
    expect(both.map(({ status, output }) => [status, output])).toEqual(Array(2).fill([0, "app\n"]));
    const [first, second] = both.map((end) => tagOf(end, named("both")));
    expect(second).toBe(first);
    expect(await tags("both")).toEqual(expect.arrayContaining([first]));
    calm(jobs.requests);
    const third = await runJob(other, job("both", { local: false }));
    expect([third.status, done(third), third.output]).toEqual([0, ["pulled"], "app\n"]);
  });
});
