/** Every command of pull-through against the emulated AWS: what it prints, what it changes, and what becomes of it when something fails. */
import { AwsError } from "../../../lab/aws/aws-error";
import { TAG } from "../../../lib/contract";
import { HERE, openWorld, SECTION, THERE, type World } from "./world";

jest.setTimeout(600_000);

const ACCOUNT = "123456789012";
const HOST = `${ACCOUNT}.dkr.ecr.${HERE}.amazonaws.com`;
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const REGIONS = { [HERE]: {}, [THERE]: {} };
const ONE = { regions: { [HERE]: {} }, pull_through: SECTION };
const BOTH = { regions: REGIONS, pull_through: SECTION };

let world: World;
beforeAll(async () => {
  world = await openWorld();
  world.configure(ONE);
});
afterAll(() => world?.stop());

/** Lets calls fail while something runs. */
async function failing<Result>(
  fails: (call: {
    region: string;
    service: string;
    action: string;
    input: Record<string, unknown>;
  }) => Error | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  const stop = world.aws.hooks.on("Request", (call) => {
    const error = fails(call as Parameters<typeof fails>[0]);
    if (error) throw error;
  });
  try {
    return await run();
  } finally {
    stop();
  }
}

describe("url and env", () => {
  test("the issue's example: both cached references; AWS says which account it is", async () => {
    const argv = ["pull-through", "url", "debian:bookworm-slim", `ghcr.io/acme/x@${DIGEST}`];
    const github = { upstream: "ghcr.io", secret_name: "ecr-pullthroughcache/github" };
    world.configure({ ...ONE, pull_through: { rules: { ...SECTION.rules, github } } });
    const { status, stdout, stderr, changes } = await world.cli(...argv);
    expect([status, changes, stdout]).toEqual([
      0,
      [],
      `${HOST}/docker-hub/library/debian:bookworm-slim\n${HOST}/github/acme/x@${DIGEST}\n`,
    ]);
    expect(stderr).toContain(`ghcr.io/acme/x@${DIGEST}: ECR serves a digest only once a tag has brought it`);
    world.configure(ONE);
    const without = await world.cli(...argv);
    expect([without.status, without.stdout]).toEqual([
      0,
      `${HOST}/docker-hub/library/debian:bookworm-slim\nghcr.io/acme/x@${DIGEST}\n`,
    ]);
    expect(without.stderr).toContain(`ghcr.io/acme/x@${DIGEST}: no rule serves ghcr.io/acme/x`);
  });

  test("with --account-id nothing is asked; --json is one document", async () => {
    const asked: string[] = [];
    const { stdout, stderr } = await failing(
      ({ action }) => void asked.push(action),
      () => world.cli("pull-through", "url", "debian", "--account-id", "210987654321", "--json"),
    );
    expect([asked, stderr]).toEqual([[], ""]);
    const registry = `210987654321.dkr.ecr.${HERE}.amazonaws.com`;
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      command: "pull-through url",
      region: HERE,
      registry,
      references: [{ reference: "debian", pull: `${registry}/docker-hub/library/debian:latest`, note: null }],
    });
  });

  test("env prints three lines, or a document", async () => {
    const lines = await world.cli("pull-through", "env");
    expect([lines.status, lines.stdout]).toEqual([
      0,
      `ECR_REGISTRY_URL=${HOST}/docker-hub\nECR_ACCOUNT_ID=${ACCOUNT}\nECR_REGION=${HERE}\n`,
    ]);
    const { stdout } = await world.cli("pull-through", "env", "--rule", "ecr-public", "--json");
    expect(JSON.parse(stdout).environment.ECR_REGISTRY_URL).toBe(`${HOST}/ecr-public`);
  });

  test.each<[string, object | null, string[], RegExp]>([
    [
      "no section",
      { regions: REGIONS, caches: { ci: { images: ["debian"], architectures: { x86_64: {} } } } },
      ["url", "debian"],
      /no section pull_through: write "pull_through: {}"/,
    ],
    ["no file", null, ["list"], /no such file/],
    ["a region without it", ONE, ["list", "--region", THERE], /us-east-1 has no pull_through; it is in eu-west-1/],
    ["two regions, none named", BOTH, ["env"], /say which: --region, of eu-west-1, us-east-1/],
    ["an unknown rule", ONE, ["env", "--rule", "hub"], /there is no rule hub; the rules are docker-hub, ecr-public/],
    ["a text that is no reference", ONE, ["url", "Debian"], /"Debian": the repository .* must be lower case/],
    ["no account", ONE, ["url", "debian", "--account-id", "12"], /expected the 12 digits/],
    ["another confirmation", ONE, ["purge", "--confirm", "ci"], /--confirm names ci, expected .*: pull-through/],
  ])("%s is a mistake: exit 2, nothing on stdout, nothing done", async (_, configuration, argv, message) => {
    world.configure(configuration);
    const { status, stdout, stderr, changes } = await world.cli("pull-through", ...argv);
    world.configure(ONE);
    expect(stderr).toMatch(message);
    expect([status, stdout, changes]).toEqual([2, "", []]);
  });
});

describe("before anything is deployed", () => {
  test("list is empty, validate says what to deploy", async () => {
    const list = await world.cli("pull-through", "list");
    expect([list.status, list.stdout]).toEqual([0, `${HERE}: 0 repositories, 0 images, 0 MB\n`]);
    const { status, stdout, changes } = await world.cli("pull-through", "validate");
    expect([status, changes]).toEqual([1, []]);
    expect(stdout).toBe(
      ["docker-hub (docker.io)", "ecr-public (public.ecr.aws)"]
        .map(
          (rule) =>
            `${HERE} ${rule}: not in order\n  fault: ECR has no such rule\n    fix: cdktf deploy docker-cache-pull-through-${HERE}\n`,
        )
        .join(""),
    );
  });
});

describe("deployed", () => {
  beforeAll(async () => {
    await world.deploy(HERE, "docker-hub", "registry-1.docker.io");
    await world.deploy(HERE, "ecr-public", "public.ecr.aws");
  });

  test("validate: all in order, and no pull was tried where nothing is cached", async () => {
    const { status, stdout, changes } = await world.cli("pull-through", "validate");
    expect([status, changes]).toEqual([0, []]);
    expect(stdout).toMatch(
      /^eu-west-1 docker-hub \(docker\.io\): in order\n {2}note: no pull was tried: nothing is cached/,
    );
    expect(stdout).toContain("eu-west-1 ecr-public (public.ecr.aws): in order\n");
  });

  test("list: images, bytes, last push and days left; what is not ours is marked, what is not below is not there", async () => {
    await world.pull(HERE, "docker-hub/library/debian", "docker-hub", 2);
    await world.pull(HERE, "docker-hub/library/empty", "docker-hub", 0);
    await world.repository(HERE, "docker-hub/mine");
    await world.repository(HERE, "docker-hub-2/app");
    const { status, stdout, changes } = await world.cli("pull-through", "list");
    expect([status, changes]).toEqual([0, []]);
    const today = new Date().toISOString().slice(0, 10);
    expect(stdout).toBe(
      [
        `${HERE} docker-hub/library/debian: 3 images, 2 MB, last push ${today}, 30 days left`,
        `${HERE} docker-hub/library/empty: 0 images, 0 MB, nothing pushed`,
        `${HERE} docker-hub/mine: 0 images, 0 MB, nothing pushed, without our tags`,
        `${HERE}: 3 repositories, 3 images, 2 MB\n`,
      ].join("\n"),
    );
    world.configure({ ...ONE, pull_through: { ...SECTION, expire_after_days: null } });
    const document = JSON.parse((await world.cli("pull-through", "list", "--json")).stdout);
    world.configure(ONE);
    expect(document.regions[0].totals).toEqual({ repositories: 3, images: 3, bytes: 2_000_000 });
    expect(document.regions[0].repositories[0]).toMatchObject({ ours: true, daysLeft: null });
  });

  test("more than one page, throttled calls, and a repository that is gone meanwhile: list has the others", async () => {
    for (let number = 0; number < 105; number++)
      await world.repository(HERE, `docker-hub/many/${String(number).padStart(3, "0")}`);
    let throttled = 0;
    const { status, stdout } = await failing(
      ({ action, input }) => {
        if (action === "DescribeImages" && String(input.repositoryName).endsWith("/007"))
          return new AwsError("RepositoryNotFoundException", "gone");
        if (action === "ListTagsForResource" && throttled++ < 2)
          return new AwsError("ThrottlingException", "Rate exceeded");
        return undefined;
      },
      () => world.cli("pull-through", "list"),
    );
    expect([status, throttled > 2]).toEqual([0, true]);
    expect(stdout).toContain(`${HERE}: 107 repositories, 3 images`);
    for (let number = 0; number < 105; number++)
      await world.ecr(HERE, "DeleteRepository", {
        repositoryName: `docker-hub/many/${String(number).padStart(3, "0")}`,
      });
  });

  test("a region that cannot be read keeps the others from nothing; if none can, it is an error", async () => {
    const denied = (region: string | null) =>
      failing(
        (call) =>
          call.service === "ecr" && call.region === (region ?? call.region)
            ? new AwsError("AccessDeniedException", "not authorized")
            : undefined,
        () => world.cli("pull-through", "list"),
      );
    world.configure(BOTH);
    const one = await denied(THERE);
    const none = await denied(null);
    world.configure(ONE);
    expect([one.status, one.stdout]).toEqual([1, expect.stringContaining(`${HERE}: 3 repositories`)]);
    expect(one.stdout).toMatch(/^us-east-1: not authorized$/m);
    expect([none.status, none.stdout]).toEqual([1, ""]);
    expect(none.stderr).toContain("docker-cache pull-through list: not authorized (AccessDeniedException)");
  });

  /** Plays the registry as one that lets everybody pull an index. The function that comes back ends that. */
  const playRegistry = () =>
    world.aws.serveHost(new RegExp(`^${HOST.replaceAll(".", "[.]")}$`), (_, response) => void response.end("{}"));

  describe("validate names each fault with its fix, and exits 1", () => {
    let endRegistry: () => void;
    beforeAll(() => {
      endRegistry = playRegistry();
    });
    afterAll(() => endRegistry());
    const change = (action: string, input: object) => world.ecr(HERE, action, input);
    const of = async () => {
      const { status, stdout } = await world.cli("pull-through", "validate");
      return { status, stdout };
    };
    const secret = (action: string, input: object) =>
      world.aws.aws.call({ service: "secretsmanager", action, region: HERE }, input);
    const SecretId = "ecr-pullthroughcache/docker-hub";

    test("a secret without a login", async () => {
      await secret("PutSecretValue", { SecretId, SecretString: "{}" });
      const { status, stdout } = await of();
      expect(status).toBe(1);
      expect(stdout).toMatch(
        /docker-hub \(docker\.io\): not in order\n {2}fault: ECR cannot use it: The secret .* holds no JSON/,
      );
      expect(stdout).toContain(
        `fix: if the secret is gone: aws secretsmanager create-secret --region ${HERE} --name ${SecretId}; write a valid`,
      );
      await secret("PutSecretValue", { SecretId, SecretString: '{"username":"a","accessToken":"b"}' });
      expect((await of()).status).toBe(0);
    });

    test("another secret, by its exact name", async () => {
      const Name = "ecr-pullthroughcache/docker-hub-old";
      const { ARN: credentialArn } = (await secret("CreateSecret", {
        Name,
        SecretString: '{"username":"a","accessToken":"b"}',
      })) as { ARN: string };
      const rule = world.aws.regions[HERE]!.pullThroughRules["docker-hub"]!;
      const former = rule.credentialArn!;
      await change("UpdatePullThroughCacheRule", { ecrRepositoryPrefix: "docker-hub", credentialArn });
      const { status, stdout } = await of();
      expect(status).toBe(1);
      expect(stdout).toContain(`fault: its secret is ${Name}, and the configuration says ${SecretId}`);
      await change("UpdatePullThroughCacheRule", { ecrRepositoryPrefix: "docker-hub", credentialArn: former });
    });

    test("a template that is gone, for something else, or immutable", async () => {
      const prefix = "docker-hub";
      const appliedFor = ["PULL_THROUGH_CACHE"];
      await change("DeleteRepositoryCreationTemplate", { prefix });
      expect((await of()).stdout).toContain("fault: ECR has no creation template for it");
      await change("CreateRepositoryCreationTemplate", {
        prefix,
        appliedFor: ["REPLICATION"],
        imageTagMutability: "IMMUTABLE",
      });
      const { status, stdout } = await of();
      expect(status).toBe(1);
      expect(stdout).toContain("fault: its template is for REPLICATION, and not for PULL_THROUGH_CACHE");
      expect(stdout).toContain("fault: its template makes tags IMMUTABLE: ECR never refreshes what is immutable");
      await change("UpdateRepositoryCreationTemplate", { prefix, appliedFor, imageTagMutability: "MUTABLE" });
      expect((await of()).status).toBe(0);
    });

    test("a login that is refused is told once, and a region that cannot be read as its fault", async () => {
      const denied = (wanted: string) =>
        failing(
          ({ action }) => (action === wanted ? new AwsError("AccessDeniedException", "not authorized") : undefined),
          of,
        );
      const login = await denied("GetAuthorizationToken");
      expect([login.status, login.stdout.match(/cannot log in to the registry: not authorized/g)]).toEqual([
        1,
        [expect.anything()],
      ]);
      expect(login.stdout).toContain(`fix: attach the policy docker-cache-pull-through-puller-${HERE}`);
      const unread = await denied("DescribePullThroughCacheRules");
      expect([unread.status, unread.stdout]).toEqual([
        1,
        expect.stringMatching(/^eu-west-1:\n {2}fault: not authorized\n/),
      ]);
    });
  });

  describe("the trial pull", () => {
    /** Plays the registry: the manifest and its configuration, or what a case answers in their place. */
    async function withRegistry(answers: Readonly<Record<string, [status: number, body: string]>>) {
      const seen: string[] = [];
      const stop = world.aws.serveHost(new RegExp(`^${HOST.replaceAll(".", "[.]")}$`), (asked, response) => {
        const kind = /\/(manifests|blobs)\//.exec(asked.url ?? "")?.[1] ?? "";
        seen.push(`${asked.headers.authorization?.slice(0, 6)}${asked.method} ${asked.url}`);
        const [status, body] = answers[kind] ?? [500, ""];
        response.writeHead(status).end(body);
      });
      try {
        return { seen, ...(await world.cli("pull-through", "validate")) };
      } finally {
        stop();
      }
    }
    const config = `sha256:${"c".repeat(64)}`;
    const image = JSON.stringify({ config: { digest: config } });
    const refusal = JSON.stringify({ errors: [{ code: "DENIED", message: "User is not authorized" }] });

    test("asks by digest for what is cached, then for the way to a blob, with the caller's login", async () => {
      const { seen, status, stdout } = await withRegistry({ manifests: [200, image], blobs: [307, ""] });
      expect(status).toBe(0);
      expect(seen).toEqual([
        expect.stringMatching(/^Basic GET \/v2\/docker-hub\/library\/debian\/manifests\/sha256:[0-9a-f]{64}$/),
        `Basic GET /v2/docker-hub/library/debian/blobs/${config}`,
      ]);
      expect(stdout).toMatch(/note: pulled docker-hub\/library\/debian@sha256:/);
    });

    test.each<[string, Parameters<typeof withRegistry>[0], number, RegExp]>([
      [
        "the manifest is refused",
        { manifests: [403, refusal] },
        1,
        /fault: you cannot pull: 403 DENIED: User is not auth/,
      ],
      ["the layers are refused", { manifests: [200, image], blobs: [403, refusal] }, 1, /you cannot pull: 403 DENIED/],
      ["words that are no JSON", { manifests: [401, "Not Authorized\n"] }, 1, /you cannot pull: 401 Not Authorized\n/],
      ["an index has no configuration", { manifests: [200, '{"manifests":[]}'] }, 0, /in order/],
      ["deleted meanwhile", { manifests: [404, refusal] }, 0, /no pull was tried: .* is gone again/],
    ])("%s", async (_, answers, code, words) => {
      const { status, stdout } = await withRegistry(answers);
      expect(stdout).toMatch(words);
      expect(status).toBe(code);
    });
  });

  test("status: what is below a rule is not left over", async () => {
    const { status, stdout, stderr, changes } = await world.cli("status");
    expect([status, stdout, changes]).toEqual([0, "", []]);
    expect(stderr).toContain("the configuration has no cache, and nothing is left over");
  });
});

describe("destroyed, R22", () => {
  beforeAll(async () => {
    for (const prefix of ["docker-hub", "ecr-public"]) await world.destroy(HERE, prefix);
    await world.pull(THERE, "former/library/redis", "former", 1);
    // The tags of another noun, and of a cache: neither is ours.
    await world.repository(HERE, "docker-hub/other", { [TAG.companion]: "layer-cache", [TAG.name]: "docker-hub" });
    await world.repository(HERE, "elsewhere/app", { [TAG.companion]: "pull-through", [TAG.name]: "docker-hub" });
  });

  test("status names what is left, by region, with the command; a region that cannot be read is said to be unknown", async () => {
    const { status, stdout, changes } = await failing(
      ({ region, service }) =>
        region === "us-west-2" && service === "ecr"
          ? new AwsError("AccessDeniedException", "not authorized")
          : undefined,
      () => world.cli("status"),
    );
    expect([status, changes]).toEqual([0, []]);
    expect(stdout).toBe(
      [
        `${HERE} pull-through: left over: 2 repositories below docker-hub, without a rule; docker-cache pull-through purge --region ${HERE} --confirm=NAME`,
        `${THERE} pull-through: left over: 1 repositories below former, without a rule; docker-cache pull-through purge --region ${THERE} --confirm=NAME`,
        "us-west-2 pull-through: whether anything is left over is not known: not authorized\n",
      ].join("\n"),
    );
    const { pullThroughLeftovers } = JSON.parse((await world.cli("status", "--json")).stdout);
    expect(pullThroughLeftovers).toEqual([
      { region: HERE, repositories: 2, prefixes: ["docker-hub"], error: null },
      { region: THERE, repositories: 1, prefixes: ["former"], error: null },
    ]);
  });

  test("purge lists and does nothing unless it is confirmed; --dry-run is fine without", async () => {
    const dry = await world.cli("pull-through", "purge", "--region", HERE, "--dry-run");
    expect([dry.status, dry.changes, dry.stdout]).toEqual([
      0,
      [],
      [
        `${HERE} would delete: docker-hub/library/debian`,
        `${HERE} would delete: docker-hub/library/empty`,
        `${HERE} stays: docker-hub/mine: below our prefix, without our tags`,
        `${HERE} stays: docker-hub/other: below our prefix, without our tags\n`,
      ].join("\n"),
    ]);
    const unconfirmed = await world.cli("pull-through", "purge", "--region", HERE);
    expect([unconfirmed.status, unconfirmed.changes, unconfirmed.stdout]).toEqual([2, [], dry.stdout]);
    expect(unconfirmed.stderr).toContain("nothing was done: say --confirm=NAME");
  });

  test("what cannot be deleted is told, is asked for once, and keeps the others from nothing; said again, it goes", async () => {
    await world.pull(HERE, "docker-hub/acme/x", "docker-hub", 1);
    let asked = 0;
    const { status, stdout } = await failing(
      ({ action, input }) => {
        if (action !== "DeleteRepository") return undefined;
        if (input.repositoryName === "docker-hub/acme/x") {
          asked++;
          return new AwsError("AccessDeniedException", "not authorized");
        }
        // Somebody else is faster.
        return input.repositoryName === "docker-hub/library/empty"
          ? new AwsError("RepositoryNotFoundException", "gone")
          : undefined;
      },
      () => world.cli("pull-through", "purge", "--region", HERE, "--confirm", "pull-through"),
    );
    expect([status, asked]).toEqual([1, 1]);
    expect(stdout).toContain(`${HERE} failed: docker-hub/acme/x: not authorized\n`);
    expect(stdout).toContain(`${HERE} deleted: docker-hub/library/debian\n`);
    expect(stdout).toContain(`${HERE} gone already: docker-hub/library/empty\n`);
    expect(await world.names(HERE)).toEqual([
      "docker-hub-2/app",
      "docker-hub/acme/x",
      "docker-hub/library/empty",
      "docker-hub/mine",
      "docker-hub/other",
      "elsewhere/app",
    ]);
  });

  test("a pull in between makes its repository again, and the second look takes it; one that never ends is told", async () => {
    let again = 0;
    const pulling = (most: number) =>
      world.aws.hooks.on("Request", async ({ action, region, input }) => {
        if (action !== "DescribeRepositories" || region !== HERE || input.maxResults !== undefined || again >= most)
          return;
        again++;
        await world.pull(HERE, `docker-hub/again/${again}`, "docker-hub", 1);
      });
    const once = pulling(2);
    const { status, stdout } = await world.cli("pull-through", "purge", "--region", HERE, "--confirm", "pull-through");
    once();
    expect(status).toBe(0);
    expect(stdout).toContain("deleted: docker-hub/again/2");
    again = 100;
    const ever = pulling(1000);
    const endless = await world.cli("pull-through", "purge", "--region", HERE, "--confirm", "pull-through");
    ever();
    expect(endless.status).toBe(1);
    expect(endless.stdout).toMatch(/problem: docker-hub\/again\/\d+ is there again after 3 rounds/);
  });

  test("what was deleted is told, though the look after it fails", async () => {
    await world.pull(HERE, "docker-hub/acme/y", "docker-hub", 0);
    let looks = 0;
    const { status, stdout } = await failing(
      ({ action }) =>
        action === "DescribeRepositories" && looks++ > 0
          ? new AwsError("AccessDeniedException", "not authorized")
          : undefined,
      () => world.cli("pull-through", "purge", "--region", HERE, "--confirm", "pull-through"),
    );
    expect(status).toBe(1);
    expect(stdout).toContain(`${HERE} deleted: docker-hub/acme/y\n`);
    expect(stdout).toContain(`${HERE} problem: what is left is not known: not authorized\n`);
  });

  test("without section or file, by tags alone, in all regions: nothing of ours is left, and what is not ours stays", async () => {
    world.configure(null);
    process.env.AWS_REGION = HERE;
    const { status, stdout } = await world.cli("pull-through", "purge", "--confirm", "pull-through", "--json");
    expect(status).toBe(0);
    const found = (
      JSON.parse(stdout).regions as { region: string; repositories: { name: string; outcome: string }[] }[]
    )
      .filter(({ repositories }) => repositories.length > 0)
      .map(({ region, repositories }) => [region, ...repositories.map(({ name, outcome }) => `${name} ${outcome}`)]);
    expect(found).toContainEqual([THERE, "former/library/redis deleted"]);
    expect(await world.names(HERE)).toEqual([
      "docker-hub-2/app",
      "docker-hub/mine",
      "docker-hub/other",
      "elsewhere/app",
    ]);
    expect(await world.names(THERE)).toEqual([]);
    const again = await world.cli("pull-through", "purge", "--confirm", "pull-through");
    expect([again.status, again.changes]).toEqual([0, []]);
    expect(again.stdout).toMatch(/^nothing of pull-through in \d+ regions\n$/);
    world.configure(ONE);
    const status2 = await world.cli("status");
    expect([status2.status, status2.stdout]).toEqual([0, ""]);
  });
});
