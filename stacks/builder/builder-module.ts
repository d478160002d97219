/** The builder as a Terraform module. */
import type { BuilderSettings } from "../../lib/config/cell";
import { MODULE_INPUTS } from "../../lib/config/inputs";
import { resourceNames } from "../../lib/contract";
import { DOCKER_HUB, DOCKER_HUB_HOSTS, type PullThroughMap } from "../../lib/pull-through";
import { commonProps, declareInputs, type Inputs, networkProps, volumeProps } from "../faces/module-inputs";
import { instanceProps, nitroRule } from "../faces/module-instance";
import { machineRules, nameRules, outputPrefix, rule } from "../faces/module-rules";
import { MODULE_CONSTRUCT_ID, ModuleStack, type Rule } from "../faces/module-stack";
import { volumeRules } from "../faces/module-volume";
import { currentOf } from "../parts/current";
import { TerraformLocal, Token } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { CacheBuilder, type CacheBuilderProps } from "./cache-builder";
import { createGate } from "./module-gate";
import { createImageLines, imageRules } from "./module-images";
import { buildRules } from "./module-rules";

export function createBuilderModule(): ModuleStack {
  const module = new ModuleStack("builder");
  const inputs = declareInputs(module, MODULE_INPUTS.builder);
  const gate = inFile(module, "replication", () => createGate(module, inputs));
  const props = builderProps(module, inputs);
  const builder = new CacheBuilder(module, MODULE_CONSTRUCT_ID, { ...props, replicateAt: gate.replicateAt });
  module.output(
    "launch_template_id",
    "Id of the builders' launch template: run an instance from it to build now.",
    builder.launchTemplateId,
  );
  module.output("cache_volume_id", "Id of the cache volume.", builder.cacheVolume.id);
  module.output(
    "availability_zone",
    "Zone of the cache volume, in which builders run.",
    builder.cacheVolume.availabilityZone,
  );
  module.output("role_arn", "ARN of the builders' role; null if it is yours.", builder.role.ownArn);
  module.output(
    "role_name",
    "Name of the builders' role: attach policies of yours to it. null if it is yours.",
    builder.role.ownName,
  );
  module.output(
    "role_policy_json",
    "What the builders' role must be allowed, for one of yours.",
    builder.role.policyJson,
  );
  module.output(
    "security_group_id",
    "Id of the builders' security group; null if the groups are yours.",
    builder.securityGroupId,
  );
  module.output("log_group_name", "Name of the log group of builds.", builder.logGroup.name);
  const { region } = currentOf(module);
  const { schedulerRole } = resourceNames(props.name, props.architecture, region);
  outputPrefix(module, inputs, [
    ...nameRules(inputs, schedulerRole),
    ...machineRules(inputs, props.instance),
    nitroRule(props.instance.instanceType),
    ...inFile(module, "checks", () => volumeRules(module)),
    ...inFile(module, "checks", () => imageRules(module, inputs)),
    ...buildRules(module, inputs),
    ...ownRules(inputs),
    pullThroughRule(inputs),
    ...gate.rules,
  ]);
  return module;
}

/** Something of the user's stands in for what is not made. One rule a variable: what is unknown of one must not hide what is known of another. */
function ownRules(inputs: Inputs): Rule[] {
  const createRole = inputs.bool("create_role");
  const theirs = ["instance_profile_name", "role_arn"].flatMap((path) => [
    rule(
      str`${createRole} ? ${inputs.text(path)} == null : true`,
      path,
      "one of yours beside create_role = true",
      "create_role = false",
      "Set it, or remove what is yours",
    ),
    rule(
      str`${createRole} ? true : ${inputs.text(path)} != null`,
      path,
      "none beside create_role = false",
      "yours",
      "Name instance_profile_name and role_arn",
    ),
  ]);
  return [
    ...theirs,
    rule(
      str`${inputs.bool("create_security_group")} ? true : length(${inputs.texts("security_group_ids")}) > 0`,
      "security_group_ids",
      "none beside create_security_group = false",
      "at least one of yours",
      "Name one: builders are always in a group that is meant for them",
    ),
  ];
}

/** Each upstream once, however it is spelled. */
function pullThroughRule(inputs: Inputs): Rule {
  const hub = `/^(${DOCKER_HUB_HOSTS.map((host) => host.replaceAll(".", "[.]")).join("|")})(/|$)/`;
  const map = inputs.map("pull_through");
  const served = hcl`[for key in keys(${map} == null ? {} : ${map}) : replace(key, ${hub}, ${`${DOCKER_HUB}$2`})]`;
  const again = hcl`[for index, key in ${served} : format("%s again", key) if index(${served}, key) < index]`;
  return rule(
    str`length(${again}) == 0`,
    "pull_through",
    str`join(", ", ${again})`,
    "each upstream once",
    "Remove one",
  );
}

/** null is what it is to every module: nothing. */
function pullThrough(module: ModuleStack, inputs: Inputs): PullThroughMap {
  const given = inputs.map("pull_through");
  const map = hcl`${given} == null ? {} : ${given}`;
  return Token.asStringMap(new TerraformLocal(module, "pull_through.local", map).expression);
}

function builderProps(module: ModuleStack, inputs: Inputs): Omit<CacheBuilderProps, "replicateAt"> {
  return {
    ...commonProps(inputs),
    createRole: inputs.bool("create_role"),
    createSecurityGroup: inputs.bool("create_security_group"),
    ownRole: { arn: inputs.text("role_arn"), instanceProfileName: inputs.text("instance_profile_name") },
    logRetentionDays: inputs.number("log_retention_days"),
    images: inFile(module, "images", () => createImageLines(module, inputs)),
    // A module's user adds the lines to `images`.
    imagesFrom: [],
    store: inputs.text("image_store") as BuilderSettings["store"],
    instance: instanceProps(module, "builder", inputs),
    volume: {
      ...volumeProps(inputs),
      fileSystem: inputs.text("volume.file_system") as BuilderSettings["volume"]["fileSystem"],
      generation: inputs.number("volume.generation"),
    },
    buildAt: inputs.texts("build.at"),
    scheduleExpression: inputs.text("build.expression"),
    timeZone: inputs.text("build.time_zone"),
    launchRetryMinutes: inputs.number("build.launch_retry_minutes"),
    watchdogMinutes: inputs.number("build.watchdog_minutes"),
    copyTo: inputs.objects("copy_to"),
    copyRetentionDays: inputs.number("copy_retention_days"),
    network: networkProps(inputs),
    registries: inputs.objects("registries"),
    pullThrough: pullThrough(module, inputs),
    parallelPulls: inputs.number("build.parallel_pulls"),
    hotSetPercent: inputs.number("build.hot_set_percent"),
  };
}
