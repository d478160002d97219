/** What the configuration's checks refuse of a layer cache (lib/config/companions/layer-cache-checks.ts), for what only the plan knows. */
import { limitOf } from "../../lib/config/schema/aws-names";
import { bucketName, RESERVED_BUCKET, repositories } from "../../lib/layer-cache";
import type { Inputs } from "../faces/module-inputs";
import { rule, tagRules } from "../faces/module-rules";
import type { ModuleStack, Rule } from "../faces/module-stack";
import { currentOf } from "../parts/current";
import { hcl, str } from "../terraform/expression";
import { asRe2 } from "../terraform/re2";

export function layerCacheRules(module: ModuleStack, inputs: Inputs): Rule[] {
  const [backend, bucket] = [inputs.text("backend"), inputs.text("bucket")];
  return [
    ...tagRules(inputs),
    rule(
      str`${backend} == "s3" || ${bucket} == null`,
      "bucket",
      str`coalesce(${bucket}, "none")`,
      "none with backend: ecr, which has repositories of the entry's own",
      'Remove it, or write backend = "s3"',
    ),
    rule(
      str`!can(regex(${asRe2(RESERVED_BUCKET.source)}, coalesce(${bucket}, "none")))`,
      "bucket",
      str`coalesce(${bucket}, "none")`,
      "a name that S3 gives to buckets: no address, no two dots in a row, nothing that S3 reserves",
      "Name a general purpose bucket",
    ),
    lengthRule(module, inputs),
    repositoryRule(inputs),
  ];
}

/** A bucket's name that is made of the entry's is not too long, in this account and region. */
function lengthRule(module: ModuleStack, inputs: Inputs): Rule {
  const { account, region } = currentOf(module);
  const { maximum, what } = limitOf("bucket");
  const name = bucketName(inputs.text("name"), account, region);
  return rule(
    str`${inputs.text("backend")} != "s3" || ${inputs.text("bucket")} != null || length(${name}) <= ${maximum}`,
    "name",
    `${name}, ${str`length(${name})`} characters`,
    `at most ${maximum} characters as the name of ${what}`,
    `Shorten it by ${str`length(${name}) - ${maximum}`}, or give bucket`,
  );
}

/** A repository's name that is made of the entry's is one that ECR takes. */
function repositoryRule(inputs: Inputs): Rule {
  const { pattern, characters, what } = limitOf("ecrRepository");
  const name = repositories(inputs.text("name")).default;
  return rule(
    str`${inputs.text("backend")} != "ecr" || can(regex(${asRe2(pattern.source)}, ${hcl`${name}`}))`,
    "name",
    name,
    `${characters} as the name of ${what}`,
    "Rename it",
  );
}
