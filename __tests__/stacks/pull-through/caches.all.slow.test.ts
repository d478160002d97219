/** What a plan of caches shows when pull-through comes: builders that pull through it, workers that may. */
import { resourceNames } from "../../../lib/contract";
import { openWorkbench, type Workbench } from "../terraform";
import { changesIn, createSecret, deploymentWith, REGION, RULES } from "./fixture";

jest.setTimeout(600_000);

const pull_through = { rules: RULES };
const access = { cache: { worker: { pull_through_access: true } } };

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
  await createSecret(bench.aws);
  await bench.synthesize(deploymentWith({}));
  await bench.apply();
});
afterAll(() => bench?.close());

/** Changes of every stack that has any, by noun. */
async function planned(sections: Parameters<typeof deploymentWith>[0]): Promise<Record<string, string[]>> {
  await bench.synthesize(deploymentWith(sections));
  const plans = await bench.planAll();
  return Object.fromEntries(
    Object.entries(plans).map(([name, plan]) => [
      name.slice("docker-cache-".length, -REGION.length - 1),
      changesIn(plan),
    ]),
  );
}

/** Scheduler's policy names the template: Terraform reads it again after each change of that, and it comes out the same. */
const BUILDER = [
  "read data.aws_iam_policy_document.ci_x86_64_scheduler",
  "updated aws_iam_role_policy.ci_x86_64_builder",
  "updated aws_iam_role_policy.ci_x86_64_scheduler",
  "updated aws_launch_template.ci_x86_64_builder",
];

/** The policy of Scheduler's role, as IAM has it. */
async function schedulerPolicy(): Promise<string> {
  const RoleName = resourceNames("ci", "x86_64", REGION).schedulerRole;
  const call = { service: "iam", action: "GetRolePolicy", region: REGION };
  const input = { RoleName, PolicyName: "scheduler" };
  return (await bench.aws.aws.call<{ PolicyDocument: string }>(call, input)).PolicyDocument;
}

test("with the section a builder's user data and role change, and nothing else of a cache", async () => {
  const { "pull-through": own, ...caches } = await planned({ pull_through });
  expect(own?.filter((change) => !/^(?:created|read) /.test(change))).toEqual([]);
  expect(caches).toEqual({ builder: BUILDER });
});

test("with access a worker's role changes, too, and its template does not", async () => {
  const { "pull-through": _, ...caches } = await planned({ pull_through, ...access });
  expect(caches).toEqual({ builder: BUILDER, worker: ["updated aws_iam_role_policy.ci_x86_64_worker"] });
});

test("a cache that takes no rules is not touched by the section", async () => {
  const { "pull-through": _, ...caches } = await planned({ pull_through, cache: { pull_through: {} } });
  expect(caches).toEqual({});
});

test("applied, and taken out of the file again, it leaves the caches as they were", async () => {
  const before = await schedulerPolicy();
  await planned({ pull_through, ...access });
  await bench.apply();
  expect(await schedulerPolicy()).toBe(before);
  expect(await planned({ pull_through, ...access })).toEqual({});
  await bench.destroy("docker-cache-pull-through");
  const { "pull-through": _, ...caches } = await planned({});
  expect(caches).toEqual({ builder: BUILDER, worker: ["updated aws_iam_role_policy.ci_x86_64_worker"] });
});
