/** The trial pull of `pull-through validate` against ECR's registry, in the name of roles. What the command does with it: commands.slow.test.ts. */
import { ecrOf } from "../../../cli/pull-through/ecr";
import type { AskRegistry } from "../../../cli/pull-through/registry-http";
import { tryPull } from "../../../cli/pull-through/trial-pull";
import { allow, type EcrLab, ecrApi, HOST, logIn, REGION, send, startEcrLab, stopEcrLab } from "../ecr/ecr-lab";
import { writeSmallImage } from "../registry/small-image";

jest.setTimeout(180_000);

const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const IMPORT = [...PULL, "ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:TagResource"];

let lab: EcrLab;
const former = { ...process.env };
beforeAll(async () => {
  lab = await startEcrLab();
  for (const [name, value] of Object.entries(lab.aws.env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await ecrApi(lab, "CreatePullThroughCacheRule", { ecrRepositoryPrefix: "quay", upstreamRegistryUrl: "quay.io" });
  for (const [name, multiPlatform] of [
    ["acme/one", false],
    ["acme/many", true],
  ] as const) {
    await writeSmallImage(lab.registry.storage, { name, seed: "one", payloadBytes: 1 << 16, multiPlatform });
    const importer = await logIn(lab, `importer-${name.replace("/", "-")}`, [allow(IMPORT)]);
    expect((await importer.send("GET", `/v2/quay/${name}/manifests/1`)).status).toBe(200);
  }
  lab.upstreamSeen.length = 0;
  lab.events.length = 0;
});
afterAll(async () => {
  process.env = former;
  await (lab && stopEcrLab(lab));
});

/** The trial of a role that may do what the actions say, with what it asked for. */
async function trial(role: string, actions: readonly string[], repository: string) {
  const { authorization } = await logIn(lab, role, actions.length > 0 ? [allow([...actions])] : []);
  const asked: string[] = [];
  const ask: AskRegistry = async (url, login) => {
    const { host, pathname } = new URL(url);
    asked.push(pathname.replace(/sha256:.*/, "DIGEST"));
    const { status, body } = await send(lab, "GET", pathname, { host, headers: { authorization: login } });
    return { status, body };
  };
  const below = (await ecrOf(REGION).listRepositories()).filter(({ name }) => name === repository);
  const login = { registryUrl: `https://${HOST}`, authorization };
  return { asked, ...(await tryPull(ecrOf(REGION), below, login, ask)) };
}

test.each(["quay/acme/one", "quay/acme/many"])("who may pull, pulls %s, layers too", async (repository) => {
  const { what, failure, asked } = await trial(`may-${repository.replaceAll("/", "-")}`, PULL, repository);
  expect([failure, asked]).toEqual([null, [`/v2/${repository}/manifests/DIGEST`, `/v2/${repository}/blobs/DIGEST`]]);
  expect(what).toMatch(`pulled ${repository}@sha256:`);
});

test.each<[string, string[], RegExp]>([
  ["nothing", [], /^403 DENIED: .*ecr:BatchGetImage/],
  ["manifests alone", ["ecr:BatchGetImage"], /^403 DENIED: .*ecr:GetDownloadUrlForLayer/],
])("who may read %s is told which right is missing", async (name, actions, words) => {
  const { failure } = await trial(`reads-${name.replace(" ", "-")}`, actions, "quay/acme/one");
  expect(failure).toMatch(words);
});

test("a login that is none is refused", async () => {
  const below = await ecrOf(REGION).listRepositories();
  const ask: AskRegistry = (url, authorization) =>
    send(lab, "GET", new URL(url).pathname, { headers: { authorization } });
  const { failure } = await tryPull(
    ecrOf(REGION),
    below,
    { registryUrl: `https://${HOST}`, authorization: "Basic x" },
    ask,
  );
  expect(failure).toBe("401 Not Authorized");
});

test("a registry that does not answer is told, with the cause", async () => {
  const below = await ecrOf(REGION).listRepositories();
  const ask: AskRegistry = () => Promise.reject(new Error("fetch failed", { cause: new Error("connect ETIMEDOUT") }));
  const { failure } = await tryPull(ecrOf(REGION), below, { registryUrl: `https://${HOST}`, authorization: "" }, ask);
  expect(failure).toBe("the registry does not answer: fetch failed: connect ETIMEDOUT");
});

test("none of it, nor a prefix below which nothing is cached, reached an upstream registry or raised an event", async () => {
  const { what, failure, asked } = await trial("may-nothing", PULL, "quay/none");
  expect([what, failure, asked]).toEqual(["no pull was tried: nothing is cached below it yet", null, []]);
  expect([lab.upstreamSeen, lab.events]).toEqual([[], []]);
});
