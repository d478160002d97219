/** Values that name a region, or go with a network or a role, stand in their proper place. */

import { buildingRegions, regionalOf, regionalPath, regionsOf } from "../resolve/regional";
import { INSTANCE_NOUNS } from "../schema/fields";
import type { CacheCheck, ConfigCheck, Finding, Path } from "../text/problem";

/** The keys of a cache are of the regions that use them. */
export const checkKeys: CacheCheck = (config, cache) =>
  regionsOf(config, cache).flatMap((region) =>
    inRegion(regionalPath(config, cache, region, "kms_key_arn"), regionalOf(config, cache, region).kms_key_arn, region),
  );

/** So are those of the registries' secrets. */
export const checkSecretKeys: CacheCheck = (config, cache) => {
  const { registries, regions } = config.caches[cache]!;
  return buildingRegions(config, cache).flatMap((region) => {
    const own = regions[region]?.registries;
    const path = own ? ["caches", cache, "regions", region, "registries"] : ["caches", cache, "registries"];
    return (own ?? registries).flatMap(({ kms_key_arn }, index) =>
      inRegion([...path, index, "kms_key_arn"], kms_key_arn, region).map((finding) => ({
        ...finding,
        fix: `give the registries of ${region} under caches.${cache}.regions.${region}.registries`,
      })),
    );
  });
};

/** The key of a region, its topic and that of the state. */
export const checkRegions: ConfigCheck = (config) => [
  ...Object.entries(config.regions).flatMap(([region, { notifications }]) => [
    ...inRegion(["regions", region, "notifications", "topic_arn"], notifications.topic_arn, region),
    ...either(["regions", region, "notifications", "email"], notifications),
  ]),
  ...(config.state.backend === "s3"
    ? inRegion(["state", "kms_key_arn"], config.state.kms_key_arn, config.state.region)
    : []),
];

function inRegion(path: Path, arn: string | null, region: string): Finding[] {
  const actual = arn?.split(":")[3];
  if (actual === undefined || actual === region) return [];
  return [
    { path, found: `${arn}, which is of ${actual}`, expected: `an ARN of ${region}`, fix: `name one of ${region}` },
  ];
}

function either(path: Path, { email, topic_arn }: { email: string | null; topic_arn: string | null }): Finding[] {
  if (email === null || topic_arn === null) return [];
  const expected = "an address, or a topic of yours: only a topic of ours gets subscriptions";
  return [
    {
      path,
      found: `${email} beside a topic`,
      expected,
      fix: "subscribe the address to your topic, and remove it here",
    },
  ];
}

/** A public address is a matter of the subnet that is named. */
export const checkAddresses: CacheCheck = (config, cache) =>
  regionsOf(config, cache).flatMap((region) =>
    INSTANCE_NOUNS.flatMap((noun) => {
      const { subnet_id, associate_public_ip_address: asked } = regionalOf(config, cache, region)[noun];
      if (asked === null || subnet_id !== null) return [];
      const path = regionalPath(config, cache, region, noun, "associate_public_ip_address");
      const expected = "`subnet_id` beside it, for without one the default subnet decides";
      return [{ path, found: `${asked}`, expected, fix: "add subnet_id, or remove it" }];
    }),
  );

/** Policies are attached to our role, which an instance profile of the user's does without. */
export const checkProfile: CacheCheck = (config, cache) => {
  const { instance_profile_name: profile, policy_arns: policies } = config.caches[cache]!.worker;
  if (profile === null || policies.length === 0) return [];
  const path = ["caches", cache, "worker", "policy_arns"];
  const expected = "none beside an instance profile of your own, whose role is yours to give policies";
  return [
    { path, found: policies.join(", "), expected, fix: `attach them to the role of ${profile}, and remove them here` },
  ];
};

/** A registry is logged in to once: in the list of the cache, and in each that takes its place in a region. */
export const checkRegistries: CacheCheck = (config, cache) => {
  const { registries, regions } = config.caches[cache]!;
  const at = ["caches", cache];
  return [
    ...eachOnce([...at, "registries"], registries),
    ...Object.entries(regions).flatMap(([region, own]) =>
      eachOnce([...at, "regions", region, "registries"], own.registries ?? []),
    ),
  ];
};

function eachOnce(path: Path, registries: readonly { readonly host: string }[]): Finding[] {
  const hosts = registries.map(({ host }) => host);
  return hosts.flatMap((host, index) =>
    hosts.indexOf(host) === index
      ? []
      : [
          {
            path: [...path, index, "host"],
            found: `${host} again`,
            expected: "each registry once",
            fix: "remove one of the two",
          },
        ],
  );
}
