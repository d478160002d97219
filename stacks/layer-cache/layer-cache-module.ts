/** A layer cache as a Terraform module. */
import { layerCache } from "../../lib/config/companions/layer-cache";
import { companionInputs } from "../../lib/config/inputs";
import { type Backend, LAYER_CACHE } from "../../lib/layer-cache";
import { companionProps, declareInputs, leaveBoundaryUnused } from "../faces/module-inputs";
import { MODULE_CONSTRUCT_ID, ModuleStack } from "../faces/module-stack";
import { LayerCache } from "./layer-cache";
import { layerCacheRules } from "./module-rules";

export function createLayerCacheModule(): ModuleStack {
  const module = new ModuleStack(LAYER_CACHE);
  const inputs = declareInputs(module, companionInputs(layerCache));
  leaveBoundaryUnused(module);
  const made = new LayerCache(module, MODULE_CONSTRUCT_ID, {
    ...companionProps(inputs, layerCache),
    backend: inputs.text("backend") as Backend,
    bucket: inputs.text("bucket"),
    expireAfterDays: inputs.number("expire_after_days"),
  });
  module.output("bucket", 'Name of the bucket. null with `backend = "ecr"`.', made.bucket);
  module.output(
    "repository_url",
    'Host and beginning of the two repositories, which end in `/default` and `/branches`. null with `backend = "s3"`.',
    made.repositoryUrl,
    layerCacheRules(module, inputs),
  );
  module.output("reader_policy_arn", "ARN of the policy for builds that only read.", made.readerPolicyArn);
  module.output(
    "branch_writer_policy_arn",
    "ARN of the policy for builds of branches that are not protected.",
    made.branchWriterPolicyArn,
  );
  module.output("writer_policy_arn", "ARN of the policy for builds of protected branches.", made.writerPolicyArn);
  return module;
}
