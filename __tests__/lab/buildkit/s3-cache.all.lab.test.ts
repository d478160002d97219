/** BuildKit's own client of S3 in front of the lab's: what it calls for a cache is recognised, judged by key, and served by the bucket's own host name. */
import { assumeRole } from "../../../lab/aws/services/assume-role";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { api, type EcrLab, makeRole, REGION, startEcrLab, stopEcrLab } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { withBuildkit } from "./with-buildkit";

jest.setTimeout(300_000);

const BUCKET = "layers-of-the-lab";
const onKeys = (Action: string[], keys: string) => ({
  Effect: "Allow",
  Action,
  Resource: `arn:aws:s3:::${BUCKET}/${keys}`,
});
const LIST = { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}` };
const READ = ["s3:GetObject"];
const WRITE = ["s3:PutObject", "s3:AbortMultipartUpload"];

withBuildkit.describe("a cache in S3", () => {
  let lab: EcrLab;
  let machine: Machine;
  beforeAll(async () => {
    lab = await startEcrLab();
    const CreateBucketConfiguration = { LocationConstraint: REGION };
    await api(lab, "s3", "CreateBucket", { Bucket: BUCKET, CreateBucketConfiguration });
    machine = await boot(lab.lab);
    await waitForBoot(machine);
  });
  afterAll(() => lab && stopEcrLab(lab));

  /** Builds on a builder without any state, in the name of a role; what BuildKit said. */
  async function buildAs(role: string, names: { readonly to?: string; readonly from: string }): Promise<string> {
    const roleArn = `arn:aws:iam::123456789012:role/${role}`;
    const session = await assumeRole(lab.aws.aws, REGION, { roleArn, service: "ec2" });
    const at = (name: string) => `type=s3,region=${REGION},bucket=${BUCKET},name=${name}`;
    const to = names.to ? `--cache-to ${at(names.to)},mode=max,ignore-error=true` : "";
    return shellIn(
      machine,
      `docker buildx rm made 2>/dev/null || true
docker buildx create --name made --driver docker-container --bootstrap >/dev/null 2>&1
mkdir --parents /root/context
cat >/root/context/Dockerfile <<'DOCKERFILE'
FROM registry.lab/base:1
RUN echo built >/word
DOCKERFILE
export AWS_ACCESS_KEY_ID='${session.AccessKeyId}' AWS_SECRET_ACCESS_KEY='${session.SecretAccessKey}' AWS_SESSION_TOKEN='${session.SessionToken}'
docker buildx build --builder made --progress plain ${to} --cache-from ${at(names.from)} --output type=cacheonly /root/context 2>&1`,
      { timeoutSeconds: 240 },
    );
  }

  const CACHED = /\[2\/2\] RUN .*\n#\d+ CACHED/;
  const keys = async () => {
    const { Contents = [] } = await api<{ Contents?: { Key: string }[] }>(lab, "s3", "ListObjectsV2", {
      Bucket: BUCKET,
    });
    return Contents.map(({ Key }) => Key);
  };

  it("is empty at first, is written, and then spares a builder without state the steps", async () => {
    await makeRole(lab, "main", [onKeys([...READ, ...WRITE], "*"), LIST]);
    await expect(buildAs("main", { to: "app/main", from: "app/main" })).resolves.not.toMatch(CACHED);
    expect(await keys()).toEqual(
      expect.arrayContaining(["manifests/app/main", expect.stringMatching(/^blobs\/sha256:/)]),
    );
    await expect(buildAs("main", { from: "app/main" })).resolves.toMatch(CACHED);
    expect(lab.permissions.denied).toEqual([]);
  });

  it("a role that may write branches reads the default branch's, and cannot write it", async () => {
    const rights = [onKeys(READ, "*"), onKeys(WRITE, "blobs/*"), onKeys(WRITE, "manifests/app/branches/*"), LIST];
    await makeRole(lab, "branch", rights);
    await expect(buildAs("branch", { to: "app/branches/x", from: "app/main" })).resolves.toMatch(CACHED);
    expect(lab.permissions.denied).toEqual([]);
    expect(await keys()).toContain("manifests/app/branches/x");
    const before = await api<{ ETag?: string }>(lab, "s3", "HeadObject", { Bucket: BUCKET, Key: "manifests/app/main" });
    await buildAs("branch", { to: "app/main", from: "app/branches/x" });
    expect(lab.permissions.denied).toMatchObject([
      { action: "s3:PutObject", resource: `arn:aws:s3:::${BUCKET}/manifests/app/main` },
    ]);
    const after = await api<{ ETag?: string }>(lab, "s3", "HeadObject", { Bucket: BUCKET, Key: "manifests/app/main" });
    expect(after).toEqual(before);
  });

  it("a role that may do nothing there builds all the same", async () => {
    await makeRole(lab, "nobody", [{ Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" }]);
    const said = await buildAs("nobody", { to: "app/main", from: "app/main" });
    expect(said).toMatch(/\[2\/2\] RUN .*\n(?:.*\n)*#\d+ DONE/);
    expect(lab.permissions.denied.at(-1)?.resource).toContain(BUCKET);
  });
});
