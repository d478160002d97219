/** ECR's pull-through cache as clients see it: what is fetched, kept, asked for again, and what failures look like. */

import type { RegistryFault } from "../../../lab/registry/registry-faults";
import { HOUR_MILLISECONDS } from "../../../lib/time";
import { writeSmallImage } from "../registry/small-image";
import {
  ACCOUNT,
  allow,
  api,
  type Client,
  type EcrLab,
  ecrApi,
  logIn,
  makeRole,
  REGION,
  startEcrLab,
  stopEcrLab,
} from "./ecr-lab";

jest.setTimeout(120_000);

const HUB = "registry-1.docker.io";
const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const IMPORT = [...PULL, "ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:TagResource"];
const SECRET = "ecr-pullthroughcache/docker-hub";

let lab: EcrLab;
let client: Client;
beforeAll(async () => {
  lab = await startEcrLab();
  client = await logIn(lab, "puller", [allow(IMPORT)]);
  await rule("ecr-public", "public.ecr.aws");
  await rule("quay", "quay.io");
}, 180_000);
afterAll(() => lab && stopEcrLab(lab));
beforeEach(() => {
  lab.upstreamFaults = () => undefined;
  lab.upstreamSeen.length = 0;
  lab.events.length = 0;
  lab.ecr.settings.headOfUncached = "import";
  lab.ecr.settings.upstreamTimeoutMilliseconds = 20_000;
});

const rule = (ecrRepositoryPrefix: string, upstreamRegistryUrl: string, more: object = {}) =>
  ecrApi(lab, "CreatePullThroughCacheRule", { ecrRepositoryPrefix, upstreamRegistryUrl, ...more });
const write = (name: string, seed: string, more: object = {}) =>
  writeSmallImage(lab.registry.storage, { name, seed, payloadBytes: 1 << 16, ...more });
const get = (path: string, method = "GET") => client.send(method, `/v2/${path}`);
const digestHeader = async (path: string, method = "GET") => (await get(path, method)).headers["docker-content-digest"];
const advance = async (hours: number) => {
  lab.clock.advanceTo(new Date(lab.clock.now().getTime() + hours * HOUR_MILLISECONDS));
  // A token lasts twelve hours.
  client = await logIn(lab, `puller-${Math.random().toString(36).slice(2)}`, [allow(IMPORT)]);
};
const details = () => lab.events.map(({ detail }) => detail);

/** Every layer that an image names, by client. */
async function pullWhole(repository: string, tag: string): Promise<number[]> {
  const top = JSON.parse((await get(`${repository}/manifests/${tag}`)).body);
  const manifest = top.manifests
    ? JSON.parse((await get(`${repository}/manifests/${top.manifests[0].digest}`)).body)
    : top;
  const statuses: number[] = [];
  for (const { digest } of [manifest.config, ...manifest.layers])
    statuses.push((await client.pullLayer(repository, digest)).status);
  return statuses;
}

describe("the first pull of a tag", () => {
  test.each(["import", "404"] as const)("makes the repository and keeps all of it (HEAD: %s)", async (head) => {
    lab.ecr.settings.headOfUncached = head;
    const name = `docker/library/first-${head}`;
    const digest = await write(name, "one", { multiPlatform: true });
    const repository = `ecr-public/${name}`;
    expect((await get(`${repository}/manifests/1`, "HEAD")).status).toBe(head === "import" ? 200 : 404);
    expect(await digestHeader(`${repository}/manifests/1`)).toBe(digest);
    lab.upstreamFaults = () => ({ kind: "hang-up" });
    expect(await digestHeader(`${repository}/manifests/1`, "HEAD")).toBe(digest);
    expect(await digestHeader(`${repository}/manifests/${digest}`)).toBe(digest);
    expect(new Set(await pullWhole(repository, "1"))).toEqual(new Set([200]));
    expect(lab.events).toMatchObject([
      {
        source: "aws.ecr",
        "detail-type": "ECR Pull Through Cache Action",
        resources: [`arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repository}`],
        detail: {
          "sync-status": "SUCCESS",
          "ecr-repository-prefix": "ecr-public",
          "repository-name": repository,
          "upstream-registry-url": "public.ecr.aws",
          "image-tag": "1",
          "image-digest": digest,
        },
      },
    ]);
    const { imageIds } = await ecrApi<{ imageIds: object[] }>(lab, "ListImages", { repositoryName: repository });
    expect(imageIds).toContainEqual({ imageDigest: digest, imageTag: "1" });
    expect(imageIds).toHaveLength(2);
  });

  test("is made once, though several ask at once", async () => {
    await write("org/together", "one");
    const answers = await Promise.all(Array.from({ length: 4 }, () => get("quay/org/together/manifests/1")));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(lab.upstreamSeen.filter(({ path }) => path.includes("/manifests/"))).toHaveLength(1);
    expect(lab.upstreamSeen[0]?.host).toBe("quay.io");
  });

  test.each<[string, string[]]>([
    ["ecr:BatchImportUpstreamImage", IMPORT.filter((one) => one !== "ecr:BatchImportUpstreamImage")],
    ["ecr:CreateRepository", IMPORT.filter((one) => one !== "ecr:CreateRepository")],
    ["ecr:BatchGetImage", IMPORT.filter((one) => one !== "ecr:BatchGetImage")],
  ])("takes %s, and makes nothing without it", async (action, actions) => {
    const name = action.split(":")[1] ?? "";
    await write(`org/${name.toLowerCase()}`, "one");
    const weak = await logIn(lab, `without-${name}`, [allow(actions)]);
    const answer = await weak.send("GET", `/v2/quay/org/${name.toLowerCase()}/manifests/1`);
    expect([answer.status, answer.error?.message.includes(action)]).toEqual([403, true]);
    expect(lab.upstreamSeen).toEqual([]);
    expect((await get(`quay/org/${name.toLowerCase()}/manifests/1`, "GET")).status).toBe(200);
  });

  test("below no rule's prefix is no pull-through", async () => {
    await write("org/plain", "one");
    expect((await get("org/plain/manifests/1")).error?.code).toBe("NAME_UNKNOWN");
    expect((await get("quay-two/org/plain/manifests/1")).error?.code).toBe("NAME_UNKNOWN");
  });

  test("goes to the rule of the longest prefix, with the upstream's own prefix", async () => {
    const digest = await write("team/tools/deep", "one");
    await rule("quay/tools", "quay.io", { upstreamRepositoryPrefix: "team/tools" });
    expect(await digestHeader("quay/tools/deep/manifests/1")).toBe(digest);
    expect(details()).toMatchObject([{ "ecr-repository-prefix": "quay/tools" }]);
  });
});

describe("by digest", () => {
  test("nothing is fetched that is not cached, even if the tag is", async () => {
    const first = await write("org/pinned", "first");
    expect((await get(`quay/org/pinned/manifests/${first}`)).error?.code).toBe("NAME_UNKNOWN");
    await get("quay/org/pinned/manifests/1");
    const second = await write("org/pinned", "second", { tag: "2" });
    lab.upstreamSeen.length = 0;
    expect((await get(`quay/org/pinned/manifests/${second}`)).error?.code).toBe("MANIFEST_UNKNOWN");
    expect(await digestHeader(`quay/org/pinned/manifests/${first}`)).toBe(first);
    expect(lab.upstreamSeen).toEqual([]);
  });
});

describe("a cached tag", () => {
  test("is asked for upstream again after 24 hours, and not before", async () => {
    const first = await write("org/nightly", "first");
    expect(await digestHeader("quay/org/nightly/manifests/1")).toBe(first);
    const second = await write("org/nightly", "second");
    await advance(23.9);
    lab.upstreamSeen.length = 0;
    expect(await digestHeader("quay/org/nightly/manifests/1")).toBe(first);
    expect(lab.upstreamSeen).toEqual([]);
    await advance(0.1);
    expect(await digestHeader("quay/org/nightly/manifests/1")).toBe(second);
    // What somebody has resolved before can still be had.
    expect(await digestHeader(`quay/org/nightly/manifests/${first}`)).toBe(first);
  });

  test.each(["import", "404"] as const)(
    "is asked for again by HEAD, too (HEAD of what is not cached: %s)",
    async (head) => {
      lab.ecr.settings.headOfUncached = head;
      await write(`org/headed-${head}`, "first");
      await get(`quay/org/headed-${head}/manifests/1`);
      const second = await write(`org/headed-${head}`, "second");
      await advance(24);
      expect(await digestHeader(`quay/org/headed-${head}/manifests/1`, "HEAD")).toBe(second);
    },
  );

  test("with a name that every object has is like any other", async () => {
    const digest = await write("org/named", "one", { tag: "constructor" });
    for (let time = 0; time < 2; time++)
      expect(await digestHeader("quay/org/named/manifests/constructor")).toBe(digest);
  });

  test("is served while the upstream is off or refuses, which an event tells", async () => {
    const digest = await write("org/steady", "one");
    await get("quay/org/steady/manifests/1");
    await advance(24);
    lab.events.length = 0;
    lab.upstreamFaults = () => ({ kind: "hang-up" });
    expect(await digestHeader("quay/org/steady/manifests/1")).toBe(digest);
    lab.upstreamFaults = () => ({ kind: "status", status: 429 });
    expect(await digestHeader("quay/org/steady/manifests/1")).toBe(digest);
    expect(details()).toMatchObject([
      { "sync-status": "FAILURE", "failure-code": "UnableToGetUpstreamImage" },
      { "sync-status": "FAILURE", "failure-reason": expect.stringContaining("429") },
    ]);
  });

  test("stays as it is if the repository's tags are immutable", async () => {
    const first = await write("org/immutable", "first");
    await get("quay/org/immutable/manifests/1");
    const input = { repositoryName: "quay/org/immutable", imageTagMutability: "IMMUTABLE" };
    await ecrApi(lab, "PutImageTagMutability", input);
    await write("org/immutable", "second");
    await advance(24);
    lab.events.length = 0;
    expect(await digestHeader("quay/org/immutable/manifests/1")).toBe(first);
    expect(details()).toMatchObject([{ "sync-status": "FAILURE" }]);
  });

  test("that is deleted is fetched again", async () => {
    await write("org/purged", "first");
    await get("quay/org/purged/manifests/1");
    const second = await write("org/purged", "second");
    await ecrApi(lab, "BatchDeleteImage", { repositoryName: "quay/org/purged", imageIds: [{ imageTag: "1" }] });
    expect(await digestHeader("quay/org/purged/manifests/1")).toBe(second);
  });
});

describe("an upstream that fails", () => {
  test.each<[string, Parameters<typeof faultOf>[0], number, string]>([
    ["is off", { kind: "hang-up" }, 500, "UNKNOWN"],
    ["wants a login", { kind: "status", status: 401 }, 403, "DENIED"],
    ["limits", { kind: "status", status: 429 }, 429, "TOOMANYREQUESTS"],
    ["breaks down", { kind: "status", status: 500 }, 500, "UNKNOWN"],
    ["has no such image", { kind: "status", status: 404 }, 404, "NAME_UNKNOWN"],
    ["ends in the middle of a manifest", { kind: "truncate", afterBytes: 10 }, 500, "UNKNOWN"],
  ])("%s: an answer, an event, and no repository", async (what, fault, status, code) => {
    const name = `org/${what.replaceAll(" ", "-")}`;
    await write(name, "one");
    lab.upstreamFaults = faultOf(fault);
    const answer = await get(`quay/${name}/manifests/1`);
    expect([answer.status, answer.error?.code]).toEqual([status, code]);
    expect(details()).toMatchObject([{ "sync-status": "FAILURE", "repository-name": `quay/${name}` }]);
    await expect(ecrApi(lab, "DescribeRepositories", { repositoryNames: [`quay/${name}`] })).rejects.toMatchObject({
      code: "RepositoryNotFoundException",
    });
  });

  test.each<[string, RegistryFault]>([
    ["truncated", { kind: "truncate", afterBytes: 100 }],
    ["stalled", { kind: "stall-after", bytes: 100 }],
    ["never-begun", { kind: "stall" }],
  ])("in the middle of a layer (%s) keeps no image, and the next pull is whole", async (name, fault) => {
    lab.ecr.settings.upstreamTimeoutMilliseconds = 300;
    await write(`org/${name}`, "one");
    lab.upstreamFaults = ({ path }) => (path.includes("/blobs/") ? fault : undefined);
    expect((await get(`quay/org/${name}/manifests/1`)).status).toBe(500);
    expect(details()).toMatchObject([{ "failure-code": "UnableToGetUpstreamLayer" }]);
    await expect(ecrApi(lab, "ListImages", { repositoryName: `quay/org/${name}` })).resolves.toEqual({ imageIds: [] });
    lab.upstreamFaults = () => undefined;
    lab.ecr.settings.upstreamTimeoutMilliseconds = 20_000;
    expect(new Set(await pullWhole(`quay/org/${name}`, "1"))).toEqual(new Set([200]));
  });

  const faultOf =
    (fault: ReturnType<EcrLab["upstreamFaults"]>): EcrLab["upstreamFaults"] =>
    () =>
      fault;
});

describe("a rule's secret", () => {
  const credentialArn = async () => {
    const input = { Name: SECRET, SecretString: JSON.stringify({ username: "someone", accessToken: "token" }) };
    return (await api<{ ARN: string }>(lab, "secretsmanager", "CreateSecret", input)).ARN;
  };
  const wantsLogin: EcrLab["upstreamFaults"] = ({ host, authorization }) =>
    host === HUB && authorization !== `Basic ${Buffer.from("someone:token").toString("base64")}`
      ? { kind: "status", status: 401 }
      : undefined;

  test("is the login, for this upstream alone", async () => {
    await rule("docker-hub", HUB, { credentialArn: await credentialArn() });
    const digest = await write("library/secret", "one");
    lab.upstreamFaults = wantsLogin;
    expect(await digestHeader("docker-hub/library/secret/manifests/1")).toBe(digest);
    await write("org/open", "one");
    await get("quay/org/open/manifests/1");
    expect(lab.upstreamSeen.filter(({ host }) => host === "quay.io").map((seen) => seen.authorization)).not.toContain(
      expect.anything(),
    );
  });

  test("that is no login any more: refused, and the event says so", async () => {
    await write("library/broken", "one");
    const put = (SecretString: string) =>
      api(lab, "secretsmanager", "PutSecretValue", { SecretId: SECRET, SecretString });
    await put("{}");
    expect((await get("docker-hub/library/broken/manifests/1")).error?.code).toBe("DENIED");
    expect(details()).toMatchObject([{ "failure-code": "UnableToAccessSecret" }]);
    await put(JSON.stringify({ username: "someone", accessToken: "wrong" }));
    lab.upstreamFaults = wantsLogin;
    const answer = await get("docker-hub/library/broken/manifests/1");
    expect(answer.error?.message).toContain("authentication to the upstream registry failed");
  });
});

describe("a creation template", () => {
  const lifecyclePolicy = JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
        action: { type: "expire" },
      },
    ],
  });
  const template = (prefix: string, more: object) =>
    ecrApi(lab, "CreateRepositoryCreationTemplate", { prefix, appliedFor: ["PULL_THROUGH_CACHE"], ...more });
  const own = (repository: string) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repository}`;

  test("makes the repository: tags, life cycle, encryption, by its role", async () => {
    const keyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`;
    const keyActions = ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"];
    const customRoleArn = await makeRole(
      lab,
      "creator",
      [allow(["ecr:CreateRepository", "ecr:TagResource"]), { Effect: "Allow", Action: keyActions, Resource: keyArn }],
      "ecr",
    );
    await rule("made", "quay.io");
    await template("made", {
      customRoleArn,
      lifecyclePolicy,
      resourceTags: [{ Key: "docker-cache:name", Value: "made" }],
      encryptionConfiguration: { encryptionType: "KMS", kmsKey: keyArn },
    });
    await write("org/made", "one");
    expect((await get("made/org/made/manifests/1")).status).toBe(200);
    const { repositories } = await ecrApi<{ repositories: object[] }>(lab, "DescribeRepositories", {
      repositoryNames: ["made/org/made"],
    });
    expect(repositories).toMatchObject([{ encryptionConfiguration: { encryptionType: "KMS", kmsKey: keyArn } }]);
    const { tags } = await ecrApi<{ tags: object[] }>(lab, "ListTagsForResource", {
      resourceArn: own("made/org/made"),
    });
    expect(tags).toEqual([{ Key: "docker-cache:name", Value: "made" }]);
    const { lifecyclePolicyText } = await ecrApi<{ lifecyclePolicyText: string }>(lab, "GetLifecyclePolicy", {
      repositoryName: "made/org/made",
    });
    expect(JSON.parse(lifecyclePolicyText)).toEqual(JSON.parse(lifecyclePolicy));
  });

  test.each<[string, string, object[]]>([
    ["lambda", "trusts another service", [allow(["ecr:CreateRepository", "ecr:TagResource"])]],
    ["ecr", "may not tag", [allow(["ecr:CreateRepository"])]],
    ["ecr", "may not create", [allow(["ecr:TagResource"])]],
  ])("whose role (%s) %s makes nothing, and an event tells", async (service, what, statements) => {
    const name = what.replaceAll(" ", "-");
    const customRoleArn = await makeRole(lab, name, statements, service);
    await rule(name, "quay.io");
    await template(name, { customRoleArn, resourceTags: [{ Key: "a", Value: "b" }] });
    await write(`org/${name}`, "one");
    expect((await get(`${name}/org/${name}/manifests/1`)).status).toBe(500);
    expect(details()).toMatchObject([{ "sync-status": "FAILURE", "failure-code": "RepositoryCreation" }]);
    await expect(
      ecrApi(lab, "DescribeRepositories", { repositoryNames: [`${name}/org/${name}`] }),
    ).rejects.toMatchObject({ code: "RepositoryNotFoundException" });
  });

  test("with tags takes ecr:TagResource of those who pull, too", async () => {
    const customRoleArn = await makeRole(lab, "tagger", [allow(["ecr:CreateRepository", "ecr:TagResource"])], "ecr");
    await rule("tagged", "quay.io");
    await template("tagged", { customRoleArn, resourceTags: [{ Key: "a", Value: "b" }] });
    await write("org/tagged", "one");
    const weak = await logIn(lab, "untagging", [allow(IMPORT.filter((action) => action !== "ecr:TagResource"))]);
    const answer = await weak.send("GET", "/v2/tagged/org/tagged/manifests/1");
    expect([answer.status, answer.error?.message]).toEqual([403, expect.stringContaining("ecr:TagResource")]);
    expect((await get("tagged/org/tagged/manifests/1")).status).toBe(200);
  });

  test("that is applied for replication alone is no template of ours", async () => {
    await ecrApi(lab, "CreateRepositoryCreationTemplate", {
      prefix: "elsewhere",
      appliedFor: ["REPLICATION"],
      imageTagMutability: "IMMUTABLE",
    });
    await rule("elsewhere", "quay.io");
    await write("org/elsewhere", "one");
    await get("elsewhere/org/elsewhere/manifests/1");
    const { repositories } = await ecrApi<{ repositories: object[] }>(lab, "DescribeRepositories", {
      repositoryNames: ["elsewhere/org/elsewhere"],
    });
    expect(repositories).toMatchObject([{ imageTagMutability: "MUTABLE" }]);
  });
});

test("with the upstream registries really off, what is cached is served, and nothing else", async () => {
  const digest = await write("org/last", "one");
  await write("org/never", "one");
  await get("quay/org/last/manifests/1");
  await advance(24);
  await lab.registry.stop();
  expect(await digestHeader("quay/org/last/manifests/1")).toBe(digest);
  expect((await get("quay/org/never/manifests/1")).status).toBe(500);
  expect(details().at(-1)).toMatchObject({ "failure-reason": expect.stringContaining("cannot be reached") });
});
