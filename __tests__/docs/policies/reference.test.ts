/** Every policy of ours, and what the lab demands, speak of actions, resources and condition keys that AWS has. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";
import { listed, readPolicy, type Statement } from "./iam";
import { type Held, missingResources, referenceComplaints } from "./reference";
import { roleStatements } from "./role-statements";

const names = readdirSync(join(ROOT, "docs/policies")).map((file) => file.replace(/\.json$/, ""));

const held = (where: string, { Action, Resource, Condition = {} }: Statement): Held => ({
  where,
  actions: listed(Action),
  resources: Resource === undefined ? undefined : listed(Resource),
  keys: Object.values(Condition).flatMap((keys) => Object.keys(keys)),
});
const documented = (name: string) =>
  readPolicy(name).Statement.map((statement) => held(`${name}: ${statement.Sid}`, statement));
const ofRoles = roleStatements.map((statement) => held(statement.where, statement));

describe("docs/policies", () => {
  test.each(names)("%s names what AWS has", async (name) => {
    expect(await referenceComplaints(documented(name))).toEqual([]);
  });

  test.each(names.filter((name) => !["deploy-boundary", "scp"].includes(name)))(
    "%s gives each action the resources that it needs",
    async (name) => {
      expect(await missingResources(documented(name))).toEqual([]);
    },
  );
});

describe("roles", () => {
  test("their policies, their trust and the topic's policy name what AWS has", async () => {
    expect(ofRoles.length).toBeGreaterThan(80);
    expect(await referenceComplaints(ofRoles)).toEqual([]);
  });

  const documents = [...new Set(roleStatements.map(({ where }) => where.split(": ").slice(0, 3).join(": ")))];

  test.each(documents)("%s gives each action the resources that it needs", async (document) => {
    const own = ofRoles.filter(({ where, resources }) => resources && where.startsWith(`${document}: `));
    expect(await missingResources(own)).toEqual([]);
  });
});

describe("a fault is told", () => {
  const volume = "arn:aws:ec2:*:*:volume/*";
  const good: Held = {
    where: "planted",
    actions: ["ec2:AttachVolume"],
    resources: [volume],
    keys: ["aws:ResourceTag/docker-cache:role", "aws:PrincipalArn", "ec2:VolumeType", "ec2:Region"],
  };

  test("where there is none, nothing is said", async () => {
    expect(await referenceComplaints([good])).toEqual([]);
  });

  test.each<[string, Partial<Held>, string]>([
    ["an action that is not there", { actions: ["ec2:AttachDisk"], keys: [] }, "there is no action ec2:AttachDisk"],
    ["an action in other letters", { actions: ["ec2:attachVolume"] }, "there is no action ec2:attachVolume"],
    ["a service that is not there", { actions: ["ecc:AttachVolume"], keys: [] }, "there is no action ecc:AttachVolume"],
    [
      "a resource that the action does not act on",
      { resources: [volume, "arn:aws:ec2:*::snapshot/*"] },
      "no action of the statement acts on arn:aws:ec2:*::snapshot/*",
    ],
    [
      "a snapshot with an account",
      { actions: ["ec2:DeleteSnapshot"], resources: ["arn:aws:ec2:*:1:snapshot/*"], keys: [] },
      "ec2:DeleteSnapshot acts on none of arn:aws:ec2:*:1:snapshot/*, but on arn:${Partition}:ec2:${Region}::snapshot/${SnapshotId}",
    ],
    [
      "a resource for an action that knows none",
      { actions: ["ec2:DescribeVolumes"], keys: [] },
      "ec2:DescribeVolumes acts on none of arn:aws:ec2:*:*:volume/*, but on *",
    ],
    [
      "a key that the action does not know",
      { keys: ["ec2:CreateAction"] },
      "ec2:AttachVolume knows no key ec2:CreateAction for volume",
    ],
    [
      "a tag of the request, of an action that writes none",
      { keys: ["aws:RequestTag/docker-cache:name"] },
      "ec2:AttachVolume knows no key aws:RequestTag/docker-cache:name for volume",
    ],
    [
      "a tag of the source, of which CopySnapshot knows none",
      { actions: ["ec2:CopySnapshot"], resources: ["arn:aws:ec2:*::snapshot/*"], keys: ["aws:ResourceTag/x"] },
      "ec2:CopySnapshot knows no key aws:ResourceTag/x for snapshot",
    ],
    [
      "a global key that is none",
      { keys: ["aws:PrincipalArm"] },
      "ec2:AttachVolume knows no key aws:PrincipalArm for volume",
    ],
  ])("%s", async (_, planted, complaint) => {
    expect(await referenceComplaints([{ ...good, ...planted }])).toContain(`planted: ${complaint}`);
  });

  test("an action is given one of the two resources that it needs", async () => {
    expect(await missingResources([good])).toEqual([
      `ec2:AttachVolume needs arn:\${Partition}:ec2:\${Region}:\${Account}:instance/\${InstanceId} (instance), and is given ${volume}`,
    ]);
    const instance = { ...good, resources: ["arn:aws:ec2:*:*:instance/*"] };
    expect(await missingResources([good, instance])).toEqual([]);
  });
});
