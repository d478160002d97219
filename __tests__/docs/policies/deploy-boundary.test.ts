/**
 * docs/policies/deploy-boundary.json, beside the deploy policies, lets roles be made with the boundary and in no other way. docs/policies/boundary.json
 * is such a boundary.
 */

import { resourceNames } from "../../../lib/contract";
import { NOUNS } from "../../../stacks/nouns";
import { isOfRole } from "../../stacks/policy-statements";
import { applying, type Call, type Context, listed, readPolicy, type Statement } from "./iam";
import { roleStatements } from "./role-statements";

const boundary = readPolicy("deploy-boundary");
const deploying = NOUNS.map(({ name }) => readPolicy(`deploy-${name}`));
const policies = [...deploying, boundary];

const THE_ONE = "arn:aws:iam::123456789012:policy/BOUNDARY";
const ANOTHER = "arn:aws:iam::123456789012:policy/another";
const roles = ["builder", "dlm", "rotation", "scheduler", "worker"].map(
  (what) => `arn:aws:iam::123456789012:role/docker-cache-ci-x86_64-${what}-eu-west-1`,
);

const isAllowed = (call: Call, by = policies) =>
  by.some((policy) => applying(policy, "Allow", call).length > 0) &&
  by.every((policy) => applying(policy, "Deny", call).length === 0);
const call = (action: string, resource: string, boundaryArn?: string): Call => {
  const context: Context = boundaryArn === undefined ? {} : { "iam:PermissionsBoundary": boundaryArn };
  return { action, resource, context };
};

/** Actions that give a role rights, or say who has them. */
const WIDENING = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"];

describe.each([...WIDENING, "iam:PutRolePermissionsBoundary"])("%s", (action) => {
  // Only workers' roles have attached policies.
  const on = action === "iam:AttachRolePolicy" ? roles.filter((role) => role.includes("worker")) : roles;

  test.each(on)("of %s is allowed with the boundary alone", (role) => {
    expect(isAllowed(call(action, role, THE_ONE))).toBe(true);
    expect(isAllowed(call(action, role))).toBe(false);
    expect(isAllowed(call(action, role, ANOTHER))).toBe(false);
  });

  test.each(on)("of %s is allowed with any boundary and none, without this policy", (role) => {
    for (const arn of [THE_ONE, undefined, ANOTHER]) expect(isAllowed(call(action, role, arn), deploying)).toBe(true);
  });
});

test.each(roles)("nobody takes the boundary off %s", (role) => {
  const off = call("iam:DeleteRolePermissionsBoundary", role, THE_ONE);
  expect(isAllowed(off, deploying)).toBe(true);
  expect(isAllowed(off)).toBe(false);
});

test("whoever may do everything else does not change the boundary's policy, nor go round it", () => {
  const everything = { Statement: [{ Effect: "Allow" as const, Action: "iam:*", Resource: "*" }] };
  const by = [everything, boundary];
  for (const what of ["CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion"]) {
    expect(isAllowed(call(`iam:${what}`, THE_ONE), by)).toBe(false);
    expect(isAllowed(call(`iam:${what}`, ANOTHER), by)).toBe(true);
  }
  for (const action of WIDENING) expect(isAllowed(call(action, "arn:aws:iam::1:role/x/y"), by)).toBe(false);
});

test("roles go, and are read, as without it", () => {
  const others = deploying
    .flatMap(({ Statement }) => Statement.flatMap(({ Action }) => listed(Action)))
    .filter((action) => action.startsWith("iam:") && action !== "iam:PassRole");
  const guarded = [...WIDENING, "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"];
  const free = [...new Set(others)].filter((action) => !guarded.includes(action));
  expect(free.length).toBeGreaterThan(15);
  for (const action of free)
    expect({ action, denied: applying(boundary, "Deny", call(action, roles[0] as string)) }).toEqual({
      action,
      denied: [],
    });
});

describe("the boundary", () => {
  const limit = readPolicy("boundary");
  const names = resourceNames("ci", "x86_64", "eu-west-1");
  const asked = ({ Action, Resource = [], Condition = {} }: Statement): Call[] => {
    const equal = Condition.StringEquals ?? {};
    const context = { ...equal, "iam:PassedToService": "ec2.amazonaws.com" };
    return listed(Action).flatMap((action) =>
      listed(Resource).map((one) => ({ action, resource: one.replaceAll("*", "x"), context })),
    );
  };
  const ofRoles = roleStatements.filter(isOfRole);

  test("allows all that our roles may do", () => {
    const calls = ofRoles.flatMap(asked);
    expect(calls.length).toBeGreaterThan(200);
    const beyond = calls.filter((one) => applying(limit, "Allow", one).length === 0);
    expect(beyond.map(({ action, resource }) => `${action} on ${resource}`)).toEqual([]);
  });

  test("allows no action that none of them has", () => {
    const had = new Set(ofRoles.flatMap(({ Action }) => listed(Action)));
    const allowed = limit.Statement.flatMap(({ Action }) => listed(Action));
    expect(allowed.filter((action) => !had.has(action))).toEqual([]);
  });

  test("lets no role make or widen one, and none but the builder's be passed", () => {
    const passed = (role: string, service: string): Call => ({
      action: "iam:PassRole",
      resource: `arn:aws:iam::123456789012:role/${role}`,
      context: { "iam:PassedToService": service },
    });
    const allowed = (one: Call) => applying(limit, "Allow", one).length > 0;
    expect(allowed(passed(names.builderRole, "ec2.amazonaws.com"))).toBe(true);
    expect(allowed(passed(names.builderRole, "lambda.amazonaws.com"))).toBe(false);
    expect(allowed(passed("admin", "ec2.amazonaws.com"))).toBe(false);
    for (const action of WIDENING) expect(allowed(call(action, roles[0] as string, THE_ONE))).toBe(false);
  });
});
