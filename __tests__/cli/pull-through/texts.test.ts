/** What `url` and `env` print. */
import { spawnSync } from "node:child_process";
import { environmentOf, linesOf } from "../../../cli/pull-through/environment";
import { assertReferences, rewrite } from "../../../cli/pull-through/rewrite";
import { sectionsOf } from "../../../cli/pull-through/sections";
import { registryAt, registryOf } from "../../../cli/registry";
import { UsageError } from "../../../cli/usage-error";
import type { Region } from "../../../lib/config/cell";
import { ACCOUNT, HOST, HUB, PUBLIC, REGION, RULES, rule, settings } from "./rules";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("url", () => {
  test("the issue's example gives both cached references, and says what limits a digest", () => {
    expect(rewrite(["debian:bookworm-slim", `ghcr.io/acme/x@${DIGEST}`], RULES, HOST)).toEqual([
      {
        reference: "debian:bookworm-slim",
        pull: `${HOST}/docker-hub/library/debian:bookworm-slim`,
        note: null,
      },
      {
        reference: `ghcr.io/acme/x@${DIGEST}`,
        pull: `${HOST}/github/acme/x@${DIGEST}`,
        note: "ECR serves a digest only once a tag has brought it",
      },
    ]);
  });

  test.each([
    ["registry.example:5000/x", RULES, /^no rule serves registry\.example:5000\/x; rules serve docker\.io, /],
    ["acme/x", [PUBLIC], /ECR Public has its official images alone/],
    ["acme/x", [], /rules serve nothing$/],
    [`${HOST}/docker-hub/library/debian:1`, RULES, /in this registry already/],
    [`ghcr.io/${"a/".repeat(126)}b`, RULES, /its name in ECR is no name: the repository has 260 characters/],
  ])("%s stays as it is, with the reason", (reference, rules, reason) => {
    expect(rewrite([reference], rules, HOST)).toEqual([
      { reference, pull: reference, note: expect.stringMatching(reason) },
    ]);
  });

  test("texts that are no references are mistakes, all of them told", () => {
    expect(() => assertReferences(["debian", "quay.io/a"])).not.toThrow();
    const wrong = () => assertReferences(["debian", "Debian", "a:-"]);
    expect(wrong).toThrow(UsageError);
    expect(wrong).toThrow(/"Debian": the repository .* lower case\nimage reference "a:-": "-" is no tag/);
  });
});

describe("env", () => {
  const of = (rules: Parameters<typeof environmentOf>[0], name?: string) =>
    environmentOf(rules, { host: HOST, accountId: ACCOUNT }, REGION, name);

  test.each([
    ["the rule of Docker Hub", RULES, undefined, `${HOST}/docker-hub`],
    ["its rule under another prefix", [rule("hub", "docker.io"), PUBLIC], undefined, `${HOST}/hub`],
    ["ECR Public, which has the official images", [PUBLIC], undefined, `${HOST}/ecr-public/docker`],
    ["a rule that is named", RULES, "quay", `${HOST}/quay`],
    ["ECR Public, if it is named", RULES, "ecr-public", `${HOST}/ecr-public`],
  ])("%s", (_, rules, name, url) => {
    expect(of(rules, name)).toEqual({ ECR_REGISTRY_URL: url, ECR_ACCOUNT_ID: ACCOUNT, ECR_REGION: REGION });
  });

  test.each([
    [
      "a rule that is not there",
      RULES,
      "hub",
      "there is no rule hub; the rules are docker-hub, ecr-public, github, quay",
    ],
    ["nothing for Docker Hub", [rule("quay", "quay.io")], undefined, "say --rule; the rules are quay"],
    ["no rule at all", [], undefined, "the rules are none"],
    ["ECR Public under another prefix", [rule("mine", "public.ecr.aws")], undefined, "the rules are mine"],
  ])("%s is a mistake that names the rules", (_, rules, name, message) => {
    expect(() => of(rules, name)).toThrow(UsageError);
    expect(() => of(rules, name)).toThrow(message);
  });

  test("a shell takes the lines as they are, and the Dockerfile's image goes through ECR", () => {
    const script = 'eval "$0"; printf "%s\\n" "$ECR_ACCOUNT_ID" "$ECR_REGION" "${ECR_REGISTRY_URL}/library/debian:1"';
    const { stdout } = spawnSync("sh", ["-c", script, linesOf(of([PUBLIC])).join("\n")], { encoding: "utf8" });
    expect(stdout).toBe(`${ACCOUNT}\n${REGION}\n${HOST}/ecr-public/docker/library/debian:1\n`);
    expect(`${of([HUB]).ECR_REGISTRY_URL}/library/debian:1`).toBe(rewrite(["debian:1"], [HUB], HOST)[0]?.pull);
    expect(`${of([PUBLIC]).ECR_REGISTRY_URL}/library/debian:1`).toBe(rewrite(["debian:1"], [PUBLIC], HOST)[0]?.pull);
  });

  test("a value that a shell would run is never printed", () => {
    expect(() => linesOf(of([rule("a;b", "docker.io")]))).toThrow(/ECR_REGISTRY_URL would be/);
  });
});

describe("the registry", () => {
  test.each([
    ["eu-west-1", "amazonaws.com"],
    ["us-gov-west-1", "amazonaws.com"],
    ["cn-north-1", "amazonaws.com.cn"],
    ["eusc-de-east-1", "amazonaws.eu"],
    ["us-iso-east-1", "c2s.ic.gov"],
    ["us-isob-east-1", "sc2s.sgov.gov"],
  ])("of an account in %s is below %s, and is found at its URL", (region, domain) => {
    const registry = { host: `${ACCOUNT}.dkr.ecr.${region}.${domain}`, accountId: ACCOUNT };
    expect(registryOf(ACCOUNT, region)).toEqual(registry);
    expect(registryAt(`https://${registry.host}`, region)).toEqual(registry);
  });

  test.each(["12345678901", "1234567890123", "12345678901x", "$(id)"])("%s is no account", (accountId) => {
    expect(() => registryOf(accountId, REGION)).toThrow(UsageError);
  });

  test.each([
    `https://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`,
    `https://${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com.evil.example`,
    `https://${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com.cn`,
    `https://${HOST}/$(id)`,
    "",
  ])("%j is none of the region", (url) => {
    expect(() => registryAt(url, REGION)).toThrow("is no registry of ECR in eu-west-1");
  });
});

test("the sections are those of the regions that have the noun, with the names of their stacks", () => {
  const region = (name: string, companions: Region["companions"]) =>
    ({ name, companions, cells: [], kmsKeyArn: null, notifications: { email: null, topicArn: null } }) satisfies Region;
  const other = { ...settings([]), noun: "other" };
  const regions = [region("eu-west-1", [other, settings(RULES)]), region("us-east-1", [other])];
  expect(sectionsOf({ project: "ci", regions })).toEqual([
    { region: "eu-west-1", stack: "ci-pull-through-eu-west-1", settings: settings(RULES) },
  ]);
});
