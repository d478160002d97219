/** The worker as a Terraform module. */

import { MODULE_INPUTS } from "../../lib/config/inputs";
import { CACHE_DEVICE_NAME, POINTER_NONE, parameterPaths, parameterPrefix, resourceNames } from "../../lib/contract";
import { commonProps, declareInputs, type Inputs, networkProps, volumeProps } from "../faces/module-inputs";
import { instanceProps } from "../faces/module-instance";
import { machineRules, nameRules, outputPrefix, rule } from "../faces/module-rules";
import { MODULE_CONSTRUCT_ID, ModuleStack, type Rule } from "../faces/module-stack";
import { volumeRules } from "../faces/module-volume";
import { currentOf } from "../parts/current";
import { DataAwsSsmParametersByPath, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { attributeOf } from "../terraform/maybe";
import { CacheWorker, type CacheWorkerProps } from "./cache-worker";
import { consumeTags } from "./launch-template";

export function createWorkerModule(): ModuleStack {
  const module = new ModuleStack("worker");
  const inputs = declareInputs(module, MODULE_INPUTS.worker);
  const props = workerProps(module, inputs);
  const worker = new CacheWorker(module, MODULE_CONSTRUCT_ID, props);
  const snapshotId = createPointer(module, props, inputs);
  tellTemplate(module, props, worker);
  tellUserData(module, worker);
  tellRole(module, worker);
  tellPointer(module, props, snapshotId);
  const { workerRole } = resourceNames(props.name, props.architecture, currentOf(module).region);
  outputPrefix(module, inputs, [
    ...nameRules(inputs, workerRole),
    ...machineRules(inputs, props.instance),
    ...inFile(module, "checks", () => volumeRules(module)),
    ...ownRules(inputs),
  ]);
  return module;
}

function tellTemplate(module: ModuleStack, props: CacheWorkerProps, { launchTemplate }: CacheWorker): void {
  module.output(
    "launch_template_id",
    "Id of the launch template, whose `$Default` always carries the promoted snapshot; null without one.",
    attributeOf(launchTemplate, "id"),
  );
  module.output(
    "launch_template_arn",
    "ARN of the launch template; null without one.",
    attributeOf(launchTemplate, "arn"),
  );
  module.output(
    "launch_template_name",
    "Name of the launch template; null without one.",
    attributeOf(launchTemplate, "name"),
  );
  module.output(
    "consume_tags",
    "Tags for a launch template of your own: rotation then writes its cache device, as it does that of the module's.",
    consumeTags(props),
  );
}

function tellUserData(module: ModuleStack, { userData }: CacheWorker): void {
  module.output(
    "user_data",
    "One plain script, in base64: it puts Docker on the cache after Docker has started, and then runs `script`. For a template without user data of its own, or as one part of it; lines that you put behind it run too. Gzip the user data that it is in: as text it is too long for EC2.",
    str`base64encode(${userData.plain})`,
  );
  module.output(
    "user_data_parts",
    "The best for user data of several parts, `content_type`, `filename` and `content` of each, as `cloudinit_config` takes them: the first puts Docker on the cache before Docker starts, the second runs `script`, if there is one.",
    userData.parts,
  );
  module.output(
    "user_data_snippet",
    "Lines for the middle of a shell script: they put Docker on the cache after Docker has started. The script goes on whatever happens in them; `script` is not among them.",
    userData.snippet,
  );
}

function tellRole(module: ModuleStack, { role, securityGroupId }: CacheWorker): void {
  module.output("role_name", "Name of the workers' role; null if none is made.", role.roleName);
  module.output("role_arn", "ARN of the workers' role; null if none is made.", role.roleArn);
  module.output("role_policy_json", "What a role of yours must be allowed in place of ours.", role.policyJson);
  module.output(
    "instance_profile_name",
    "Name of the workers' instance profile, ours or yours.",
    role.instanceProfileName,
  );
  module.output(
    "instance_profile_arn",
    "ARN of the workers' instance profile; null if none is made.",
    role.instanceProfileArn,
  );
  module.output("security_group_id", "Id of the workers' security group; null if none is made.", securityGroupId);
}

function tellPointer(module: ModuleStack, props: CacheWorkerProps, snapshotId: TerraformLocal): void {
  module.output(
    "snapshot_id",
    "Promoted snapshot, with `read_pointer`; null without it and before the first promotion.",
    snapshotId.asString,
  );
  module.output(
    "block_device_mappings",
    "The cache device as `block_device_mappings` of an `aws_launch_template` has it, with `read_pointer`; empty without it and before the first promotion.",
    mappings(props, snapshotId),
  );
  module.output(
    "block_device_mapping",
    "The same as one flat object, with `read_pointer`; null without it and before the first promotion.",
    flatMapping(props, snapshotId),
  );
}

function ownRules(inputs: Inputs): Rule[] {
  const [free, size] = [inputs.number("min_free_gib"), inputs.number("volume.size_gib")];
  const [profile, policies] = [inputs.text("instance_profile_name"), inputs.texts("policy_arns")];
  const createRole = inputs.bool("create_role");
  return [
    rule(
      str`${free} < ${size}`,
      "min_free_gib",
      `${str`${free}`} GiB`,
      `less than the ${str`${size}`} GiB of the worker's cache volume`,
      "Lower it, or enlarge volume.size_gib",
    ),
    rule(
      str`(${createRole} ? ${profile} == null : false) || length(${policies}) == 0`,
      "policy_arns",
      `${str`length(${policies})`} of them`,
      "none beside an instance profile of your own, whose role is yours to give policies",
      "Attach them to your role, and remove them here",
    ),
  ];
}

function workerProps(module: ModuleStack, inputs: Inputs): CacheWorkerProps {
  return {
    ...commonProps(inputs),
    createLaunchTemplate: inputs.bool("create_launch_template"),
    createRole: inputs.bool("create_role"),
    createSecurityGroup: inputs.bool("create_security_group"),
    store: inputs.text("image_store") as CacheWorkerProps["store"],
    instance: instanceProps(module, "worker", inputs),
    volume: volumeProps(inputs),
    // Decides nothing of a worker: the rate says how its volume is warmed.
    warmth: "lazy",
    initializationRateMibps: inputs.number("initialization_rate_mibps"),
    hydrate: inputs.text("hydrate") as CacheWorkerProps["hydrate"],
    hydrateRateMibps: inputs.number("hydrate_rate_mibps"),
    start: inputs.text("start") as CacheWorkerProps["start"],
    timeoutSeconds: inputs.number("timeout_seconds"),
    minFreeGib: inputs.number("min_free_gib"),
    network: networkProps(inputs),
    metadataHopLimit: inputs.number("metadata_hop_limit"),
    instanceProfileName: inputs.text("instance_profile_name"),
    // A module gives its workers the puller policy of the module `pull-through`.
    pullThrough: {},
    policyArns: inputs.texts("policy_arns"),
    script: inputs.text("script"),
  };
}

/** The promoted snapshot. Read by its path, for a parameter that is not there yet is no error then. */
function createPointer(module: ModuleStack, { name, architecture }: CacheWorkerProps, inputs: Inputs): TerraformLocal {
  const parameters = new DataAwsSsmParametersByPath(module, "pointer.parameters", {
    path: parameterPrefix(name, architecture),
  });
  parameters.addOverride("count", hcl`${inputs.bool("read_pointer")} ? 1 : 0`);
  comment(parameters, "Read by path: before rotation has made the parameter, there is none, and that is no error.");
  const { pointer } = parameterPaths(name, architecture);
  const read = hcl`zipmap(parameters.names, nonsensitive(parameters.values))`;
  const found = hcl`one([for parameters in ${parameters.fqn} : lookup(${read}, ${pointer}, ${POINTER_NONE})])`;
  const value = new TerraformLocal(module, "pointer.local", found).asString;
  return new TerraformLocal(module, "snapshot_id.local", str`${value} == ${POINTER_NONE} ? null : ${value}`);
}

/** The volume of the snapshot `id`, as a launch template has it. */
function ebsOf({ volume, initializationRateMibps }: CacheWorkerProps) {
  return {
    snapshot_id: hcl`id`,
    volume_size: volume.sizeGib,
    volume_type: volume.type,
    iops: volume.iops,
    throughput: volume.throughputMibps,
    volume_initialization_rate: initializationRateMibps,
    delete_on_termination: true,
  };
}

function mappings(props: CacheWorkerProps, snapshotId: TerraformLocal) {
  const mapping = { device_name: CACHE_DEVICE_NAME, ebs: ebsOf(props) };
  return hcl`[for id in ${snapshotId.expression}[*] : ${mapping}]`;
}

function flatMapping(props: CacheWorkerProps, snapshotId: TerraformLocal) {
  const mapping = { device_name: CACHE_DEVICE_NAME, ...ebsOf(props) };
  return hcl`one([for id in ${snapshotId.expression}[*] : ${mapping}])`;
}
