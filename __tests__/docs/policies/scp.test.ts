/** docs/policies/scp.json denies each row of the table in docs/security.md, and nothing that our roles and the two named ones need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";
import { ROLES, TAG } from "../../../lib/contract";
import { NOUNS } from "../../../stacks/nouns";
import { isOfRole } from "../../stacks/policy-statements";
import { applying, type Call, listed, type Policy, readPolicy, type Statement } from "./iam";
import { roleStatements } from "./role-statements";
import {
  asPullThrough,
  call,
  ec2,
  HELD_OTHERWISE,
  keys,
  names,
  of,
  ours,
  pullThrough,
  ROWS,
  repository,
  roleArn,
  router,
  snapshot,
  template,
  volume,
} from "./scp-rows";

const COMMANDS = ["build", "pull-through", "pull-through-purge", "rotate", "status"];
const policy = readPolicy("scp");
const somebody = roleArn("developer");
const deployment = roleArn("DEPLOYMENT-ROLE");
const operator = roleArn("OPERATOR-ROLE");
const denied = (principal: string, { action, resource, context }: Call, by: Policy = policy) =>
  applying(by, "Deny", { action, resource, context: { ...context, "aws:PrincipalArn": principal } });

describe("who decides what workers run", () => {
  const page = readFileSync(join(ROOT, "docs/security.md"), "utf8");
  const section = /^## Who decides what workers run$[\s\S]*?(?=^## )/m.exec(page)?.[0] ?? "";
  const rows = [...section.matchAll(/^\| (.+?) \| .+ \| .+ \|$/gm)].map(([, by = ""]) => by).slice(1);

  test("each row is tried here, and no other", () => {
    expect(rows.length).toBeGreaterThan(15);
    expect([...Object.keys(ROWS), ...HELD_OTHERWISE].sort()).toEqual([...rows].sort());
  });

  const calls = Object.entries(ROWS).flatMap(([row, tried]) =>
    tried.map((one) => [row, one.action, JSON.stringify(one.context), one] as const),
  );

  test.each(calls)("%s: %s with %s is nobody else's, nor a worker's", (_row, _action, _context, one) => {
    for (const principal of [somebody, roleArn(names.workerRole)]) expect(denied(principal, one)).not.toEqual([]);
  });

  test.each(calls)("%s: %s with %s is the deployment's", (_row, _action, _context, one) => {
    expect(denied(deployment, one)).toEqual([]);
  });

  test("every action and every resource that is denied is in a row", () => {
    const tried = Object.values(ROWS).flat();
    const idle = policy.Statement.flatMap((statement) =>
      [
        ...listed(statement.Action).filter(
          (action) => !tried.some((one) => one.action === action && hits(statement, one)),
        ),
        ...listed(statement.Resource ?? []).filter(
          (resource) => !tried.some((one) => hits({ ...statement, Resource: resource }, one)),
        ),
      ].map((part) => `${statement.Sid}: ${part}`),
    );
    expect(idle).toEqual([]);
  });

  function hits(statement: Statement, { action, resource, context }: Call): boolean {
    const asked = { action, resource, context: { ...context, "aws:PrincipalArn": somebody } };
    return applying({ Statement: [statement] }, "Deny", asked).length > 0;
  }
});

test("every tag of the contract is reserved, except those that a worker or a builder gets at launch", () => {
  const reserved = policy.Statement.find(({ Sid }) => Sid === "TagsThatDecide");
  const tagKeys = reserved?.Condition?.["ForAnyValue:StringEquals"]?.["aws:TagKeys"] ?? [];
  const free: string[] = [TAG.name, TAG.architecture, TAG.role, TAG.watchdogMinutes];
  expect([...listed(tagKeys), ...free].sort()).toEqual(Object.values(TAG).sort());
});

/** A request as a statement allows it, of a resource that is ours. */
function allowedBy({ Action, Resource = [], Condition = {} }: Statement): Call[] {
  const given: Record<string, string | readonly string[]> = { ...ours };
  const written = new Set<string>();
  for (const [operator, wanted] of Object.entries(Condition))
    for (const [key, values] of Object.entries(wanted)) {
      if (operator.includes("Not")) continue;
      if (operator === "Null") {
        if (key !== "aws:TagKeys") given[key] = "x";
        continue;
      }
      given[key] = key === "aws:TagKeys" ? listed(values) : (listed(values)[0] as string);
      if (key.startsWith("aws:RequestTag/")) written.add(key.slice("aws:RequestTag/".length));
    }
  const tagKeys = given["aws:TagKeys"] ?? (written.size > 0 ? [...written] : Object.values(TAG));
  return listed(Action).flatMap((action) =>
    listed(Resource).map((resource) =>
      call(action, resource.replaceAll("*", "x"), { ...given, "aws:TagKeys": tagKeys }),
    ),
  );
}

describe("what must go on", () => {
  const principals: Readonly<Record<string, string>> = {
    builder: names.builderRole,
    // Whatever role of the user's the policy is attached to.
    ...Object.fromEntries(["branch_writer", "puller", "pusher", "reader", "writer"].map((of) => [of, "team-ci"])),
    repositories: pullThrough.role,
    replication: names.dlmRole,
    rotation: names.rotationRole,
    router: router.routerRole,
    scheduler: names.schedulerRole,
    worker: names.workerRole,
  };
  test("every role is known here by its name", () => {
    const roles = roleStatements.filter(isOfRole).map(({ document }) => document);
    expect(Object.keys(principals).sort()).toEqual([...new Set(roles)].sort());
  });

  const ofRoles = roleStatements.flatMap((statement) => {
    const name = principals[statement.document];
    return name === undefined ? [] : allowedBy(statement).map((one) => [statement.where, roleArn(name), one] as const);
  });
  const ofPolicies = (prefix: string, policies: readonly string[], principal: string) =>
    policies.flatMap((name) =>
      readPolicy(`${prefix}-${name}`).Statement.flatMap((statement) =>
        allowedBy(statement).map((one) => [`${prefix}-${name}: ${statement.Sid}`, principal, one] as const),
      ),
    );
  const nouns = NOUNS.map(({ name }) => name);
  const groups: readonly (readonly [string, readonly (readonly [string, string, Call])[], number])[] = [
    ["our roles do", ofRoles, 200],
    ["the deployment does", ofPolicies("deploy", nouns, deployment), 100],
    ["the command line does", ofPolicies("command", COMMANDS, operator), 30],
  ];

  test.each(groups)("whatever %s by its policies is not denied", (_, calls, atLeast) => {
    expect(calls.length).toBeGreaterThan(atLeast);
    const stopped = calls.filter(([, principal, one]) => denied(principal, one).length > 0);
    expect(stopped.map(([where, , { action, resource }]) => `${where}: ${action} ${resource}`)).toEqual([]);
  });

  /** What policies do not say: DLM's role has no conditions, and a pull-through rule's is not ours to make. */
  const dlm = roleArn(names.dlmRole);
  const besides: readonly (readonly [string, string, Call])[] = [
    ["DLM snapshots the volume", dlm, call("ec2:CreateSnapshot", ec2("volume/vol-1"), { ...ours, ...volume })],
    ["DLM deletes", dlm, call("ec2:DeleteSnapshot", snapshot, ours)],
    [
      "DLM copies tags",
      dlm,
      call("ec2:CreateTags", snapshot, {
        ...keys(...Object.values(TAG)),
        [`aws:RequestTag/${TAG.role}`]: ROLES.cacheVolume,
      }),
    ],
    ["ECR tags what it pulled through", roleArn(pullThrough.role), call("ecr:TagResource", repository, asPullThrough)],
  ];

  test.each(besides)("%s", (_, principal, one) => {
    expect(denied(principal, one)).toEqual([]);
  });

  test("no statement excepts a role that does not need it", () => {
    const byDeployment = Object.values(ROWS).flatMap((tried) => tried.map((one) => ["", deployment, one] as const));
    const needed = [...groups.flatMap(([, calls]) => calls), ...besides, ...byDeployment];
    const idle = policy.Statement.flatMap((statement) => {
      const excepted = listed(statement.Condition?.ArnNotLike?.["aws:PrincipalArn"] ?? []);
      return excepted
        .filter(
          (one) => !needed.some(([, principal, asked]) => denied(principal, asked, without(statement, one)).length > 0),
        )
        .map((one) => `${statement.Sid}: ${one}`);
    });
    expect(idle).toEqual([]);
  });

  /** A policy of the statement alone, with one exception fewer. */
  function without(statement: Statement, principal: string): Policy {
    const excepted = listed(statement.Condition?.ArnNotLike?.["aws:PrincipalArn"] ?? []);
    const left = { "aws:PrincipalArn": ["none", ...excepted.filter((one) => one !== principal)] };
    return { Statement: [{ ...statement, Condition: { ...statement.Condition, ArnNotLike: left } }] };
  }

  test.each<[string, Call]>([
    [
      "launches a worker",
      call("ec2:CreateTags", ec2("instance/i-1"), {
        [`aws:RequestTag/${TAG.role}`]: ROLES.worker,
        "ec2:CreateAction": "RunInstances",
        ...keys("Name", TAG.name, TAG.architecture, TAG.role),
      }),
    ],
    ["passes the worker's role", call("iam:PassRole", roleArn(names.workerRole))],
    ["attaches a volume of theirs to a worker", call("ec2:AttachVolume", ec2("volume/vol-2"))],
    ["tags a resource of ours otherwise", call("ec2:CreateTags", ec2("volume/vol-1"), { ...ours, ...keys("team") })],
    ["tags repositories otherwise", call("ecr:TagResource", repository, keys("team"))],
    ["changes a function of theirs", call("lambda:UpdateFunctionCode", of("lambda", "function:theirs"))],
    [
      "stops a queue of a function of theirs",
      call("lambda:UpdateEventSourceMapping", of("lambda", "event-source-mapping:2"), {
        "lambda:FunctionArn": of("lambda", "function:theirs"),
      }),
    ],
    ["makes a version of a template of theirs", call("ec2:CreateLaunchTemplateVersion", template)],
  ])("anybody %s", (_, one) => {
    expect(denied(somebody, one)).toEqual([]);
  });

  test("of our roles none widens itself, and only Scheduler passes one", () => {
    for (const name of [names.rotationRole, names.builderRole, names.schedulerRole, names.dlmRole]) {
      expect(denied(roleArn(name), call("iam:PutRolePolicy", roleArn(name)))).not.toEqual([]);
      const passed = denied(roleArn(name), call("iam:PassRole", roleArn(names.builderRole))).length === 0;
      expect({ name, passed }).toEqual({ name, passed: name === names.schedulerRole });
    }
    expect(denied(operator, call("iam:PassRole", roleArn(names.builderRole)))).toEqual([]);
    for (const name of [names.rotationRole, router.routerRole])
      expect(denied(operator, call("iam:PassRole", roleArn(name)))).not.toEqual([]);
  });
});
