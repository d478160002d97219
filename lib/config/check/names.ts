/** Checks that the names made from the configuration's fit AWS: lengths and characters of each service. */
import { ARCHITECTURES, alarmTopicName, parameterPaths, resourceNames, routerNames } from "../../contract";
import { regionsOf } from "../resolve/regional";
import { type AwsName, limitOf, type NameKind } from "../schema/aws-names";
import type { Config } from "../schema/schema";
import type { CacheCheck, ConfigCheck, Finding } from "../text/problem";

type Names = ReturnType<typeof resourceNames>;
/** Uses of each name, with the longest ending that the stacks give it. */
const USES: Readonly<Record<keyof Names, readonly (readonly [ending: string, kind: NameKind])[]>> = {
  builder: [
    ["", "launchTemplate"],
    ["-expression", "schedule"],
  ],
  builderRole: [["", "iamRole"]],
  schedulerRole: [["", "iamRole"]],
  dlmRole: [["", "iamRole"]],
  builderLogGroup: [["", "logGroup"]],
  manifestLogGroup: [["", "logGroup"]],
  builderDeadLetterQueue: [["", "sqsQueue"]],
  rotation: [
    ["", "lambdaFunction"],
    ["-reconcile", "rule"],
    ["-overdue-deletions", "alarm"],
  ],
  rotationRole: [["", "iamRole"]],
  rotationLogGroup: [["", "logGroup"]],
  rotationDeadLetterQueue: [["", "sqsQueue"]],
  rotationAlarmTopic: [["", "snsTopic"]],
  worker: [["", "launchTemplate"]],
  workerRole: [["", "iamRole"]],
};

/** Names that a cache takes in a region, for each of its architectures. */
export function namesOf(config: Config, cache: string, region: string): AwsName[][] {
  const architectures = ARCHITECTURES.filter((name) => config.caches[cache]!.architectures[name]);
  return architectures.map((architecture) => {
    const names = resourceNames(cache, architecture, region);
    return [
      ...Object.entries(USES).flatMap(([key, places]) =>
        places.map(([ending, kind]) => ({ kind, name: `${names[key as keyof Names]}${ending}` })),
      ),
      ...Object.values(parameterPaths(cache, architecture)).map(
        (path): AwsName => ({ kind: "parameter", name: `${path}/0` }),
      ),
      { kind: "dlmDescription", name: `Copies of the Docker cache ${cache} ${architecture}` },
    ];
  });
}

/** Names of one cache. Of several that are too long, the longest by far tells enough: one problem for each region and architecture. */
export const checkCacheNames: CacheCheck = (config, cache) =>
  regionsOf(config, cache).flatMap((region) =>
    namesOf(config, cache, region).flatMap((names) =>
      unfit(["caches", cache], names, { long: "shorten the cache's name", other: "rename the cache" }),
    ),
  );

/** Names of the stacks and what is called after them. */
export const checkProjectNames: ConfigCheck = ({ project, regions }) => {
  const dashboards = Object.keys(regions).map(
    (region): AwsName => ({ kind: "dashboard", name: `${project}-rotation-${region}` }),
  );
  const routers = Object.keys(regions).flatMap((region): AwsName[] => {
    const { router, routerRole, routerLogGroup } = routerNames(project, region);
    return [
      ...(["lambdaFunction", "rule", "sqsQueue"] as const).map((kind) => ({ kind, name: router })),
      { kind: "iamRole", name: routerRole },
      { kind: "logGroup", name: routerLogGroup },
    ];
  });
  const topic = { kind: "snsTopic", name: alarmTopicName(project, "rotation") } as const;
  return unfit(["project"], [topic, ...dashboards, ...routers], { long: "shorten it", other: "rename it" });
};

/** What to do about a name that is too long, and about any other that does not fit. */
interface Fixes {
  readonly long: string;
  readonly other: string;
}

/** A name without the keys that lead to it. */
type Named = Omit<AwsName, "path">;

/** Returns what is wrong with names that come of one place: every one with characters that its service refuses, and the longest by far. */
export function unfit(path: Finding["path"], names: readonly Named[], fix: Fixes): Finding[] {
  const over = ({ name, kind }: Named) => name.length - limitOf(kind).maximum;
  const longest = [...names].sort((a, b) => over(b) - over(a))[0];
  const findings = names.flatMap(({ name, kind }) => {
    const { what, pattern, characters, minimum = 1 } = limitOf(kind);
    const short = name.length < minimum && `at least ${minimum} characters as the name of ${what}`;
    const expected = short || (!pattern.test(name) && `${characters} as the name of ${what}`);
    return expected ? [{ path, found: name, expected, fix: fix.other }] : [];
  });
  if (longest === undefined || over(longest) <= 0) return findings;
  const { name, kind } = longest;
  const found = `${name}, ${name.length} characters`;
  const expected = `at most ${limitOf(kind).maximum} characters as the name of ${limitOf(kind).what}`;
  return [{ path, found, expected, fix: `${fix.long} by ${over(longest)}` }, ...findings];
}
