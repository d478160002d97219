/** A cache with `images_from`: what jobs pushed is in the next snapshot, and a job on a worker of it asks for a manifest at most. */

import { assumeRole } from "../../../lab/aws/services/assume-role";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { type Deployed, deploy, withdraw } from "../../../lab/product/deploy";
import { calm, type JobRequests, watchRequests } from "../../../lab/product/job-requests";
import { bootWorker } from "../../../lab/product/machine-loop";
import { type Credentials, installPlugin, runJob } from "../../../lab/product/plugin-job";
import { cacheId, ciImagesNames } from "../../../lib/contract";
import { build, cacheLab, MINUTES, REGION, rotate } from "../cloud/cache-lab";
import { ACCOUNT, HOST } from "../ecr/ecr-lab";
import { writeSmallImage } from "../registry/small-image";
import { asked, bootAgent } from "./job-lab";
import { DOCKERFILE, done, tagOf } from "./sample-job";

const STORES = ["overlay2", "containerd"] as const;
const REPOSITORY = "build-cache/acme/app";

const CONFIG = `
regions: { ${REGION}: {} }
ci_images:
  app: { repository: ${REPOSITORY}, max_age_days: 14 }
caches:${STORES.map(
  (store) => `
  ${store}:
    image_store: ${store}
    images: [ "registry.lab/acme/base:1" ]
    images_from: [ app ]
    volume: { size_gib: 4 }
    worker: { min_free_gib: 1, volume: { size_gib: 4 } }`,
).join("")}
`;

jest.setTimeout(8 * MINUTES);

let deployed: Deployed;
let requests: JobRequests;
let pusher: Credentials;
let puller: Credentials;
let agents: Record<(typeof STORES)[number], Machine>;
beforeAll(async () => {
  deployed = await deploy({ config: CONFIG });
  requests = watchRequests(deployed.aws, deployed.ecr);
  const { storage = "" } = deployed.cloud.registry ?? {};
  await writeSmallImage(storage, { name: "acme/base", seed: "base", payloadBytes: 1 << 16 });
  const names = ciImagesNames("app", REGION);
  pusher = await roleWith("pusher", names.pusherPolicy);
  puller = await roleWith("puller", names.pullerPolicy);
  const of = (store: (typeof STORES)[number]) => bootAgent(deployed.cloud.lab, { generation: "trixie", store });
  agents = { overlay2: await of("overlay2"), containerd: await of("containerd") };
}, 10 * MINUTES);
afterAll(() => deployed && withdraw(deployed), 2 * MINUTES);

/** Credentials of a role that has one of Terraform's policies. */
async function roleWith(RoleName: string, policy: string): Promise<Credentials> {
  const { aws } = deployed.aws;
  const iam = <Output>(action: string, input: object) =>
    aws.call<Output>({ service: "iam", action, region: "us-east-1" }, input);
  const Statement = [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam("CreateRole", { RoleName, AssumeRolePolicyDocument });
  const { Policies } = await iam<{ Policies: { Arn: string; PolicyName: string }[] }>("ListPolicies", {
    Scope: "Local",
  });
  const PolicyArn = Policies.find(({ PolicyName }) => PolicyName === policy)?.Arn;
  await iam("AttachRolePolicy", { RoleName, PolicyArn });
  const wish = { roleArn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}`, service: "ec2" };
  const { AccessKeyId, SecretAccessKey, SessionToken } = await assumeRole(aws, REGION, wish);
  return { AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey, AWS_SESSION_TOKEN: SessionToken };
}

const job = (as: Credentials, content = "one") => ({
  as,
  options: { "ecr-name": REPOSITORY, target: "deps", "build-args": [`CONTENT=${content}`] },
  files: { Dockerfile: DOCKERFILE },
});

test("who has the puller policy changes nothing, and who has the pusher policy fills Terraform's repository as it is", async () => {
  const stranger = await runJob(agents.overlay2, job(puller));
  expect([stranger.status, done(stranger), stranger.output]).toEqual([0, ["pulled", "built", "pushed"], "deps one\n"]);
  expect(stranger.log).toMatch(/warning: \S+ could not be pushed/);
  expect(deployed.loop.permissions.denied.map(({ action }) => action)).toContain("ecr:InitiateLayerUpload");
  calm(requests);
  const own = await runJob(agents.overlay2, { ...job(pusher), options: { ...job(pusher).options, local: false } });
  expect([own.status, done(own), own.output]).toEqual([0, ["pulled", "built", "pushed"], "deps one\n"]);
  const writes = requests.api.filter((call) => /Create|Put|Tag(?!s)|Delete/.test(call));
  expect(writes).toEqual([]);
});

/** Builds the cache and boots a worker of it. */
async function workerOf(store: (typeof STORES)[number]): Promise<Machine> {
  const cache = await cacheLab(deployed, store);
  const { text, outcome } = await build(cache);
  expect([outcome, outcome === "ready" ? "" : text]).toEqual(["ready", ""]);
  await rotate(cache);
  const { machine, status } = await bootWorker(deployed.loop, deployed.cloud, REGION, cacheId(store, "x86_64"));
  expect(status.state).toBe("warm");
  return machine;
}

test.each(STORES)(
  "after the next build a job on a worker with %s asks for a manifest at most, and the second for nothing",
  async (store) => {
    await runJob(agents[store], job(pusher, store));
    const machine = await workerOf(store);
    const names = await shellIn(machine, "docker image ls --format '{{.Repository}}:{{.Tag}}'");
    expect(names).toContain(`${HOST}/${REPOSITORY}:latest-x86_64\n`);
    await installPlugin(machine);
    calm(requests);
    const first = await runJob(machine, job(puller, store));
    expect([first.status, done(first), first.output]).toEqual([0, ["pulled"], `deps ${store}\n`]);
    expect(tagOf(first, REPOSITORY)).toMatch(/^[0-9a-f]{7}$/);
    expect(asked(requests).filter((one) => !/^(?:GET|HEAD) manifest$/.test(one))).toEqual([]);
    calm(requests);
    const second = await runJob(machine, job(puller, store));
    expect([second.status, done(second), second.output, second.exported]).toEqual([
      0,
      [],
      `deps ${store}\n`,
      first.exported,
    ]);
    expect([requests.registry, requests.api]).toEqual([[], []]);
  },
);

test("a cache with containerd builds with an image whose base another store has compressed otherwise, and its worker runs it", async () => {
  await runJob(agents.overlay2, job(pusher, "otherwise"));
  const machine = await workerOf("containerd");
  const image = `${HOST}/${REPOSITORY}:latest-x86_64`;
  await expect(shellIn(machine, `docker run --rm --network none --pull never ${image}`)).resolves.toBe(
    "deps otherwise\n",
  );
});
