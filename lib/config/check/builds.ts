/** Checks of the times of builds, and that those of a replicating cache keep clear of DLM. */
import {
  defaultReplicateAt,
  gateAt,
  isTimeZone,
  longestBuild,
  minutesOf,
  REPLICATION_MINUTES,
  timeOf,
  toUtc,
  utcOffsets,
} from "../resolve/build-times";
import { expressionProblem } from "../resolve/cadence";
import { isCopied } from "../resolve/regional";
import type { CacheConfig } from "../schema/schema";
import { nearestTo } from "../text/nearest";
import type { CacheCheck, Finding } from "../text/problem";

type Build = CacheConfig["build"];

/** The time zone exists. */
export const checkTimeZone: CacheCheck = (config, cache) => {
  const { time_zone } = config.caches[cache]!.build;
  if (isTimeZone(time_zone)) return [];
  const nearest = nearestTo(time_zone, ["UTC", ...Intl.supportedValuesOf("timeZone")]);
  return [
    {
      path: ["caches", cache, "build", "time_zone"],
      found: `"${time_zone}"`,
      expected: "the IANA name of a time zone such as UTC or Europe/Berlin",
      fix: nearest ? `write ${nearest}` : "look it up under https://www.iana.org/time-zones",
    },
  ];
};

/** An expression is one that EventBridge Scheduler takes, and is not mixed with times of day. */
export const checkExpression: CacheCheck = (config, cache) => {
  const { expression, at } = config.caches[cache]!.build;
  if (expression === null) return [];
  const path = ["caches", cache, "build", "expression"];
  const problem = expressionProblem(expression);
  const findings: Finding[] = [];
  if (problem !== undefined) {
    const expected = "rate(N minutes|hours|days), or cron() of six fields, that builds again and again";
    findings.push({ path, found: `${expression}: ${problem}`, expected, fix: "correct it, or use `at`" });
  }
  if (at.length > 0) {
    const expected = "either times of day or an expression";
    const found = `${expression} beside \`at: [${at.join(", ")}]\``;
    findings.push({ path, found, expected, fix: "add `at: []`, or remove the expression" });
  }
  return findings;
};

/** Each time of day stands there once, for each is a schedule by its name. */
export const checkDuplicateTimes: CacheCheck = (config, cache) => {
  const { at } = config.caches[cache]!.build;
  return at.flatMap((time, index) =>
    at.indexOf(time) === index
      ? []
      : [
          {
            path: ["caches", cache, "build", "at", index],
            found: `${time} again`,
            expected: "each time once",
            fix: "remove it",
          },
        ],
  );
};

/** Caches that are copied are built at times of day, for only those can be kept clear of the replication. */
export const checkReplicates: CacheCheck = (config, cache) => {
  const { build } = config.caches[cache]!;
  if (!isCopied(config, cache)) return [];
  if (build.expression !== null) {
    const path = ["caches", cache, "build", "expression"];
    const expected = "times of day in `at`, since other regions copy the cache and builds must keep clear of that";
    return [{ path, found: build.expression, expected, fix: 'remove it, and give `at`, such as ["02:00"]' }];
  }
  if (build.at.length > 0 || build.replicate_at !== null) return [];
  const expected = "`replicate_at`, since other regions copy the cache and no build time says when";
  return [
    { path: ["caches", cache, "build", "replicate_at"], found: "nothing", expected, fix: 'add replicate_at: "06:00"' },
  ];
};

/** No scheduled build meets a closed gate, in any offset of its time zone, at the worst of its launch retries. */
export const checkGate: CacheCheck = (config, cache) => {
  const { build } = config.caches[cache]!;
  const { at, replicate_at } = build;
  if (!isCopied(config, cache) || at.length === 0 || !isTimeZone(build.time_zone)) return [];
  const replicateAt = replicate_at ?? defaultReplicateAt(build)!;
  return at.flatMap((time, index) => {
    const meeting = closedGate(build, time, replicateAt);
    if (meeting === undefined) return [];
    const given =
      replicate_at === null ? `${replicateAt} UTC, which follows from the first build` : `${replicateAt} UTC`;
    return [
      {
        path: ["caches", cache, "build", "at", index],
        found: `${time} ${build.time_zone} (${timeOf(meeting.utc)} UTC), ${meeting.gate === "before" ? tooLate(build) : "too soon after"} the replication at ${given}`,
        expected: `builds whose launch retries, boot and watchdog (${longestBuild(build)} minutes) end before the replication, and that begin over ${REPLICATION_MINUTES} minutes after it`,
        fix: suggest(build),
      },
    ];
  });
};

function tooLate(build: Build): string {
  return `which with ${build.launch_retry_minutes} minutes of retries and a watchdog of ${build.watchdog_minutes} may not end before`;
}

function closedGate(build: Build, time: string, replicateAt: string) {
  return utcOffsets(build.time_zone)
    .map((offset) => toUtc(minutesOf(time), offset))
    .map((utc) => ({ utc, gate: gateAt(utc, minutesOf(replicateAt), longestBuild(build)) }))
    .find(({ gate }) => gate !== "open");
}

/** The first full hour of the day at which every build would find the gate open. */
function suggest(build: Build): string {
  const hours = Array.from({ length: 24 }, (_, hour) => timeOf(hour * 60));
  const open = hours.find((hour) => build.at.every((time) => closedGate(build, time, hour) === undefined));
  return open === undefined
    ? "no `replicate_at` fits: build less often, or lower `launch_retry_minutes` or `watchdog_minutes`"
    : `set replicate_at: "${open}", or move the build`;
}
