/** Names that resources of synthesized stacks get in AWS. */

/** A resource as Terraform reads it. */
type Block = Readonly<Record<string, unknown>>;

/** Attributes that hold a name. The first that a resource has counts. */
const NAME_ATTRIBUTES = ["name", "name_prefix", "bucket", "function_name", "dashboard_name", "alarm_name"];

/** The name as it stands in the stack, with what only the plan knows. undefined: the type has no name. */
export function nameIn(block: Block): string | undefined {
  const attribute = NAME_ATTRIBUTES.find((name) => block[name] !== undefined);
  return attribute && String(block[attribute]);
}

/** Account that stands for the user's. */
const ACCOUNT = "000000000000";

/** The text of a stack in a region, with the answers of the data sources that tell its surroundings. */
export function filledIn(text: string, region: string): string {
  return text
    .replaceAll("${data.aws_region.current.id}", region)
    .replaceAll("${data.aws_caller_identity.current.account_id}", ACCOUNT)
    .replaceAll("${data.aws_partition.current.partition}", "aws");
}

/** Region of a noun's stack, `<project>-<noun>-<region>`. undefined: the stack is another noun's. */
export function regionOf(noun: string, stack: string): string | undefined {
  return new RegExp(`^docker-cache-${noun}-([a-z]{2}-[a-z-]+-\\d+)$`).exec(stack)?.[1];
}
