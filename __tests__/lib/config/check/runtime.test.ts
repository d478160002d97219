import { checkLambdaRuntime } from "../../../../lib/config/check/runtime";
import { parseConfig } from "../../../../lib/config/load";
import { defaultLambdaRuntime } from "../../../../lib/config/schema/lambda-runtime";
import { configSchema } from "../../../../lib/config/schema/schema";
import { formatProblems } from "../../../../lib/config/text/problem";
import { configOf, shown } from "../sample";

const SHIPPED = configSchema.shape.aws_provider_version.parse(undefined);
const NEWER = ">= 6.19.0, < 7.0.0";
const FOUND = "caches.ci.rotation.lambda_runtime: nodejs24.x, with an AWS provider of";

test.each<[range: string, runtime: string | undefined, found: string[]]>([
  [SHIPPED, undefined, []],
  [SHIPPED, "nodejs22.x", []],
  [SHIPPED, "nodejs24.x", [`${FOUND} "${SHIPPED}"`]],
  ["~> 6.18", "nodejs24.x", [`${FOUND} "~> 6.18"`]],
  [NEWER, undefined, []],
  [NEWER, "nodejs22.x", []],
  [NEWER, "nodejs24.x", []],
])("with the AWS provider %s, the runtime %s: %j", (aws_provider_version, lambda_runtime, found) => {
  const config = configOf({ rotation: { lambda_runtime } }, { aws_provider_version });
  expect(shown(checkLambdaRuntime(config, "ci"))).toEqual(found);
});

test("what is not given is the newest that the whole range takes", () => {
  expect([SHIPPED, "~> 5.0", "~> 6.0", NEWER, "~> 6.19", ">= 7"].map(defaultLambdaRuntime)).toEqual([
    ...["nodejs22.x", "nodejs22.x", "nodejs22.x"],
    ...["nodejs24.x", "nodejs24.x", "nodejs24.x"],
  ]);
});

describe("in a file", () => {
  const parse = (range: string) =>
    parseConfig(
      `aws_provider_version: "${range}"
regions: { eu-west-1: {} }
caches:
  ci:
    images: [python:3.12-slim]
    rotation:
      lambda_runtime: nodejs24.x
`,
      "docker-cache.yaml",
    );
  const problemsOf = (range: string) => {
    const parsed = parse(range);
    return parsed.ok ? "" : formatProblems(parsed.problems);
  };

  test("the problem names its line and the fix, which helps", () => {
    const problems = problemsOf(SHIPPED);
    expect(problems).toContain("docker-cache.yaml:7:23: caches.ci.rotation.lambda_runtime\n");
    const fix = /fix {7}set aws_provider_version: "([^"]+)" at the top, or lambda_runtime: nodejs22\.x\n/.exec(
      problems,
    );
    expect(problemsOf(fix?.[1] ?? "no fix")).toBe("");
  });

  test("a range that is none is the only problem: nobody knows what it would have been", () => {
    expect(problemsOf("6.x")).toMatch(/^docker-cache\.yaml:1:23: aws_provider_version\n[\s\S]*\n1 problem in/);
  });
});
