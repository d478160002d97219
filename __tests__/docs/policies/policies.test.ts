import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";
import { ROLES, TAG } from "../../../lib/contract";
import { synthesizeEverything } from "../../../scripts/generate/everything";
import { NOUNS } from "../../../stacks/nouns";
import { deployComplaints } from "./deploy-complaints";
import { allowedActions, applying, type Call, listed, readPolicy } from "./iam";

const names = readdirSync(join(ROOT, "docs/policies")).map((file) => file.replace(/\.json$/, ""));
/** They take away, and allow nothing. */
const DENYING = ["deploy-boundary", "scp"];
const stacks = synthesizeEverything();

describe.each(names)("%s", (name) => {
  const policy = readPolicy(name);
  const size = JSON.stringify(policy).length;

  test("is a policy of the newest version, with statements by name", () => {
    expect(policy.Version).toBe("2012-10-17");
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(sids.every((sid = "") => /^[A-Za-z0-9]+$/.test(sid))).toBe(true);
    expect(new Set(sids).size).toBe(sids.length);
    expect(new Set(policy.Statement.map(({ Effect }) => Effect))).toEqual(
      new Set([DENYING.includes(name) ? "Deny" : "Allow"]),
    );
  });

  test("names each action in full, in order", () => {
    for (const { Action } of policy.Statement) {
      expect(listed(Action).filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
      expect(listed(Action)).toEqual([...listed(Action)].sort());
    }
  });

  test("fits: 6,144 characters in a managed policy, 10,240 in a service control policy", () => {
    expect(size).toBeLessThanOrEqual(name === "scp" ? 10_240 : 6144);
  });
});

describe.each(NOUNS.map(({ name }) => name))("deploy-%s", (noun) => {
  test("lets its stacks be deployed, and nothing else", () => {
    expect(deployComplaints(noun, stacks)).toEqual([]);
  });
});

describe("command-*", () => {
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

  test.each(["command-status", "command-pull-through"])("%s: looking changes nothing", (name) => {
    const actions = [...allowedActions(readPolicy(name))];
    expect(actions.filter((action) => !/:(Describe|Get|List|Validate)/.test(action))).toEqual([]);
  });

  test.each([
    ["pull-through", true],
    ["layer-cache", false],
    [undefined, false],
  ])("command-pull-through-purge deletes a repository whose companion is %s: %s", (companion, allowed) => {
    const call = {
      action: "ecr:DeleteRepository",
      resource: "arn:aws:ecr:eu-west-1:123456789012:repository/docker-hub/library/debian",
      context: companion === undefined ? {} : { [`aws:ResourceTag/${TAG.companion}`]: companion },
    };
    expect(applying(readPolicy("command-pull-through-purge"), "Allow", call).length > 0).toBe(allowed);
  });
});

/** What a job asks of ECR, whoever has made its repository. */
describe("ci-images-job", () => {
  const policy = readPolicy("ci-images-job");
  const ofTerraform = (name: string) => {
    const { data } = stacks.find(({ name: stack }) => stack === "docker-cache-ci-images-eu-west-1")!;
    const { statement } = data.aws_iam_policy_document![`app_ci_images_${name}`] as {
      statement: { actions: string[] }[];
    };
    return statement.flatMap(({ actions }) => actions);
  };

  test("is what a pusher has, and to make the repository as Terraform would", () => {
    const making = ["CreateRepository", "GetLifecyclePolicy", "PutLifecyclePolicy", "TagResource"];
    expect([...allowedActions(policy)].sort()).toEqual(
      [...ofTerraform("pusher"), ...making.map((action) => `ecr:${action}`)].sort(),
    );
  });

  test("a pusher has what a puller has, and to push", () => {
    const pushing = ofTerraform("pusher").filter((action) => !ofTerraform("puller").includes(action));
    expect(pushing).toEqual([
      ...["CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"].map((action) => `ecr:${action}`),
    ]);
    expect(ofTerraform("puller").filter((action) => !ofTerraform("pusher").includes(action))).toEqual([]);
  });

  test.each([
    ["repository/build-cache/acme/app", true],
    ["repository/build-cache/app", true],
    ["repository/team/app", false],
    ["repository/build-cache-of-others/app", false],
  ])("pushes to %s: %s", (resource, allowed) => {
    const call = { action: "ecr:PutImage", resource: `arn:aws:ecr:eu-west-1:123456789012:${resource}`, context: {} };
    expect(applying(policy, "Allow", call).length > 0).toBe(allowed);
  });
});
