/** ECR's registry as clients see it: logins, permissions, pushes and pulls, and its API as the one truth. */
import { HOUR_MILLISECONDS } from "../../../lib/time";
import {
  ACCOUNT,
  allow,
  type Client,
  digestOf,
  type EcrLab,
  ecrApi,
  HOST,
  logIn,
  manifestOf,
  send,
  startEcrLab,
  stopEcrLab,
} from "./ecr-lab";

jest.setTimeout(120_000);

let lab: EcrLab;
let owner: Client;
beforeAll(async () => {
  lab = await startEcrLab();
  owner = await logIn(lab);
}, 180_000);
afterAll(() => lab && stopEcrLab(lab));

const PUSH = [
  ...["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
  "ecr:PutImage",
];
const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const make = (repositoryName: string, more: object = {}) =>
  ecrApi(lab, "CreateRepository", { repositoryName, ...more });

describe("a login", () => {
  test.each<[string, string | undefined]>([
    ["none", undefined],
    ["a password that nobody was given", `Basic ${Buffer.from("AWS:guess").toString("base64")}`],
    ["what every object of JavaScript knows", `Basic ${Buffer.from("AWS:constructor").toString("base64")}`],
    ["what is no Basic login", "Bearer x"],
    ["an empty one", "Basic "],
  ])("%s: 401, and where to log in", async (_, authorization) => {
    const answer = await send(lab, "GET", "/v2/", { headers: authorization ? { authorization } : {} });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe(`Basic realm="https://${HOST}/",service="ecr.amazonaws.com"`);
  });

  test("another user than AWS, and another region's token, are refused", async () => {
    const password = Buffer.from(owner.authorization.slice(6), "base64").toString().slice(4);
    const authorization = `Basic ${Buffer.from(`aws:${password}`).toString("base64")}`;
    expect((await send(lab, "GET", "/v2/", { headers: { authorization } })).status).toBe(401);
    expect((await owner.send("GET", "/v2/", { host: HOST.replace("eu-west-1", "us-east-1") })).status).toBe(401);
    expect((await owner.send("GET", "/v2/")).status).toBe(200);
  });

  test("ends after 12 hours of the lab's clock", async () => {
    const client = await logIn(lab);
    const from = lab.clock.now().getTime();
    lab.clock.advanceTo(new Date(from + 11.9 * HOUR_MILLISECONDS));
    expect((await client.send("GET", "/v2/")).status).toBe(200);
    lab.clock.advanceTo(new Date(from + 12 * HOUR_MILLISECONDS));
    expect((await client.send("GET", "/v2/")).status).toBe(401);
    owner = await logIn(lab);
  });

  test("another account's registry is not ours", async () => {
    const answer = await owner.send("GET", "/v2/x/manifests/1", { host: HOST.replace(ACCOUNT, "210987654321") });
    expect([answer.status, answer.error?.code]).toEqual([403, "DENIED"]);
  });
});

describe("a push", () => {
  test("is an image that API and clients know alike", async () => {
    await make("app");
    const digest = await owner.pushImage("app", "1", "hello");
    const { images } = await ecrApi<{ images: { imageManifest: string }[] }>(lab, "BatchGetImage", {
      repositoryName: "app",
      imageIds: [{ imageTag: "1" }],
    });
    const pulled = await owner.send("GET", "/v2/app/manifests/1");
    expect(pulled.body).toBe(images[0]?.imageManifest);
    expect(digestOf(pulled.body)).toBe(digest);
    expect(pulled.headers["docker-content-digest"]).toBe(digest);
    expect((await owner.send("GET", `/v2/app/manifests/${digest}`)).body).toBe(pulled.body);
    expect((await owner.pullLayer("app", digestOf("hello"))).body).toBe("hello");
    expect(JSON.parse((await owner.send("GET", "/v2/app/tags/list")).body)).toEqual({ name: "app", tags: ["1"] });
    const { imageDetails } = await ecrApi<{ imageDetails: object[] }>(lab, "DescribeImages", { repositoryName: "app" });
    expect(imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ["1"] }]);
  });

  test("HEAD shows manifests and layers without a body", async () => {
    await make("head");
    const digest = await owner.pushImage("head", "1", "seen");
    const manifest = await owner.send("HEAD", "/v2/head/manifests/1");
    expect([manifest.status, manifest.headers["docker-content-digest"], manifest.body]).toEqual([200, digest, ""]);
    const layer = await owner.send("HEAD", `/v2/head/blobs/${digestOf("seen")}`);
    expect([layer.status, layer.headers["content-length"]]).toEqual([200, "4"]);
    expect((await owner.send("HEAD", `/v2/head/blobs/${digestOf("other")}`)).status).toBe(404);
    expect((await owner.send("HEAD", "/v2/head/manifests/2")).status).toBe(404);
  });

  test("to a repository that does not exist is refused by its name", async () => {
    const answer = await owner.send("POST", "/v2/nowhere/blobs/uploads/");
    expect([answer.status, answer.error]).toEqual([
      404,
      {
        code: "NAME_UNKNOWN",
        message: `The repository with name 'nowhere' does not exist in the registry with id '${ACCOUNT}'`,
      },
    ]);
    const manifest = { body: manifestOf({ digest: digestOf("c"), size: 1 }, []) };
    const put = await owner.send("PUT", "/v2/nowhere/manifests/1", manifest);
    expect([put.status, put.error?.code]).toEqual([404, "NAME_UNKNOWN"]);
  });

  test("of a layer that is not what its digest says is refused, and the layer is not there", async () => {
    await make("lies");
    const begun = await owner.send("POST", "/v2/lies/blobs/uploads/");
    const wrong = digestOf("what was promised");
    const put = await owner.send("PUT", `${begun.headers.location}&digest=${wrong}`, { body: "something else" });
    expect(put.status).toBe(400);
    expect((await owner.send("HEAD", `/v2/lies/blobs/${wrong}`)).status).toBe(404);
  });

  test("of a manifest whose layers or images are missing is refused, and no image is made", async () => {
    await make("partial");
    const config = await owner.pushLayer("partial", "config");
    const missing = manifestOf({ digest: config, size: 6 }, [digestOf("never pushed")]);
    const answer = await owner.send("PUT", "/v2/partial/manifests/1", { body: missing });
    expect([answer.status, answer.error?.code]).toEqual([400, "MANIFEST_BLOB_UNKNOWN"]);
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ digest: digestOf("gone"), size: 1 }] });
    expect((await owner.send("PUT", "/v2/partial/manifests/1", { body: index })).error?.code).toBe(
      "MANIFEST_BLOB_UNKNOWN",
    );
    const broken = JSON.stringify({ schemaVersion: 2, mediaType, manifests: "none" });
    const huge = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      manifests: [],
      annotations: { a: "x".repeat(1 << 22) },
    });
    for (const body of ["{", "null", broken, huge])
      expect((await owner.send("PUT", "/v2/partial/manifests/1", { body })).error?.code).toBe("MANIFEST_INVALID");
    const wrong = `/v2/partial/manifests/${digestOf("other")}`;
    const whole = manifestOf({ digest: config, size: 6 }, []);
    expect((await owner.send("PUT", wrong, { body: whole })).error?.code).toBe("DIGEST_INVALID");
    await expect(ecrApi(lab, "ListImages", { repositoryName: "partial" })).resolves.toEqual({ imageIds: [] });
  });

  test("of a tag that is there moves it: the former image stays, untagged; the same again changes nothing", async () => {
    await make("moving");
    const first = await owner.pushImage("moving", "1", "first");
    const second = await owner.pushImage("moving", "1", "second");
    expect(await owner.pushImage("moving", "1", "second")).toBe(second);
    expect((await owner.send("HEAD", "/v2/moving/manifests/1")).headers["docker-content-digest"]).toBe(second);
    expect((await owner.send("HEAD", `/v2/moving/manifests/${first}`)).status).toBe(200);
    const { imageIds } = await ecrApi<{ imageIds: object[] }>(lab, "ListImages", { repositoryName: "moving" });
    expect(imageIds).toHaveLength(2);
    expect(imageIds).toEqual(expect.arrayContaining([{ imageDigest: first }, { imageDigest: second, imageTag: "1" }]));
  });

  test("of a tag that is immutable is refused, of the same image, too", async () => {
    await make("fixed", { imageTagMutability: "IMMUTABLE" });
    const first = await owner.pushImage("fixed", "1", "first");
    for (const content of ["first", "second"])
      await expect(owner.pushImage("fixed", "1", content)).rejects.toThrow(/400.*TAG_INVALID.*immutable/);
    expect((await owner.send("HEAD", "/v2/fixed/manifests/1")).headers["docker-content-digest"]).toBe(first);
  });
});

describe("PutImage by the API", () => {
  const put = (repositoryName: string, imageManifest: string) =>
    ecrApi(lab, "PutImage", { repositoryName, imageManifest, imageTag: "copied" });

  test("tags what is there, and refuses what the repository does not hold", async () => {
    await make("api");
    await make("api-other");
    const digest = await owner.pushImage("api", "1", "of the api");
    const { body } = await owner.send("GET", "/v2/api/manifests/1");
    await put("api", body);
    expect((await owner.send("HEAD", "/v2/api/manifests/copied")).headers["docker-content-digest"]).toBe(digest);
    await expect(put("api-other", body)).rejects.toMatchObject({ code: "LayersNotFoundException" });
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ digest, size: body.length }] });
    await expect(put("api-other", index)).rejects.toMatchObject({ code: "ReferencedImagesNotFoundException" });
    await expect(put("nowhere", body)).rejects.toMatchObject({ code: "RepositoryNotFoundException" });
  });
});

describe("what is deleted", () => {
  test("is gone, by API, by tag, by digest, and its layers with it; what others use stays", async () => {
    await make("deleting");
    const one = await owner.pushImage("deleting", "1", "only in one");
    await owner.pushImage("deleting", "2", "in two");
    const imageIds = [{ imageDigest: one }];
    await ecrApi(lab, "BatchDeleteImage", { repositoryName: "deleting", imageIds });
    expect((await owner.send("GET", "/v2/deleting/manifests/1")).error?.code).toBe("MANIFEST_UNKNOWN");
    expect((await owner.send("GET", `/v2/deleting/manifests/${one}`)).error?.code).toBe("MANIFEST_UNKNOWN");
    expect((await owner.send("GET", `/v2/deleting/blobs/${digestOf("only in one")}`)).error?.code).toBe("BLOB_UNKNOWN");
    expect((await owner.pullLayer("deleting", digestOf("in two"))).body).toBe("in two");
    expect(await owner.pushImage("deleting", "1", "only in one")).toBe(one);
  });

  test("a repository that is made again is empty, and so are its layers", async () => {
    await make("again");
    await owner.pushImage("again", "1", "before");
    await ecrApi(lab, "DeleteRepository", { repositoryName: "again", force: true });
    expect((await owner.send("GET", "/v2/again/manifests/1")).error?.code).toBe("NAME_UNKNOWN");
    await make("again");
    expect((await owner.send("GET", "/v2/again/manifests/1")).error?.code).toBe("MANIFEST_UNKNOWN");
    expect((await owner.send("HEAD", `/v2/again/blobs/${digestOf("before")}`)).status).toBe(404);
  });

  test("another repository does not lend its layers", async () => {
    await make("lender");
    await make("borrower");
    await owner.pushImage("lender", "1", "lent");
    const digest = digestOf("lent");
    expect((await owner.send("POST", `/v2/borrower/blobs/uploads/?mount=${digest}&from=lender`)).status).toBe(202);
    expect((await owner.send("HEAD", `/v2/borrower/blobs/${digest}`)).status).toBe(404);
  });
});

describe("permissions", () => {
  test("a role that may pull one repository pulls it, and no other, and pushes to none", async () => {
    await make("mine");
    await make("other");
    await owner.pushImage("mine", "1", "mine");
    await owner.pushImage("other", "1", "other");
    const reader = await logIn(lab, "reader", [allow(PULL, "mine")]);
    expect((await reader.send("GET", "/v2/mine/manifests/1")).status).toBe(200);
    expect((await reader.pullLayer("mine", digestOf("mine"))).body).toBe("mine");
    const refused = await reader.send("GET", "/v2/other/manifests/1");
    expect([refused.status, refused.error?.code]).toEqual([403, "DENIED"]);
    expect(refused.error?.message).toMatch(
      /^User: arn:aws:sts::\d+:assumed-role\/reader\/ec2 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:\d+:repository\/other because no identity-based policy allows the ecr:BatchGetImage action$/,
    );
    expect((await reader.send("POST", "/v2/mine/blobs/uploads/")).error?.message).toContain("ecr:InitiateLayerUpload");
    expect((await reader.send("HEAD", "/v2/other/manifests/1")).status).toBe(403);
    // It may not learn whether it is there either.
    expect((await reader.send("GET", "/v2/nowhere/manifests/1")).status).toBe(403);
  });

  test.each<[string, string, string]>([
    ["ecr:BatchCheckLayerAvailability", "HEAD", "blobs/DIGEST"],
    ["ecr:InitiateLayerUpload", "POST", "blobs/uploads/"],
    ["ecr:PutImage", "PUT", "manifests/1"],
    ["ecr:BatchGetImage", "GET", "manifests/1"],
    ["ecr:GetDownloadUrlForLayer", "GET", "blobs/DIGEST"],
    ["ecr:ListImages", "GET", "tags/list"],
  ])("%s is what %s %s takes", async (action, method, path) => {
    const name = `only-not-${action.split(":")[1]}`;
    await make(name.toLowerCase());
    const all = [...PUSH, ...PULL, "ecr:ListImages"];
    const client = await logIn(lab, name, [allow(all.filter((one) => one !== action))]);
    const answer = await client.send(method, `/v2/${name.toLowerCase()}/${path.replace("DIGEST", digestOf("x"))}`);
    expect(answer.status).toBe(403);
    expect(lab.permissions.denied.at(-1)?.action).toBe(action);
  });

  test.each(["ecr:UploadLayerPart", "ecr:CompleteLayerUpload"])("no layer is pushed without %s", async (action) => {
    const name = `no-${action.split(":")[1]}`.toLowerCase();
    await make(name);
    const client = await logIn(lab, name, [allow(PUSH.filter((one) => one !== action))]);
    await expect(client.pushLayer(name, "content")).rejects.toThrow(/403/);
    expect(lab.permissions.denied.at(-1)?.action).toBe(action);
  });

  test("a token is good for what its role may do now, not when it was given", async () => {
    await make("later");
    const client = await logIn(lab, "later", [allow(PULL)]);
    expect((await client.send("GET", "/v2/later/manifests/1")).error?.code).toBe("MANIFEST_UNKNOWN");
    await lab.aws.aws.call(
      { service: "iam", action: "DeleteRolePolicy", region: "us-east-1" },
      { RoleName: "later", PolicyName: "own" },
    );
    expect((await client.send("GET", "/v2/later/manifests/1")).error?.code).toBe("DENIED");
  });
});

describe("a layer's link", () => {
  test("is for those without a login, for an hour", async () => {
    await make("linked");
    await owner.pushImage("linked", "1", "linked");
    const link = await owner.send("GET", `/v2/linked/blobs/${digestOf("linked")}`);
    const { host, pathname, search } = new URL(String(link.headers.location));
    expect(host).toBe("prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com");
    const part = await send(lab, "GET", pathname + search, { host, headers: { range: "bytes=2-" } });
    expect([part.status, part.body]).toEqual([206, "nked"]);
    expect((await owner.send("GET", pathname + search, { host })).status).toBe(400);
    expect((await send(lab, "GET", `${pathname}?X-Amz-Signature=0`, { host })).status).toBe(403);
    lab.clock.advanceTo(new Date(lab.clock.now().getTime() + HOUR_MILLISECONDS));
    expect((await send(lab, "GET", pathname + search, { host })).status).toBe(403);
    owner = await logIn(lab);
  });
});

describe("faults in front of ECR", () => {
  afterEach(() => {
    lab.ecr.faults = () => undefined;
  });

  test("answers of its own, and an end in the middle of a layer", async () => {
    await make("faulty");
    await owner.pushImage("faulty", "1", "0123456789");
    for (const status of [429, 500]) {
      lab.ecr.faults = ({ path }) => (path.includes("/manifests/") ? { kind: "status", status } : undefined);
      expect((await owner.send("GET", "/v2/faulty/manifests/1")).status).toBe(status);
    }
    lab.ecr.faults = ({ host }) => (host.startsWith("prod-") ? { kind: "truncate", afterBytes: 4 } : undefined);
    await expect(owner.pullLayer("faulty", digestOf("0123456789"))).rejects.toThrow();
    lab.ecr.faults = () => ({ kind: "hang-up" });
    await expect(owner.send("GET", "/v2/")).rejects.toThrow();
    lab.ecr.faults = () => ({ kind: "stall" });
    const patience = new Promise((resolve) => setTimeout(resolve, 300, "no answer"));
    await expect(Promise.race([owner.send("GET", "/v2/").then(() => "answer"), patience])).resolves.toBe("no answer");
  });
});

test("nothing is deleted by the registry's own API, and other paths are not there", async () => {
  await make("kept");
  const digest = await owner.pushImage("kept", "1", "kept");
  expect((await owner.send("DELETE", `/v2/kept/manifests/${digest}`)).status).toBe(405);
  expect((await owner.send("GET", "/v2/_catalog")).status).toBe(404);
  expect((await owner.send("GET", "/v2/kept/manifests/1")).status).toBe(200);
});
