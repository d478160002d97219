/** Instances of a module: type and AMI that stand for null depend on the architecture, which only the plan knows. */

import type { Instance } from "../../lib/config/cell";
import type { InstanceNoun } from "../../lib/config/schema/fields";
import { instance, XEN_ADVICE, XEN_TYPE } from "../../lib/config/schema/instance";
import { ARCHITECTURES } from "../../lib/contract";
import { TerraformLocal } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import type { Inputs } from "./module-inputs";
import type { ModuleStack, Rule } from "./module-stack";

export function instanceProps(module: ModuleStack, noun: InstanceNoun, inputs: Inputs): Instance {
  const chosen = (key: "instance_type" | "image_id") => {
    const byArchitecture = ARCHITECTURES.map((name) => [name, instance(name, noun).shape[key].parse(undefined)]);
    const defaults = new TerraformLocal(module, `default_${key}.local`, Object.fromEntries(byArchitecture));
    const value = hcl`coalesce(${inputs.text(key)}, ${defaults.expression}[${inputs.text("architecture")}])`;
    return new TerraformLocal(module, `${key}.local`, value).asString;
  };
  return {
    imageId: chosen("image_id"),
    instanceType: chosen("instance_type"),
    rootDeviceName: inputs.text("root_device_name"),
    rootVolumeSizeGib: inputs.number("root_volume_size_gib"),
  };
}

/** The rule that the configuration's check of builders' types has, for a type that only the plan knows. */
export function nitroRule(type: string): Rule {
  return {
    condition: str`!can(regex(${XEN_TYPE.source}, ${type}))`,
    errorMessage: `Instance type ${type} runs on Xen, and shows no EBS volume under its id: ${XEN_ADVICE}.`,
  };
}
