/** What roles may do that have a policy of CI images and nothing else, in an emulated AWS that judges each call. */
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
  PutImageCommand,
  PutLifecyclePolicyCommand,
  TagResourceCommand,
} from "@aws-sdk/client-ecr";
import { assumeRole } from "../../../lab/aws/services/assume-role";
import { enforcePermissions } from "../../../lab/iam/enforce";
import { TAG } from "../../../lib/contract";
import { readPolicy } from "../../docs/policies/iam";
import { openWorkbench, type Workbench } from "../terraform";
import { ACCOUNT, ciImagesAlone, manifest, push, REGION, STACK } from "./fixture";

jest.setTimeout(300_000);

const OURS = "build-cache/acme/app";
const OTHER = "build-cache/web";
const NEW = "build-cache/new";
const arnOf = (name: string) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${name}`;
const policyArn = (who: string) => `arn:aws:iam::${ACCOUNT}:policy/docker-cache-ci-images-app-${who}-${REGION}`;

let bench: Workbench;
const clients: ECRClient[] = [];
const iam = (action: string, input: object) => bench.aws.aws.call({ service: "iam", action, region: REGION }, input);

beforeAll(async () => {
  bench = await openWorkbench();
  await bench.synthesize(ciImagesAlone({ ci_images: { app: { repository: OURS }, web: {} } }));
  await bench.apply(STACK);
  for (const name of [OURS, OTHER]) await push(bench.aws, name, "latest");
  enforcePermissions(bench.aws);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await bench?.close();
});

/** A client of ECR in the name of a new role. */
async function clientOf(RoleName: string, give: () => Promise<unknown>): Promise<ECRClient> {
  const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  await iam("CreateRole", { RoleName, AssumeRolePolicyDocument });
  await give();
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  const { AccessKeyId, SecretAccessKey, SessionToken } = await assumeRole(bench.aws.aws, REGION, {
    roleArn,
    service: "ec2",
  });
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const client = new ECRClient({ region: REGION, endpoint: bench.aws.endpointUrl, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

type Call = (client: ECRClient) => Promise<unknown>;
const image = (repositoryName: string) => ({ repositoryName, imageIds: [{ imageTag: "latest" }] });
const lifecyclePolicyText = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 1 },
      action: { type: "expire" },
    },
  ],
});
const tags = [{ Key: "team", Value: "ci" }];

/** Calls of the job's scripts, by what they are for. */
const using = (name: string): Record<string, Call> => ({
  "log in": (client) => client.send(new GetAuthorizationTokenCommand({})),
  "find the repository": (client) => client.send(new DescribeRepositoriesCommand({ repositoryNames: [name] })),
  "see whose it is": (client) => client.send(new ListTagsForResourceCommand({ resourceArn: arnOf(name) })),
  "find a tag": (client) => client.send(new DescribeImagesCommand(image(name))),
  "get a manifest": (client) => client.send(new BatchGetImageCommand(image(name))),
});
/** Layers go by the registry's own API, in the lab's tests with Docker. */
const pushing = (name: string): Record<string, Call> => ({
  "put an image": (client) =>
    client.send(new PutImageCommand({ repositoryName: name, imageTag: "mine", imageManifest: manifest("2") })),
});
const keeping = (name: string): Record<string, Call> => ({
  "read the life cycle": (client) => client.send(new GetLifecyclePolicyCommand({ repositoryName: name })),
  "write the life cycle": (client) =>
    client.send(new PutLifecyclePolicyCommand({ repositoryName: name, lifecyclePolicyText })),
  "tag it": (client) => client.send(new TagResourceCommand({ resourceArn: arnOf(name), tags })),
});
const making: Record<string, Call> = {
  "make a repository": (client) => client.send(new CreateRepositoryCommand({ repositoryName: NEW, tags })),
};

/** Names of calls that were denied; any other error is the test's. */
async function deniedOf(client: ECRClient, calls: Record<string, Call>): Promise<string[]> {
  const denied: string[] = [];
  for (const [name, call] of Object.entries(calls)) {
    await call(client).catch((error: Error) => {
      if (error.name !== "AccessDeniedException") throw error;
      denied.push(name);
    });
  }
  return denied;
}

const attached = (role: string, who: string) => () =>
  iam("AttachRolePolicy", { RoleName: role, PolicyArn: policyArn(who) });
const { "log in": _, ...ofOthers } = using(OTHER);

test("a puller uses images of this repository, and does nothing else", async () => {
  const client = await clientOf("puller", attached("puller", "puller"));
  expect(await deniedOf(client, using(OURS))).toEqual([]);
  for (const calls of [ofOthers, pushing(OURS), pushing(OTHER), keeping(OURS), making])
    expect(await deniedOf(client, calls)).toEqual(Object.keys(calls));
});

test("a pusher pushes to it too, and changes nothing that is Terraform's", async () => {
  const client = await clientOf("pusher", attached("pusher", "pusher"));
  for (const calls of [using(OURS), pushing(OURS)]) expect(await deniedOf(client, calls)).toEqual([]);
  for (const calls of [ofOthers, pushing(OTHER), keeping(OURS), making])
    expect(await deniedOf(client, calls)).toEqual(Object.keys(calls));
});

test("a job that makes its own repository does all of it below its prefix, and nothing elsewhere", async () => {
  const PolicyDocument = JSON.stringify(readPolicy("ci-images-job"));
  const client = await clientOf("job", () =>
    iam("PutRolePolicy", { RoleName: "job", PolicyName: "own", PolicyDocument }),
  );
  expect(await deniedOf(client, making)).toEqual([]);
  // Its life cycle is written before it is read, since at first there is none.
  const { "read the life cycle": read, ...writing } = keeping(NEW);
  for (const calls of [pushing(NEW), writing, { "read it": read! }, pushing(OTHER)])
    expect(await deniedOf(client, calls)).toEqual([]);
  const elsewhere = { repositoryName: "team/app", tags };
  const calls = { elsewhere: (by: ECRClient) => by.send(new CreateRepositoryCommand(elsewhere)) };
  expect(await deniedOf(client, calls)).toEqual(["elsewhere"]);
});

test("what a job finds of Terraform's says so", async () => {
  const client = await clientOf("looker", attached("looker", "puller"));
  const { tags: found } = await client.send(new ListTagsForResourceCommand({ resourceArn: arnOf(OURS) }));
  expect(found).toContainEqual({ Key: TAG.companion, Value: "ci-images" });
});
