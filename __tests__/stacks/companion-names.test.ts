/**
 * A companion says which names its entries take, and a configuration is checked against that. What the stacks of its example make has to be in what it
 * says: a name that is forgotten would clash in AWS alone.
 */

import { entriesOf, placesOf } from "../../lib/config/resolve/entries";
import type { NameKind } from "../../lib/config/schema/aws-names";
import { readEverything, synthesizeEverything } from "../../scripts/generate/everything";
import { companionNoun, companionsOf, type Noun } from "../../stacks/faces/noun";
import { NOUNS } from "../../stacks/nouns";
import { sampleCache } from "../fixtures/sample-cache/sample-cache";
import { createSampleCacheModule } from "../fixtures/sample-cache/sample-cache-module";
import { SampleCacheStack } from "../fixtures/sample-cache/sample-cache-stack";
import { filledIn, nameIn, regionOf } from "./names";

/** Kinds of names by type. Alarm topics are the noun's, no entry's. */
const KINDS: Readonly<Record<string, NameKind>> = {
  aws_budgets_budget: "budget",
  aws_cloudwatch_event_rule: "rule",
  aws_cloudwatch_log_group: "logGroup",
  aws_cloudwatch_metric_alarm: "alarm",
  aws_codebuild_project: "codebuildProject",
  aws_ecr_repository: "ecrRepository",
  aws_iam_policy: "iamPolicy",
  aws_iam_role: "iamRole",
  aws_lambda_function: "lambdaFunction",
  aws_s3_bucket: "bucket",
  aws_sqs_queue: "sqsQueue",
  aws_ssm_parameter: "parameter",
};

/** Names that the companions' stacks make and their entries do not say, with the stack. */
function unsaid(nouns: readonly Noun[]): string[] {
  const companions = companionsOf(nouns);
  const config = readEverything(companions);
  const stacks = synthesizeEverything(nouns);
  const all = entriesOf(config, companions);
  return companions.flatMap((companion) => {
    const own = all.filter((entry) => entry.companion === companion);
    const places = own.flatMap((entry) => placesOf(config, entry, all));
    return stacks.flatMap(({ name: stack, resource }) => {
      const region = regionOf(companion.noun, stack);
      if (region === undefined) return [];
      const said = places
        .filter((place) => place.region === region)
        .flatMap((place) => companion.names(place).map(({ kind, name }) => `${kind} ${name}`));
      const made = Object.entries(KINDS).flatMap(([type, kind]) =>
        Object.values(resource[type] ?? {}).map((block) => `${kind} ${filledIn(nameIn(block) ?? "", region)}`),
      );
      return made.filter((one) => !said.includes(one)).map((one) => `${stack}: ${one}`);
    });
  });
}

const parts = { Stack: SampleCacheStack, createModule: createSampleCacheModule };

test("every noun's", () => {
  expect(unsaid(NOUNS)).toEqual([]);
});

test("the sample's", () => {
  expect(unsaid([companionNoun(sampleCache, parts)])).toEqual([]);
});

test("a name that a companion forgets is told, in each region", () => {
  const forgetful: typeof sampleCache = {
    ...sampleCache,
    names: (place) => sampleCache.names(place).filter(({ kind }) => kind !== "iamRole"),
  };
  expect(unsaid([companionNoun(forgetful, parts)])).toEqual([
    "docker-cache-sample-cache-eu-west-1: iamRole docker-cache-sample-cache-app-eu-west-1",
    "docker-cache-sample-cache-us-east-1: iamRole docker-cache-sample-cache-app-us-east-1",
  ]);
});
