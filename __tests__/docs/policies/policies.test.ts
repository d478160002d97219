import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles, ROOT } from "../../../lab/tools/project";
import { ROLES, TAG } from "../../../lib/contract";
import { synthesizeEverything } from "../../../scripts/generate/everything";
import { NOUNS } from "../../../stacks/nouns";
import { deployComplaints } from "./deploy-complaints";
import { allowedActions, applying, type Call, listed, readPolicy } from "./iam";

const names = readdirSync(join(ROOT, "docs/policies")).map((file) => file.replace(/\.json$/, ""));
const stacks = synthesizeEverything();

describe.each(names)("%s", (name) => {
  const policy = readPolicy(name);
  const size = JSON.stringify(policy).length;

  test("is a policy of the newest version, with statements by name", () => {
    expect(policy.Version).toBe("2012-10-17");
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(sids.every((sid = "") => /^[A-Za-z0-9]+$/.test(sid))).toBe(true);
    expect(new Set(sids).size).toBe(sids.length);
    expect(new Set(policy.Statement.map(({ Effect }) => Effect))).toEqual(new Set([name === "scp" ? "Deny" : "Allow"]));
  });

  test("names each action in full, in order", () => {
    for (const { Action } of policy.Statement) {
      expect(listed(Action).filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
      expect(listed(Action)).toEqual([...listed(Action)].sort());
    }
  });

  test("fits: 6,144 characters in a managed policy, 5,120 in a service control policy", () => {
    expect(size).toBeLessThanOrEqual(name === "scp" ? 5120 : 6144);
  });
});

describe.each(NOUNS.map(({ name }) => name))("deploy-%s", (noun) => {
  test("lets its stacks be deployed, and nothing else", () => {
    expect(deployComplaints(noun, stacks)).toEqual([]);
  });
});

describe("command-*", () => {
  const SERVICES: Readonly<Record<string, string>> = { "auto-scaling": "autoscaling" };
  const sources = projectFiles().filter((file) => /^(lambda-src|cli)\/.*\.ts$/.test(file));
  /** Every operation that the function or the command line imports from the SDK. */
  const called = sources.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/import (?:type )?\{([^}]*)\} from "@aws-sdk\/client-([\w-]+)"/g)].flatMap((match) =>
      [...(match[1] ?? "").matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(
        (operation) => `${SERVICES[match[2] ?? ""] ?? match[2]}:${operation[1] ?? operation[2]}`,
      ),
    );
  });

  test("every call that the command line can make is allowed by one of them", () => {
    expect(called).toEqual(expect.arrayContaining(["autoscaling:DescribeAutoScalingGroups", "ec2:RunInstances"]));
    const allowed = allowedActions(...names.filter((name) => name.startsWith("command-")).map(readPolicy));
    expect([...new Set(called)].filter((action) => !allowed.has(action))).toEqual([]);
  });

  describe("tags that command-rotate changes", () => {
    const ours = { "aws:ResourceTag/docker-cache:name": "ci" };
    const volume = { ...ours, "aws:ResourceTag/docker-cache:role": ROLES.cacheVolume };
    const snapshot = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
    const allows = (action: string, resource: string, context: NonNullable<Call["context"]>) =>
      applying(readPolicy("command-rotate"), "Allow", { action, resource, context }).length > 0;
    const tagging = (key: string, value: string, bearing: object) => ({
      ...bearing,
      "aws:TagKeys": [key],
      [`aws:RequestTag/${key}`]: value,
    });

    test.each<[string, string, object, string, boolean]>([
      [TAG.deleteAfter, "2026-01-01", ours, snapshot, true],
      [TAG.pin, "promoted", ours, snapshot, true],
      [TAG.state, "rejected", ours, snapshot, true],
      // `promote` of a rejected one.
      [TAG.state, "ready", ours, snapshot, true],
      [TAG.state, "building", ours, snapshot, false],
      [TAG.content, "x", ours, snapshot, false],
      [TAG.pin, "promoted", {}, snapshot, false],
      [TAG.state, "rejected", {}, snapshot, false],
      [TAG.state, "rejected", volume, "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1", true],
      [TAG.state, "ready", volume, "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1", false],
      [TAG.state, "rejected", ours, "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1", false],
    ])("%s = %s, where there is %j, on %s: %s", (key, value, bearing, resource, allowed) => {
      expect(allows("ec2:CreateTags", resource, tagging(key, value, bearing))).toBe(allowed);
    });

    test.each([
      [TAG.deleteAfter, true],
      [TAG.pin, true],
      [TAG.state, false],
      [TAG.name, false],
    ])("%s is taken off: %s", (key, allowed) => {
      expect(allows("ec2:DeleteTags", snapshot, { ...ours, "aws:TagKeys": [key] })).toBe(allowed);
    });
  });

  test("looking changes nothing", () => {
    const actions = [...allowedActions(readPolicy("command-status"))];
    expect(actions.filter((action) => !/:(Describe|Get)/.test(action))).toEqual([]);
  });
});

describe("scp", () => {
  const policy = readPolicy("scp");
  const role = (what: string) => `arn:aws:iam::123456789012:role/docker-cache-ci-x86_64-${what}-eu-west-1`;
  const somebody = "arn:aws:iam::123456789012:role/developer";
  const deployment = "arn:aws:iam::123456789012:role/DEPLOYMENT-ROLE";
  const denied = (principal: string, action: string, resource: string, context: Call["context"] = {}) =>
    applying(policy, "Deny", { action, resource, context: { ...context, "aws:PrincipalArn": principal } });
  const ec2 = (resource: string) => `arn:aws:ec2:eu-west-1:123456789012:${resource}`;
  const snapshot = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
  const volume = { "aws:ResourceTag/docker-cache:role": ROLES.cacheVolume };
  const ours = { "aws:ResourceTag/docker-cache:name": "ci" };
  const pointer = "arn:aws:ssm:eu-west-1:123456789012:parameter/docker-cache/ci/x86_64/snapshot-id";

  test("every tag of the contract is reserved, but for those that a worker gets at launch", () => {
    const reserved = policy.Statement.find(({ Sid }) => Sid === "TagsThatDecide");
    const keys = reserved?.Condition?.["ForAnyValue:StringEquals"]?.["aws:TagKeys"] ?? [];
    const free: string[] = [TAG.name, TAG.architecture, TAG.role];
    expect([...listed(keys), ...free].sort()).toEqual(Object.values(TAG).sort());
  });

  test.each<[string, ...Parameters<typeof denied>]>([
    ["tag a snapshot ready", somebody, "ec2:CreateTags", snapshot, { "aws:TagKeys": [TAG.state] }],
    [
      "say that a repository is a companion's",
      somebody,
      "ecr:TagResource",
      "arn:aws:ecr:eu-west-1:123456789012:repository/x",
      { "aws:TagKeys": [TAG.companion] },
    ],
    [
      "say that a companion's repository is none",
      somebody,
      "ecr:UntagResource",
      "arn:aws:ecr:eu-west-1:123456789012:repository/x",
      { "aws:TagKeys": [TAG.companion] },
    ],
    ["opt a template in", somebody, "ec2:CreateTags", ec2("launch-template/lt-1"), { "aws:TagKeys": [TAG.consume] }],
    [
      "make a builder",
      somebody,
      "ec2:CreateTags",
      ec2("instance/i-1"),
      { "aws:RequestTag/docker-cache:role": "builder" },
    ],
    ["attach the cache volume", somebody, "ec2:AttachVolume", ec2("volume/vol-1"), volume],
    ["snapshot the cache volume", somebody, "ec2:CreateSnapshot", ec2("volume/vol-1"), volume],
    ["share a snapshot", somebody, "ec2:ModifySnapshotAttribute", snapshot, ours],
    ["change a template", somebody, "ec2:CreateLaunchTemplateVersion", ec2("launch-template/lt-1"), ours],
    ["move the pointer", somebody, "ssm:PutParameter", pointer],
    [
      "change the function",
      somebody,
      "lambda:UpdateFunctionCode",
      "arn:aws:lambda:eu-west-1:1:function:docker-cache-ci-x86_64-rotation",
    ],
    ["make a role of ours", somebody, "iam:CreateRole", role("builder")],
    ["take the builder's role", somebody, "iam:PassRole", role("builder")],
    ["move the pointer from a worker", role("worker"), "ssm:PutParameter", pointer],
    ["attach the cache volume to a worker", role("worker"), "ec2:AttachVolume", ec2("volume/vol-1"), volume],
    ["widen its own role", role("rotation"), "iam:PutRolePolicy", role("rotation")],
  ])("nobody may %s", (_, ...call) => {
    expect(denied(...call)).not.toEqual([]);
  });

  test.each<[string, ...Parameters<typeof denied>]>([
    [
      "the builder tags its volume",
      role("builder"),
      "ec2:CreateTags",
      ec2("volume/vol-1"),
      { "aws:TagKeys": [TAG.state], ...volume },
    ],
    ["the builder attaches its volume", role("builder"), "ec2:AttachVolume", ec2("volume/vol-1"), volume],
    ["the builder snapshots it", role("builder"), "ec2:CreateSnapshot", ec2("volume/vol-1"), volume],
    [
      "Scheduler tags the builder",
      role("scheduler"),
      "ec2:CreateTags",
      ec2("instance/i-1"),
      { "aws:RequestTag/docker-cache:role": "builder", "aws:TagKeys": [TAG.name, TAG.architecture, TAG.role] },
    ],
    ["Scheduler passes the builder's role", role("scheduler"), "iam:PassRole", role("builder")],
    [
      "DLM copies tags",
      role("dlm"),
      "ec2:CreateTags",
      snapshot,
      { "aws:TagKeys": Object.values(TAG), "aws:RequestTag/docker-cache:role": "cache-volume" },
    ],
    [
      "ECR tags what it pulled through",
      "arn:aws:iam::123456789012:role/docker-cache-pull-through-eu-west-1",
      "ecr:TagResource",
      "arn:aws:ecr:eu-west-1:123456789012:repository/x",
      { "aws:TagKeys": [TAG.companion, TAG.name] },
    ],
    [
      "anybody tags repositories otherwise",
      somebody,
      "ecr:TagResource",
      "arn:aws:ecr:eu-west-1:123456789012:repository/x",
      { "aws:TagKeys": ["team"] },
    ],
    ["DLM deletes", role("dlm"), "ec2:DeleteSnapshot", snapshot, ours],
    ["rotation deletes", role("rotation"), "ec2:DeleteSnapshot", snapshot, ours],
    [
      "rotation announces it",
      role("rotation"),
      "ec2:CreateTags",
      snapshot,
      { "aws:TagKeys": [TAG.deleteAfter], ...ours },
    ],
    [
      "rotation writes templates",
      role("rotation"),
      "ec2:CreateLaunchTemplateVersion",
      ec2("launch-template/lt-1"),
      ours,
    ],
    ["rotation moves the pointer", role("rotation"), "ssm:PutParameter", pointer],
    [
      "anybody launches a worker",
      somebody,
      "ec2:CreateTags",
      ec2("instance/i-1"),
      { "aws:RequestTag/docker-cache:role": "worker", "aws:TagKeys": ["Name", TAG.name, TAG.architecture, TAG.role] },
    ],
    ["anybody attaches a volume of theirs to a worker", somebody, "ec2:AttachVolume", ec2("volume/vol-2")],
    ["deployment deploys", deployment, "iam:PutRolePolicy", role("builder")],
    [
      "deployment makes the volume",
      deployment,
      "ec2:CreateTags",
      ec2("volume/vol-1"),
      { "aws:RequestTag/docker-cache:role": "cache-volume", "aws:TagKeys": [TAG.role, TAG.replicate] },
    ],
  ])("%s", (_, ...call) => {
    expect(denied(...call)).toEqual([]);
  });
});
