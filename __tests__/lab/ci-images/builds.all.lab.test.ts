/** What a build of the plugin takes: an inline Dockerfile, a target, secrets, arguments, and what its exports are good for. */
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { calm } from "../../../lab/product/job-requests";
import { type Credentials, runJob } from "../../../lab/product/plugin-job";
import { stopEcrLab } from "../ecr/ecr-lab";
import { BASE, bootAgent, credentialsOf, ENGINES, type JobLab, startJobLab } from "./job-lab";
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

describe.each(ENGINES)("$generation with $store", (engine) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootAgent(jobs.lab.lab, engine);
  });
  const job = jobsOf(engine, () => as);

  it("builds a target, with an argument of its own and one of the job's variables", async () => {
    const environment = { CONTENT: "from the job" };
    const own = await runJob(machine, job("target", { target: "deps", "build-args": ["CONTENT=two"] }));
    const ofJob = await runJob(machine, job("target", { target: "deps", "build-args": ["CONTENT"] }, { environment }));
    const whole = await runJob(machine, job("target"));
    expect([own, ofJob, whole].map(({ output }) => output)).toEqual(["deps two\n", "deps from the job\n", "app\n"]);
    expect(new Set([own, ofJob, whole].map((end) => tagOf(end, repositoryOf(engine, "target")))).size).toBe(3);
  });

  it("builds an inline Dockerfile in the checkout", async () => {
    const inline = `FROM ${BASE}\nCOPY words /made\nCMD ["/bin/sh", "-c", "read -r line </made; echo $line"]`;
    const files = { words: "from the checkout\n" };
    const end = await runJob(machine, job("inline", { "dockerfile-inline": inline }, { files }));
    expect([end.status, end.output]).toEqual([0, "from the checkout\n"]);
  });

  it("gives secrets to the build alone", async () => {
    const Dockerfile = `FROM ${BASE}
RUN --mount=type=secret,id=TOKEN --mount=type=secret,id=file read -r token </run/secrets/TOKEN || :; read -r other </run/secrets/file; echo "\${#token} \${#other}" >/made
CMD ["/bin/sh", "-c", "read -r line </made; echo $line"]
`;
    const secret = "s3cr3t-0f-th3-j0b";
    const files = { Dockerfile, key: "four\n" };
    const options = { secrets: ["TOKEN", "id=file,src=key"] };
    const end = await runJob(machine, job("secrets", options, { files, environment: { TOKEN: secret } }));
    expect([end.status, end.output]).toEqual([0, `${secret.length} 4\n`]);
    expect(end.log).not.toContain(secret);
    const other = await runJob(machine, job("secrets", options, { files, environment: { TOKEN: "another" } }));
    expect([other.exported, done(other)]).toEqual([end.exported, []]);
  });

  it("exports the image in a variable of the pipeline's choice, for any command after it", async () => {
    const options = { "export-env-variable": "DEPENDENCIES" };
    const command =
      'docker run --rm --network none "$DEPENDENCIES" && docker build --quiet --tag own - <<<"FROM $DEPENDENCIES"';
    const end = await runJob(machine, job("exports", options, { command }));
    expect(end.output).toMatch(/^app\nsha256:/);
    expect(Object.keys(end.exported).sort()).toEqual([
      "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE",
      "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG",
      "DEPENDENCIES",
    ]);
  });

  it("leaves no login, no checkout of its own and no container behind", async () => {
    await runJob(machine, job("traces"));
    const found = await shellIn(
      machine,
      `{ cat /root/.docker/config.json; grep --recursive --files-with-matches dkr.ecr --include=config.json /tmp /root; docker ps --all --quiet; } 2>/dev/null || true`,
    );
    expect(found).toBe("");
  });

  it("ends with 1 and pushes nothing if the build fails", async () => {
    const files = { Dockerfile: `FROM ${BASE}\nRUN exit 3\n` };
    const end = await runJob(machine, job("broken", {}, { files }));
    expect([end.status, end.exported, done(end)]).toEqual([1, {}, ["pulled", "built"]]);
  });
});
