import { bindingSchema } from "../../../scripts/compat/binding-schema";

const BINDINGS = "node_modules/@cdktf/provider-aws";
const resource = (type: string) => bindingSchema(BINDINGS, "resource", type);
const data = (type: string) => bindingSchema(BINDINGS, "data", type);

test("knows arguments with their types, and blocks with what is below them", () => {
  const { arguments: given } = resource("aws_launch_template");
  expect(given).toMatchObject({
    image_id: { type: "string", required: false, below: null },
    update_default_version: { type: "boolean" },
    vpc_security_group_ids: { type: "set of stringList" },
    tags: { type: "map of stringMap" },
    metadata_options: { type: "block", below: { http_put_response_hop_limit: { type: "number" } } },
    block_device_mappings: { type: "blocks", below: { ebs: { type: "block", below: { snapshot_id: {} } } } },
  });
  expect(Object.keys(given)).not.toContain("imageId");
});

test("knows what must be given, in blocks too", () => {
  const required = (given: Readonly<Record<string, { readonly required: boolean }>> | null | undefined) =>
    Object.keys(given ?? {}).filter((name) => given?.[name]?.required);
  const { arguments: policy } = resource("aws_dlm_lifecycle_policy");
  expect(required(policy)).toEqual(["description", "execution_role_arn", "policy_details"]);
  const schedule = policy.policy_details?.below?.schedule?.below;
  expect(required(schedule)).toEqual(["name", "create_rule", "retain_rule"]);
  expect(required(schedule?.cross_region_copy_rule?.below)).toEqual(["encrypted", "target"]);
  expect(required(data("aws_subnets").arguments.filter?.below)).toEqual(["name", "values"]);
});

test("knows what can be read, blocks and what is only computed too", () => {
  expect(resource("aws_launch_template").attributes).toMatchObject({
    arn: "String",
    latest_version: "Number",
    metadata_options: "block",
  });
  expect(data("aws_ssm_parameters_by_path").attributes).toMatchObject({ names: "List", values: "List" });
  expect(resource("aws_launch_template").attributes.http_tokens).toBeUndefined();
});

test("refuses a type without bindings", () => {
  expect(() => data("aws_launch_templates_of_mine")).toThrow("no data aws_launch_templates_of_mine");
});
