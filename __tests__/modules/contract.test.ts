/** R18: what consumers and their states refer to. Adding is a feature; whatever is taken away or renamed breaks them and needs a `moved` block or a major version. */
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../scripts/emit/hcl/expression";
import { createModules } from "../../scripts/emit/modules";

// Bundling the function takes a while if much else runs.
jest.setTimeout(120_000);

type Interface = Record<"resources" | "variables" | "outputs", string[]>;

/** As it was released; edited by hand, on purpose. */
const RELEASED = JSON.parse(readFileSync("__tests__/modules/contract.json", "utf8")) as Record<string, Interface>;

function interfaceOf(json: JsonObject): Interface {
  const resources = Object.entries({ module: json.module, ...(json.resource as JsonObject) }).flatMap(
    ([type, byName]) =>
      Object.entries((byName ?? {}) as Record<string, JsonObject>).map(
        ([name, { count, for_each }]) => `${type}.${name}${count ? "[0]" : ""}${for_each ? "[…]" : ""}`,
      ),
  );
  const names = (key: string) => Object.keys(json[key] as JsonObject).sort();
  return { resources: resources.sort(), variables: names("variable"), outputs: names("output") };
}

test("addresses, variables and outputs are those that were released", async () => {
  const modules = await createModules();
  const now = Object.fromEntries(
    Object.entries(modules).map(([noun, module]) => [noun, interfaceOf(module.toTerraform() as JsonObject)]),
  );
  expect(now).toEqual(RELEASED);
});

test("what is of the alias refers to it, so that Terraform makes the alias first", async () => {
  const { resource } = (await createModules()).rotation!.toTerraform() as JsonObject;
  const { aws_lambda_permission: permissions, aws_lambda_function_event_invoke_config: configs } = resource as Readonly<
    Record<string, Readonly<Record<string, { readonly qualifier?: string }>>>
  >;
  const name = "${one(aws_lambda_alias.hints[*].name)}";
  expect([permissions?.snapshots?.qualifier, configs?.hints?.qualifier]).toEqual([name, name]);
});

test.each([
  ["builder", ["availability_zone", "log_group_name", "role_name", "security_group_id"]],
  [
    "rotation",
    [
      "alarm_topic_arn",
      "dead_letter_queue_arn",
      "function_name",
      "log_group_name",
      "snapshot_parameter_arn",
      "snapshot_parameter_name",
    ],
  ],
  [
    "worker",
    [
      "block_device_mapping",
      "block_device_mappings",
      "consume_tags",
      "instance_profile_arn",
      "instance_profile_name",
      "launch_template_arn",
      "launch_template_id",
      "launch_template_name",
      "role_arn",
      "role_name",
      "security_group_id",
      "snapshot_id",
      "user_data",
      "user_data_parts",
      "user_data_snippet",
    ],
  ],
])("%s tells at least %j", (noun, outputs) => {
  expect(RELEASED[noun]?.outputs).toEqual(expect.arrayContaining(outputs));
});
