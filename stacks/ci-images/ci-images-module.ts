/** CI images as a Terraform module. */
import { CI_IMAGES, defaultRepository } from "../../lib/ci-images";
import { ciImages } from "../../lib/config/companions/ci-images";
import { companionInputs } from "../../lib/config/inputs";
import { limitOf } from "../../lib/config/schema/aws-names";
import { companionProps, declareInputs, leaveBoundaryUnused } from "../faces/module-inputs";
import { rule, tagRules } from "../faces/module-rules";
import { MODULE_CONSTRUCT_ID, ModuleStack, type Rule } from "../faces/module-stack";
import { TerraformLocal } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { asRe2 } from "../terraform/re2";
import { CiImages } from "./ci-images";

export function createCiImagesModule(): ModuleStack {
  const module = new ModuleStack(CI_IMAGES);
  const inputs = declareInputs(module, companionInputs(ciImages));
  leaveBoundaryUnused(module);
  const props = companionProps(inputs, ciImages);
  const name = str`coalesce(${inputs.text("repository")}, ${defaultRepository(props.name)})`;
  const repository = inFile(module, "repository", () => new TerraformLocal(module, "repository.local", name)).asString;
  const maxAgeDays = inputs.number("max_age_days");
  const made = new CiImages(module, MODULE_CONSTRUCT_ID, { ...props, repository, maxAgeDays });
  module.output(
    "repository_url",
    "Host and name of the repository, as images begin. Known while planning.",
    made.repositoryUrl,
  );
  module.output("repository_name", "Name of the repository, without its host.", repository, [
    ...tagRules(inputs),
    repositoryRule(repository),
  ]);
  module.output("puller_policy_arn", "ARN of the policy for roles of jobs that use images.", made.pullerPolicyArn);
  module.output("pusher_policy_arn", "ARN of the policy for roles of jobs that push images too.", made.pusherPolicyArn);
  return module;
}

/** A name that is made of the entry's is one that ECR takes, as the configuration's checks have it. */
function repositoryRule(repository: string): Rule {
  const { pattern, characters, what } = limitOf("ecrRepository");
  return rule(
    str`can(regex(${asRe2(pattern.source)}, ${repository}))`,
    "name",
    repository,
    `${characters} as the name of ${what}`,
    "Rename it, or give repository",
  );
}
