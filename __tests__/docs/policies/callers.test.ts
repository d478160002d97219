/** Every call that code of ours makes is allowed by the policy of whoever makes it. Terraform's calls: deploy-policy.slow.test.ts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles, ROOT } from "../../../lab/tools/project";
import { allowedActions, listed, readPolicy } from "./iam";
import { roleStatements } from "./role-statements";

/** Services that the SDK or the AWS client calls otherwise than IAM. */
const SERVICES: Readonly<Record<string, string>> = { "auto-scaling": "autoscaling", "cloudwatch-logs": "logs" };
/** Operations of the SDK that IAM calls otherwise. */
const OPERATIONS: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
  "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
  "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
  "s3:HeadBucket": "s3:ListBucket",
};
const textsOf = (pattern: RegExp) =>
  projectFiles()
    .filter((file) => pattern.test(file))
    .map((file) => readFileSync(join(ROOT, file), "utf8"));

/** Every operation that TypeScript imports from the SDK. */
function sdkCalls(pattern: RegExp): string[] {
  return textsOf(pattern).flatMap((text) =>
    [...text.matchAll(/import (?:type )?\{([^}]*)\} from "@aws-sdk\/client-([\w-]+)"/g)].flatMap(
      ([, imported = "", client = ""]) =>
        [...imported.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(([, paged, single]) => {
          const operation = `${SERVICES[client] ?? client}:${paged ?? single}`;
          return OPERATIONS[operation] ?? operation;
        }),
    ),
  );
}

/** Every operation that a script calls by the AWS client. */
function clientCalls(pattern: RegExp): string[] {
  return textsOf(pattern).flatMap((text) =>
    [...text.matchAll(/\baws ([a-z0-9]+) ([a-z]+(?:-[a-z]+)+)/g)].map(([, service, command = ""]) => {
      const operation = command.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return `${service}:${operation}`;
    }),
  );
}

/** Every operation that the builder's client of AWS asks for. */
function builderCalls(): string[] {
  return textsOf(/^lib\/userdata\/builder\/boot\/aws\.py$/).flatMap((text) =>
    [...text.matchAll(/\bask_(?:ec2\("|json\("(\w+)", ")(\w+)"/g)].map(
      ([, service = "ec2", action]) => `${service}:${action}`,
    ),
  );
}

const ofRole = (document: string) =>
  new Set(roleStatements.filter((one) => one.document === document).flatMap(({ Action }) => listed(Action)));
const ofCommands = () =>
  allowedActions(
    ...["build", "layer-cache", "pull-through", "pull-through-purge", "rotate", "status"].map((name) =>
      readPolicy(`command-${name}`),
    ),
  );

test.each<[string, string[], () => Set<string>, string]>([
  ["the command line", sdkCalls(/^(?:cli|lambda-src\/rotation)\/.*\.ts$/), ofCommands, "ec2:RunInstances"],
  ["the function", sdkCalls(/^lambda-src\/rotation\/.*\.ts$/), () => ofRole("rotation"), "ec2:DeleteSnapshot"],
  ["the router", sdkCalls(/^lambda-src\/router\/.*\.ts$/), () => ofRole("router"), "lambda:InvokeFunction"],
  ["a builder", builderCalls(), () => ofRole("builder"), "ec2:CreateSnapshot"],
  [
    "a worker",
    clientCalls(/^lib\/userdata\/(?:worker|shared)\/.*\.sh$/),
    () => ofRole("worker"),
    "cloudwatch:PutMetricData",
  ],
])("every call that %s can make is allowed", (_, called, allowed, one) => {
  expect(called).toContain(one);
  expect([...new Set(called)].filter((action) => !allowed().has(action))).toEqual([]);
});

test("no other function calls AWS: one that does has a role, and a row above", () => {
  expect(sdkCalls(/^lambda-src\/(?!(?:rotation|router)\/).*\.ts$/)).toEqual([]);
});

test("the function may do nothing that it does not do", () => {
  const called = sdkCalls(/^lambda-src\/rotation\/.*\.ts$/);
  // Lambda itself writes the log, the trace and what was given up, in the name of the role.
  const own = [...ofRole("rotation")].filter((action) => !/^(?:logs|sqs|xray):/.test(action));
  expect(own.filter((action) => !called.includes(action))).toEqual([]);
});
