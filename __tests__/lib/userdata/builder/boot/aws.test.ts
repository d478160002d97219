/**
 * The builder's client of AWS, apart from the network: signatures against botocore's, and each operation against answers as AWS writes them. Over the
 * network, with IAM, it runs in the lab.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import vectors from "../../../../fixtures/aws-signatures.json";

const driver = join(__dirname, "aws-driver.py");
// A version manager's stand-in takes longer to start than what it starts.
const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-aws-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Answer = readonly [status: number, text: string] | "refused" | "cut" | "slow" | "hang";
interface Told {
  readonly url?: string;
  readonly target?: string | null;
  readonly body?: unknown;
  readonly pause?: boolean;
  readonly unasked?: number;
}

/** Runs an operation against answers in turn. */
const run = (answers: readonly Answer[], ...words: string[]) => runWith({}, answers, ...words);

function runWith(more: Readonly<Record<string, string>>, answers: readonly Answer[], ...words: string[]) {
  const env = { ...process.env, ...more, REGION: "eu-west-1", DNS_SUFFIX: "amazonaws.com", DOCKER_CONFIG: folder };
  const { status, stdout, stderr } = spawnSync(python, ["-I", "-S", driver, "run", JSON.stringify(answers), ...words], {
    encoding: "utf8",
    maxBuffer: 16 << 20,
    env,
  });
  const told = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Told);
  return { status, stdout, stderr, told, requests: told.filter(({ url }) => url) };
}

const json = (value: unknown): Answer => [200, JSON.stringify(value)];
const xml = (inside: string): Answer => [
  200,
  `<?xml version="1.0"?><R xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inside}</R>`,
];
const refusal = (status: number, code: string): Answer => [
  status,
  `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>words</Message></Error></Errors></Response>`,
];
const jsonRefusal = (status: number, code: string): Answer => [
  status,
  JSON.stringify({ __type: `com.amazon#${code}`, message: "words" }),
];
const parametersOf = (told: Told | undefined) => Object.fromEntries(new URLSearchParams(String(told?.body)));
const tagSet = (tags: Record<string, string>) =>
  `<tagSet>${Object.entries(tags)
    .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
    .join("")}</tagSet>`;

test("signatures are botocore's, in every partition and of every service that is asked", () => {
  const fixture = join(__dirname, "../../../../fixtures/aws-signatures.json");
  const { stdout } = spawnSync(python, ["-I", "-S", driver, "sign", fixture], { encoding: "utf8" });
  expect(stdout.trim().split("\n")).toEqual(vectors.requests.map(({ authorization }) => authorization));
  expect(vectors.requests.length).toBeGreaterThan(5);
});

describe("a request", () => {
  test("goes to the service's host of the region and partition", () => {
    expect(run([json({ Parameter: { Value: "x" } })], "read-parameter", "/p").requests).toEqual([
      { url: "https://ssm.eu-west-1.amazonaws.com/", target: "AmazonSSM.GetParameter", body: { Name: "/p" } },
    ]);
  });

  test.each<[string, Answer]>([
    ["a status of 500", refusal(500, "InternalError")],
    ["a status of 503 from something between", [503, "<html>no"]],
    ["too many requests", [429, ""]],
    ["throttling, told by its code", refusal(400, "RequestLimitExceeded")],
    ["credentials that have just ended", refusal(400, "ExpiredToken")],
    ["a refused connection", "refused"],
    ["an answer that is cut off", "cut"],
    ["no answer in time", "slow"],
  ])("is sent again after %s, with a pause", (_, answer) => {
    const { status, stdout, told } = run([answer, answer, xml("")], "tag", "vol-1", "a=b");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(told.map(({ pause }) => pause)).toEqual([undefined, true, undefined, true, undefined]);
  });

  test.each<[string, Answer]>([
    ["a refusal", refusal(403, "UnauthorizedOperation")],
    ["a request that is wrong", refusal(400, "InvalidParameterValue")],
    ["a page of something between", [407, "<html>log in first"]],
    ["an error that is neither JSON nor XML", [400, "no"]],
    ["JSON that is no error", [400, "[]"]],
  ])("is not sent again after %s, and the reason is said", (_, answer) => {
    const { status, stdout, requests } = run([answer], "tag", "vol-1", "a=b");
    expect({ status, requests: requests.length }).toEqual({ status: 1, requests: 1 });
    expect(stdout).toMatch(/^failed: ec2:CreateTags: 4\d\d \w+: .+\n$/);
  });

  test("is given up after eight attempts", () => {
    const { status, stdout, requests } = run(Array(9).fill("refused"), "tag", "vol-1", "a=b");
    expect({ status, stdout, requests: requests.length }).toEqual({
      status: 1,
      stdout: "failed: ec2:CreateTags: refused\n",
      requests: 8,
    });
  });
});

describe("the time for all of it", () => {
  test("ends an operation, though the request would be sent again", () => {
    const { status, stdout, requests } = runWith(
      { AWS_SECONDS: "1" },
      ["hang", "hang", xml("")],
      "tag",
      "vol-1",
      "a=b",
    );
    expect({ status, stdout, requests: requests.length }).toEqual({
      status: 1,
      stdout: "failed: no end within 1 s\n",
      requests: 1,
    });
  });
});

describe("parameters", () => {
  test("a value as it is; one that is not there is nothing; anything else is a failure", () => {
    expect(run([json({ Parameter: { Value: "a\n b" } })], "read-parameter", "/p").stdout).toBe("a\n b\n");
    const none = run([jsonRefusal(400, "ParameterNotFound")], "read-parameter", "/p");
    expect(none).toMatchObject({ status: 0, stdout: "" });
    expect(run([jsonRefusal(400, "AccessDeniedException")], "read-parameter", "/p").status).toBe(1);
  });

  test("all below a path, of all pages, by name", () => {
    const page = (names: string[], NextToken?: string) =>
      json({ Parameters: names.map((Name) => ({ Name, Value: `of ${Name}` })), NextToken });
    const { stdout, requests } = run([page(["/p/b"], "t"), page(["/p/a", "/p/c"])], "read-parameters", "/p");
    expect(stdout).toBe("of /p/a\nof /p/b\nof /p/c\n");
    expect(requests.map(({ body }) => body)).toEqual([{ Path: "/p" }, { Path: "/p", NextToken: "t" }]);
  });
});

describe("the volume", () => {
  test.each<[Answer, string]>([
    [xml("<status>attaching</status>"), "attached\n"],
    [refusal(400, "VolumeInUse"), "VolumeInUse\n"],
    [refusal(400, "IncorrectState"), "IncorrectState\n"],
  ])("its attachment says by a code if it is not free: %j", (answer, expected) => {
    const { status, stdout, requests } = run([answer], "attach", "vol-1", "i-1", "/dev/sdf");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expected });
    const { Action, VolumeId, InstanceId, Device, Version } = parametersOf(requests[0]);
    expect([Action, VolumeId, InstanceId, Device, Version]).toEqual([
      "AttachVolume",
      "vol-1",
      "i-1",
      "/dev/sdf",
      "2016-11-15",
    ]);
  });

  test("another refusal whose words speak of a volume in use is a failure", () => {
    const words = [
      403,
      "<R><Errors><Error><Code>UnauthorizedOperation</Code><Message>VolumeInUse</Message></Error></Errors></R>",
    ];
    expect(run([words as unknown as Answer], "attach", "vol-1", "i-1", "/dev/sdf").status).toBe(1);
  });

  test("who has it, if anybody", () => {
    const volume = (inside: string) => xml(`<volumeSet><item>${inside}</item></volumeSet>`);
    const held = volume("<attachmentSet><item><instanceId>i-2</instanceId></item></attachmentSet>");
    expect(run([held], "read-holder", "vol-1").stdout).toBe("i-2\n");
    expect(run([volume("<attachmentSet/>")], "read-holder", "vol-1").stdout).toBe("\n");
  });

  test("the state of an instance; none of one that is forgotten", () => {
    const running = xml(
      "<reservationSet><item><instancesSet><item><instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet>",
    );
    expect(run([running], "read-state", "i-2").stdout).toBe("running\n");
    expect(run([refusal(400, "InvalidInstanceID.NotFound")], "read-state", "i-2")).toMatchObject({
      status: 0,
      stdout: "",
    });
    expect(run([refusal(403, "UnauthorizedOperation")], "read-state", "i-2").status).toBe(1);
  });

  test("its tags, whatever is in them", () => {
    const answer = xml(
      `<volumeSet><item>${tagSet({ "docker-cache:state": "ready", Name: "a b", empty: "" })}</item></volumeSet>`,
    );
    expect(run([answer], "read-volume-tags", "vol-1").stdout).toBe("docker-cache:state\tready\nName\ta b\nempty\t\n");
  });

  test("tags are written in one call; a value may hold anything", () => {
    const { requests } = run([xml("")], "tag", "vol-1", "docker-cache:state=ready", "b=1=2&é");
    expect(parametersOf(requests[0])).toMatchObject({
      "ResourceId.1": "vol-1",
      "Tag.1.Key": "docker-cache:state",
      "Tag.1.Value": "ready",
      "Tag.2.Key": "b",
      "Tag.2.Value": "1=2&é",
    });
  });
});

describe("snapshots", () => {
  const snapshot = (id: string, startTime: string, tags: Record<string, string> = {}, status = "completed") =>
    `<item><snapshotId>${id}</snapshotId><status>${status}</status><startTime>${startTime}</startTime>${tagSet(tags)}</item>`;
  const page = (items: string[], token = "") =>
    xml(`<snapshotSet>${items.join("")}</snapshotSet>${token && `<nextToken>${token}</nextToken>`}`);
  const content = (value: string, name = "ci") => ({
    "docker-cache:content": value,
    "docker-cache:name": name,
    "docker-cache:architecture": "arm64",
  });
  const READ = ["read-snapshot-content", "vol-1", "ci", "arm64"] as const;

  test("the content of the newest that a build made, of all pages: none of DLM's, none in error", () => {
    const { stdout, requests } = run(
      [
        page([snapshot("snap-1", "2026-01-02T00:00:00.000Z", content("new"))], "t"),
        page([
          snapshot("snap-2", "2026-01-01T00:00:00.000Z", content("old")),
          snapshot("snap-3", "2026-01-03T00:00:00.000Z", { ...content("dlm"), "aws:dlm:lifecycle-policy-id": "p" }),
          snapshot("snap-4", "2026-01-04T00:00:00.000Z", content("broken"), "error"),
        ]),
      ],
      ...READ,
    );
    expect(stdout).toBe("new\n");
    expect(parametersOf(requests[1])).toMatchObject({
      "Owner.1": "self",
      "Filter.1.Name": "volume-id",
      "Filter.1.Value.1": "vol-1",
      NextToken: "t",
    });
  });

  test("no snapshot, or one without a content, is no content", () => {
    expect(run([page([])], ...READ).stdout).toBe("\n");
    expect(run([page([snapshot("snap-1", "2026")])], ...READ).stdout).toBe("\n");
  });

  test.each([
    ["name", content("one", "former")],
    ["architecture", { ...content("one"), "docker-cache:architecture": "x86_64" }],
  ])("the newest of another %s is no content of this cache", (_, tags) => {
    const ours = snapshot("snap-1", "2026-01-01T00:00:00.000Z", content("one"));
    const answer = page([ours, snapshot("snap-2", "2026-01-02T00:00:00.000Z", tags)]);
    expect(run([answer], ...READ).stdout).toBe("\n");
  });

  const volume = xml(
    `<volumeSet><item>${tagSet({
      "docker-cache:state": "ready",
      "docker-cache:role": "cache-volume",
      "docker-cache:replicate": "ci/x86_64",
      "docker-cache:checked": "x",
      "docker-cache:consume": "x",
      "docker-cache:pin": "x",
      "docker-cache:delete-after": "x",
      "aws:cloudformation:stack-name": "x",
      team: "a b",
    })}</item></volumeSet>`,
  );
  const made = xml("<snapshotId>snap-9</snapshotId>");
  const create = (answers: readonly Answer[]) => run(answers, "snapshot", "vol-1", "i-1", "words");
  const tagKeys = (told: Told | undefined) =>
    Object.entries(parametersOf(told))
      .filter(([name]) => /^TagSpecification\.1\.Tag\.\d+\.Key$/.test(name))
      .map(([, key]) => key);

  test("one is made with the volume's tags, except those of the volume alone and those that steer rotation", () => {
    const { stdout, requests } = create([page([]), volume, made]);
    expect(stdout).toBe("snap-9\n");
    expect(parametersOf(requests[0])).toMatchObject({
      "Filter.2.Name": "tag:docker-cache:build-id",
      "Filter.2.Value.1": "i-1",
    });
    expect(tagKeys(requests[2])).toEqual(["docker-cache:state", "team"]);
    expect(parametersOf(requests[2])).toMatchObject({
      Action: "CreateSnapshot",
      VolumeId: "vol-1",
      Description: "words",
      "TagSpecification.1.ResourceType": "snapshot",
    });
  });

  test("one that this build has made already is found", () => {
    const { stdout, requests } = create([page([snapshot("snap-7", "2026")])]);
    expect({ stdout, requests: requests.length }).toEqual({ stdout: "snap-7\n", requests: 1 });
  });

  test("a tag that the role may not write is left out", () => {
    const { stdout, requests } = create([page([]), volume, refusal(403, "UnauthorizedOperation"), made]);
    expect(stdout).toBe("snap-9\n");
    expect(tagKeys(requests[3])).toEqual(["docker-cache:state"]);
  });

  test.each<Answer>(["cut", "slow", refusal(500, "InternalError"), refusal(400, "ConcurrentSnapshotLimitExceeded")])(
    "a request that may have made one is not sent again before it is looked for: %j",
    (answer) => {
      const { status, requests } = create([page([]), volume, answer]);
      expect({ status, requests: requests.length }).toEqual({ status: 1, requests: 3 });
    },
  );
});

describe("the log", () => {
  const log = (text: string) => {
    const path = join(folder, "log");
    writeFileSync(path, text);
    return path;
  };
  const messages = (told?: Told) =>
    ((told?.body ?? { logEvents: [] }) as { logEvents: { message: string }[] }).logEvents.map(({ message }) => message);

  test("whole lines behind those that were sent, each an event that CloudWatch takes", () => {
    const path = log(`sent\none\n\n${"x".repeat(5000)}\n\u00e9\nhalf a li`);
    const { stdout, requests } = run([json({})], "ship", "/log", "i-1", path, "1");
    expect(stdout).toBe("5\n");
    expect(messages(requests[0])).toEqual(["one", " ", "x".repeat(4000), "\u00e9"]);
    expect(requests[0]).toMatchObject({
      target: "Logs_20140328.PutLogEvents",
      body: { logGroupName: "/log", logStreamName: "i-1" },
    });
  });

  test("nothing new asks nothing", () => {
    expect(run([], "ship", "/log", "i-1", log("a\n"), "1")).toMatchObject({ status: 0, stdout: "1\n", told: [] });
  });

  test("in batches; a batch that fails is sent again next time", () => {
    const path = log("x\n".repeat(1100));
    const { status, stdout, requests } = run(
      [json({}), jsonRefusal(400, "AccessDeniedException")],
      "ship",
      "/log",
      "i-1",
      path,
      "0",
    );
    expect({ status, sent: stdout.split("\n")[0] }).toEqual({ status: 1, sent: "500" });
    expect(requests.map((one) => messages(one).length)).toEqual([500, 500]);
  });

  test("a batch is far below what CloudWatch takes, whatever bytes the lines have", () => {
    const path = log(`${"\u2603".repeat(4000)}\n`.repeat(100));
    const { stdout, requests } = run([json({}), json({}), json({})], "ship", "/log", "i-1", path, "0");
    expect(stdout).toBe("100\n");
    expect(requests.map((one) => messages(one).length)).toEqual([41, 41, 18]);
  });

  test("the stream is made if there is none; one whose request was answered twice is ours", () => {
    const path = log("a\n");
    for (const making of [json({}), jsonRefusal(400, "ResourceAlreadyExistsException")]) {
      const { stdout, requests } = run(
        [jsonRefusal(400, "ResourceNotFoundException"), making, json({})],
        "ship",
        "/log",
        "i-1",
        path,
        "0",
      );
      expect(stdout).toBe("1\n");
      expect(requests.map(({ target }) => target?.split(".")[1])).toEqual([
        "PutLogEvents",
        "CreateLogStream",
        "PutLogEvents",
      ]);
    }
    expect(
      run(
        [jsonRefusal(400, "ResourceNotFoundException"), jsonRefusal(400, "ResourceNotFoundException")],
        "ship",
        "/log",
        "i-1",
        path,
        "0",
      ).status,
    ).toBe(1);
  });

  test("a file as one event", () => {
    const path = log('{"a":\n1}\n');
    const { requests } = run([json({})], "publish", "/manifests", "abc", path);
    expect(messages(requests[0])).toEqual(['{"a":\n1}\n']);
  });
});

describe("R17: logins", () => {
  const config = () => JSON.parse(readFileSync(join(folder, "config.json"), "utf8")).auths;
  const decoded = (host: string) => Buffer.from(config()[host].auth, "base64").toString();

  test("ECR's token, of the registry's own region, beside what is there", () => {
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { other: { auth: "eA==" } }, keep: 1 }));
    const token = Buffer.from("AWS:S3CRET").toString("base64");
    const answer = json({ authorizationData: [{ authorizationToken: token }] });
    const { stdout, stderr, requests } = run([answer], "login-ecr", "1.dkr.ecr.us-east-1.amazonaws.com", "us-east-1");
    expect(requests[0]?.url).toBe("https://api.ecr.us-east-1.amazonaws.com/");
    expect(decoded("1.dkr.ecr.us-east-1.amazonaws.com")).toBe("AWS:S3CRET");
    expect(config().other).toEqual({ auth: "eA==" });
    expect(stdout + stderr).not.toMatch(/S3CRET/);
    expect(statSync(join(folder, "config.json")).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["docker.io", { username: "me", accessToken: "S3CRET" }, "https://index.docker.io/v1/", "me:S3CRET"],
    ["ghcr.io", { username: "u", password: "S3CRET:2" }, "ghcr.io", "u:S3CRET:2"],
    ["ghcr.io", { accessToken: "S3CRET" }, "ghcr.io", "token:S3CRET"],
  ])("a secret of %s: %j", (host, secret, key, login) => {
    const { stdout, stderr, requests } = run(
      [json({ SecretString: JSON.stringify(secret) })],
      "login-secret",
      host,
      "ci/s",
    );
    expect(requests[0]?.body).toEqual({ SecretId: "ci/s" });
    expect(decoded(key)).toBe(login);
    expect(stdout + stderr).not.toMatch(/S3CRET/);
  });

  test.each(["just-the-S3CRET", '{"username": "S3CRET"}', '["S3CRET"]', ""])(
    "a secret that is no login is refused, and not shown: %j",
    (text) => {
      const { status, stdout, stderr } = run([json({ SecretString: text })], "login-secret", "ghcr.io", "ci/s");
      expect(status).toBe(1);
      expect(stdout).toBe("failed: the secret for ghcr.io must be JSON with username and password, or accessToken\n");
      expect(stdout + stderr).not.toMatch(/S3CRET/);
    },
  );
});
