import {
  checkAddresses,
  checkKeys,
  checkProfile,
  checkRegions,
  checkRegistries,
  checkSecretKeys,
} from "../../../../lib/config/check/places";
import { arn, configOf, copying, shown } from "../sample";

test("keys are of their region, and the problem stands where the key does", () => {
  const of = (cache: object, top: object) => shown(checkKeys(configOf(cache, top), "ci"));
  const key = { kms_key_arn: arn("eu-west-1") };
  expect(of({}, { regions: { "eu-west-1": key } })).toEqual([]);
  expect(of({}, { regions: { "us-east-1": key } })).toEqual([
    `regions.us-east-1.kms_key_arn: ${arn("eu-west-1")}, which is of eu-west-1`,
  ]);
  expect(of({ regions: { "us-east-1": key } }, { regions: { "us-east-1": {} } })).toEqual([
    `caches.ci.regions.us-east-1.kms_key_arn: ${arn("eu-west-1")}, which is of eu-west-1`,
  ]);
});

describe("keys of secrets", () => {
  const registries = [{ host: "ghcr.io", secret_name: "x", kms_key_arn: arn("eu-west-1") }];

  test("are of the regions that build", () => {
    expect(checkSecretKeys(configOf({ registries }, copying("us-east-1")), "ci")).toEqual([]);
    const both = { regions: { "eu-west-1": {}, "us-east-1": {} } };
    const findings = checkSecretKeys(configOf({ registries }, both), "ci");
    expect(shown(findings)).toEqual([`caches.ci.registries.0.kms_key_arn: ${arn("eu-west-1")}, which is of eu-west-1`]);
    expect(findings[0]!.fix).toBe("give the registries of us-east-1 under caches.ci.regions.us-east-1.registries");
    const own = { "us-east-1": { registries: [{ host: "ghcr.io", secret_name: "x", kms_key_arn: arn("us-east-1") }] } };
    expect(checkSecretKeys(configOf({ registries, regions: own }, both), "ci")).toEqual([]);
  });

  test("given for a region are of it", () => {
    const regions = {
      "eu-west-1": { registries: [{ host: "a.io", secret_name: "x", kms_key_arn: arn("us-east-1") }] },
    };
    expect(shown(checkSecretKeys(configOf({ registries, regions }), "ci"))).toEqual([
      `caches.ci.regions.eu-west-1.registries.0.kms_key_arn: ${arn("us-east-1")}, which is of us-east-1`,
    ]);
  });
});

test.each<[object, string[]]>([
  [{}, []],
  [{ state: { backend: "s3", bucket: "state", region: "eu-west-1" } }, []],
  [{ state: { backend: "s3", bucket: "state", region: "eu-west-1", kms_key_arn: arn("eu-west-1") } }, []],
  [
    { state: { backend: "s3", bucket: "state", region: "eu-west-1", kms_key_arn: arn("us-east-1") } },
    [`state.kms_key_arn: ${arn("us-east-1")}, which is of us-east-1`],
  ],
  [
    { regions: { "eu-west-1": { notifications: { topic_arn: arn("us-east-1", "sns", "t") } } } },
    [`regions.eu-west-1.notifications.topic_arn: ${arn("us-east-1", "sns", "t")}, which is of us-east-1`],
  ],
  [
    {
      regions: { "eu-west-1": { notifications: { topic_arn: arn("eu-west-1", "sns", "t"), email: "a@example.com" } } },
    },
    ["regions.eu-west-1.notifications.email: a@example.com beside a topic"],
  ],
  [{ regions: { "eu-west-1": { notifications: { email: "a@example.com" } } } }, []],
])("state and topics are of their region: %j", (top, found) => {
  expect(shown(checkRegions(configOf({}, top)))).toEqual(found);
});

test("a public address goes with a subnet", () => {
  const of = (builder: object) => shown(checkAddresses(configOf({}, { regions: { "eu-west-1": { builder } } }), "ci"));
  expect(of({ subnet_id: "subnet-11111111", associate_public_ip_address: true })).toEqual([]);
  expect(of({ associate_public_ip_address: false })).toEqual([
    "regions.eu-west-1.builder.associate_public_ip_address: false",
  ]);
});

test("policies are for our role", () => {
  const policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"];
  const of = (worker: object) => shown(checkProfile(configOf({ worker }), "ci"));
  expect(of({ policy_arns })).toEqual([]);
  expect(of({ instance_profile_name: "mine" })).toEqual([]);
  expect(of({ instance_profile_name: "mine", policy_arns })).toEqual([
    `caches.ci.worker.policy_arns: ${policy_arns[0]}`,
  ]);
});

test("a registry stands there once", () => {
  const registries = ["a.io", "b.io", "a.io"].map((host) => ({ host, secret_name: "x" }));
  expect(shown(checkRegistries(configOf({ registries }), "ci"))).toEqual(["caches.ci.registries.2.host: a.io again"]);
  expect(shown(checkRegistries(configOf({ regions: { "eu-west-1": { enabled: true } } }), "ci"))).toEqual([]);
  expect(shown(checkRegistries(configOf({ regions: { "eu-west-1": { registries } } }), "ci"))).toEqual([
    "caches.ci.regions.eu-west-1.registries.2.host: a.io again",
  ]);
});
