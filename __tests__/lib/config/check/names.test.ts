import { checkCacheNames, checkProjectNames } from "../../../../lib/config/check/names";
import type { Config } from "../../../../lib/config/schema/schema";
import { configOf, shown } from "../sample";

/** A configuration whose only cache has a name that the schema might have refused. */
function named(name: string, regions: string[], architectures: object = { x86_64: {} }): Config {
  const config = configOf({ architectures }, { regions: Object.fromEntries(regions.map((region) => [region, {}])) });
  return { ...config, caches: { [name]: config.caches.ci! } };
}

test("the longest of the names decides, and the problem shows it", () => {
  const name = "a".repeat(20);
  expect(checkCacheNames(named(name, ["us-east-1"]), name)).toEqual([]);
  const findings = checkCacheNames(named(name, ["us-east-1", "ap-southeast-1"], { x86_64: {}, arm64: {} }), name);
  expect(findings).toEqual([
    {
      path: ["caches", name],
      found: `docker-cache-${name}-x86_64-scheduler-ap-southeast-1, 65 characters`,
      expected: "at most 64 characters as the name of an IAM role",
      fix: "shorten the cache's name by 1",
    },
  ]);
});

test("characters that a service refuses are problems too", () => {
  const findings = checkCacheNames(named("a b", ["us-east-1"]), "a b");
  expect(shown(findings)).toContain("caches.a b: docker-cache-a b-x86_64-builder-dlq");
  expect(findings.every(({ expected }) => / as the name of an? /.test(expected))).toBe(true);
});

test("the project's name goes into topics, dashboards and routers", () => {
  expect(checkProjectNames(configOf({}, { project: "a".repeat(32) }))).toEqual([]);
  const long = { ...configOf(), project: "a".repeat(240) };
  expect(shown(checkProjectNames(long))).toEqual([`project: ${long.project}-router-eu-west-1, 257 characters`]);
  expect(checkProjectNames({ ...long, project: "a".repeat(241), regions: {} })[0]!.expected).toBe(
    "at most 256 characters as the name of an SNS topic",
  );
});
