/** The names that are made of the configuration's fit where AWS puts them: lengths and characters of each service. */
import { ARCHITECTURES, parameterPaths, resourceNames } from "../../contract";
import { regionsOf } from "../resolve/regional";
import type { CacheCheck, ConfigCheck, Finding } from "../text/problem";

/** What a service takes as a name. */
interface Limit {
  readonly what: string;
  readonly maximum: number;
  readonly pattern: RegExp;
}

const IAM = /^[\w+=,.@-]+$/;
const ROLE: Limit = { what: "an IAM role", maximum: 64, pattern: IAM };
const QUEUE: Limit = { what: "an SQS queue", maximum: 80, pattern: /^[A-Za-z0-9_-]+$/ };
const LOG_GROUP: Limit = { what: "a log group", maximum: 512, pattern: /^[\w./#-]+$/ };
const LAUNCH_TEMPLATE: Limit = { what: "a launch template", maximum: 128, pattern: /^[\w.()/-]+$/ };
const SCHEDULE: Limit = { what: "an EventBridge schedule", maximum: 64, pattern: /^[\w.-]+$/ };
const RULE: Limit = { what: "an EventBridge rule", maximum: 64, pattern: /^[\w.-]+$/ };
const FUNCTION: Limit = { what: "a Lambda function", maximum: 64, pattern: /^[A-Za-z0-9_-]+$/ };
const ALARM: Limit = { what: "a CloudWatch alarm", maximum: 255, pattern: /^[ -~]+$/ };
const PARAMETER: Limit = { what: "a parameter", maximum: 1011, pattern: /^(\/[\w.-]+)+$/ };
const TOPIC: Limit = { what: "an SNS topic", maximum: 256, pattern: /^[\w-]+$/ };
const DASHBOARD: Limit = { what: "a CloudWatch dashboard", maximum: 255, pattern: /^[\w-]+$/ };
const DESCRIPTION: Limit = { what: "a DLM policy's description", maximum: 500, pattern: /^[\w -]+$/ };

type Names = ReturnType<typeof resourceNames>;
/** What each name becomes, with the longest ending that the stacks give it. */
const USES: Readonly<Record<keyof Names, readonly (readonly [ending: string, limit: Limit])[]>> = {
  builder: [
    ["", LAUNCH_TEMPLATE],
    ["-expression", SCHEDULE],
  ],
  builderRole: [["", ROLE]],
  schedulerRole: [["", ROLE]],
  dlmRole: [["", ROLE]],
  builderLogGroup: [["", LOG_GROUP]],
  builderDeadLetterQueue: [["", QUEUE]],
  rotation: [
    ["", FUNCTION],
    ["-reconcile", RULE],
    ["-overdue-deletions", ALARM],
  ],
  rotationRole: [["", ROLE]],
  rotationLogGroup: [["", LOG_GROUP]],
  rotationDeadLetterQueue: [["", QUEUE]],
  worker: [["", LAUNCH_TEMPLATE]],
  workerRole: [["", ROLE]],
};

/** Names of one cache. Of several that are too long, the longest by far tells enough: one problem for each region and architecture. */
export const checkCacheNames: CacheCheck = (config, cache) => {
  const architectures = ARCHITECTURES.filter((name) => config.caches[cache]!.architectures[name]);
  return regionsOf(config, cache).flatMap((region) =>
    architectures.flatMap((architecture) => {
      const names = resourceNames(cache, architecture, region);
      const uses = [
        ...Object.entries(USES).flatMap(([key, places]) =>
          places.map(([ending, limit]) => ({ name: `${names[key as keyof Names]}${ending}`, limit })),
        ),
        ...Object.values(parameterPaths(cache, architecture)).map((path) => ({ name: `${path}/0`, limit: PARAMETER })),
        { name: `Copies of the Docker cache ${cache} ${architecture}`, limit: DESCRIPTION },
      ];
      return worst(["caches", cache], uses, `shorten the cache's name`);
    }),
  );
};

/** Names of the stacks and what is called after them. */
export const checkProjectNames: ConfigCheck = ({ project, regions }) => {
  const dashboards = Object.keys(regions).map((region) => ({
    name: `${project}-rotation-${region}`,
    limit: DASHBOARD,
  }));
  return worst(["project"], [{ name: `${project}-rotation-alarms`, limit: TOPIC }, ...dashboards], "shorten it");
};

function worst(path: Finding["path"], uses: readonly { name: string; limit: Limit }[], fix: string): Finding[] {
  const over = ({ name, limit }: { name: string; limit: Limit }) => name.length - limit.maximum;
  const longest = [...uses].sort((a, b) => over(b) - over(a))[0]!;
  const findings = uses
    .filter(({ name, limit }) => !limit.pattern.test(name))
    .map(({ name, limit }) => ({ path, found: name, expected: `${limit.pattern} as the name of ${limit.what}`, fix }));
  if (over(longest) <= 0) return findings;
  const { name, limit } = longest;
  const found = `${name}, ${name.length} characters`;
  const expected = `at most ${limit.maximum} characters as the name of ${limit.what}`;
  return [{ path, found, expected, fix: `${fix} by ${over(longest)}` }, ...findings];
}
