import { answerMetadata, type MachineMetadata, type TokenStore } from "../../../lab/machine/metadata";

const metadata: MachineMetadata = {
  instanceId: "i-0123456789abcdef0",
  imageId: "ami-1",
  instanceType: "t3.micro",
  architecture: "x86_64",
  accountId: "123456789012",
  region: "eu-west-1",
  availabilityZone: "eu-west-1a",
  localIpv4: "10.0.0.16",
  mac: "0a:00:0a:00:00:10",
  hostname: "ip-10-0-0-16.eu-west-1.compute.internal",
  blockDeviceMapping: { ami: "xvda", root: "/dev/xvda", ebs1: "sdf" },
};
const now = 1_000_000;
const ttl = "x-aws-ec2-metadata-token-ttl-seconds";

function token(tokens: TokenStore, of = metadata): string {
  return String(
    answerMetadata(of, tokens, { method: "PUT", path: "/latest/api/token", headers: { [ttl]: "60" } }, now).body,
  );
}

function get(path: string, of: MachineMetadata = metadata) {
  const tokens: TokenStore = new Map();
  const headers = { "x-aws-ec2-metadata-token": token(tokens, of) };
  return answerMetadata(of, tokens, { method: "GET", path, headers }, now);
}

describe("a session", () => {
  it.each([
    ["without a time to live", {}],
    ["with none", { [ttl]: "0" }],
    ["with one over six hours", { [ttl]: "21601" }],
    ["with a wrong one", { [ttl]: "soon" }],
  ])("is refused with 400 %s", (_, headers) => {
    expect(answerMetadata(metadata, new Map(), { method: "PUT", path: "/latest/api/token", headers }, now).status).toBe(
      400,
    );
  });

  it("is refused with 403 through a proxy", () => {
    const headers = { [ttl]: "60", "x-forwarded-for": "10.0.0.99" };
    expect(answerMetadata(metadata, new Map(), { method: "PUT", path: "/latest/api/token", headers }, now).status).toBe(
      403,
    );
  });

  it("is answered within the hop limit: 1 unless the launch says more", () => {
    const put = { method: "PUT", path: "/latest/api/token", headers: { [ttl]: "60" } };
    expect(answerMetadata(metadata, new Map(), put, now).hopLimit).toBe(1);
    expect(answerMetadata({ ...metadata, hopLimit: 2 }, new Map(), put, now).hopLimit).toBe(2);
  });

  it("ends", () => {
    const tokens: TokenStore = new Map();
    const headers = { "x-aws-ec2-metadata-token": token(tokens) };
    const ask = (time: number) =>
      answerMetadata(metadata, tokens, { method: "GET", path: "/latest/meta-data/ami-id", headers }, time).status;
    expect([ask(now + 59_999), ask(now + 60_000)]).toEqual([200, 401]);
  });
});

describe("without a token", () => {
  const request = { method: "GET", path: "/latest/meta-data/ami-id", headers: {} };

  it("is refused with 401", () => {
    expect(answerMetadata(metadata, new Map(), request, now).status).toBe(401);
  });

  it("is answered where the launch made tokens optional", () => {
    expect(answerMetadata({ ...metadata, httpTokens: "optional" }, new Map(), request, now)).toMatchObject({
      status: 200,
      body: "ami-1",
    });
  });

  it("a wrong token is refused even there", () => {
    const wrong = { ...request, headers: { "x-aws-ec2-metadata-token": "made-up" } };
    expect(answerMetadata({ ...metadata, httpTokens: "optional" }, new Map(), wrong, now).status).toBe(401);
  });
});

describe("the tree", () => {
  it.each([
    ["/latest/meta-data/instance-id", "i-0123456789abcdef0"],
    ["/2021-03-23/meta-data/instance-id", "i-0123456789abcdef0"],
    ["/latest/meta-data/placement/availability-zone", "eu-west-1a"],
    ["/latest/meta-data/placement/region", "eu-west-1"],
    ["/latest/meta-data/placement/", "availability-zone\nregion"],
    ["/latest/meta-data/services/domain", "amazonaws.com"],
    ["/latest/meta-data/services/partition", "aws"],
    ["/latest/meta-data/block-device-mapping/", "ami\nebs1\nroot"],
    ["/latest/meta-data/block-device-mapping/ebs1", "sdf"],
    ["/latest/", "dynamic/\nmeta-data/"],
  ])("answers %s", (path, body) => {
    expect(get(path)).toMatchObject({ status: 200, body });
  });

  it.each([
    "/latest/meta-data/nothing",
    "/latest/user-data",
    "/latest/meta-data/iam/info",
    "/latest/meta-data/tags/instance/",
    "/other",
  ])("answers 404 to %s where there is none", (path) => {
    expect(get(path).status).toBe(404);
  });

  it("shows tags as they are now", () => {
    const changing: MachineMetadata = { ...metadata, tags: { "docker-cache:role": "worker" } };
    expect(get("/latest/meta-data/tags/instance/", changing).body).toBe("docker-cache:role");
    changing.tags = { "docker-cache:role": "builder" };
    expect(get("/latest/meta-data/tags/instance/docker-cache:role", changing).body).toBe("builder");
  });

  it("gives user data byte by byte", () => {
    const userData = Buffer.from([0x1f, 0x8b, 0, 255]);
    expect(get("/latest/user-data", { ...metadata, userData }).body).toEqual(userData);
  });

  it("gives the role's credentials as they are now", () => {
    const credentials = jest.fn(() => ({
      accessKeyId: "ASIA1",
      secretAccessKey: "s",
      token: "t",
      expiration: "2026-01-01T06:00:00Z",
    }));
    const withRole: MachineMetadata = { ...metadata, role: { name: "worker", credentials } };
    expect(get("/latest/meta-data/iam/security-credentials/", withRole).body).toBe("worker");
    const answer = JSON.parse(String(get("/latest/meta-data/iam/security-credentials/worker", withRole).body));
    expect(answer).toMatchObject({
      Code: "Success",
      AccessKeyId: "ASIA1",
      SecretAccessKey: "s",
      Token: "t",
      Expiration: "2026-01-01T06:00:00Z",
    });
    expect(credentials).toHaveBeenCalled();
  });

  it("gives an identity document", () => {
    const document = JSON.parse(String(get("/latest/dynamic/instance-identity/document").body));
    expect(document).toMatchObject({
      accountId: "123456789012",
      instanceId: "i-0123456789abcdef0",
      region: "eu-west-1",
      architecture: "x86_64",
    });
  });

  it("knows no other method", () => {
    expect(
      answerMetadata(metadata, new Map(), { method: "POST", path: "/latest/meta-data/", headers: {} }, now).status,
    ).toBe(405);
    expect(
      answerMetadata(metadata, new Map(), { method: "PUT", path: "/latest/meta-data/", headers: {} }, now).status,
    ).toBe(405);
  });
});
