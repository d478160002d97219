/**
 * The order in which people write attributes and blocks. Names come first, tags and what Terraform itself reads last, the rest by name (which is how
 * cdktf has them). Names are unique enough across resource types for one list.
 */

/** Written before everything else, in this order. */
const FIRST = [
  // Name and purpose.
  "name",
  "name_prefix",
  "function_name",
  "alarm_name",
  "dashboard_name",
  "statement_id",
  "sid",
  "alarm_description",
  "description",
  "type",
  // Resource that it belongs to.
  "rule",
  "group_name",
  "role",
  "security_group_id",
  "vpc_id",
  "queue_url",
  "topic_arn",
  "arn",
  // IAM statements and their conditions.
  "effect",
  "actions",
  "not_actions",
  "resources",
  "principals",
  "condition",
  "test",
  "variable",
  "identifiers",
  // Network rules.
  "ip_protocol",
  "protocol",
  "from_port",
  "to_port",
  "cidr_ipv4",
  "cidr_ipv6",
  // Metrics and alarms.
  "namespace",
  "metric_name",
  "dimensions",
  "statistic",
  "period",
  "comparison_operator",
  "threshold",
  "evaluation_periods",
  "datapoints_to_alarm",
  "treat_missing_data",
  // Instances and devices.
  "image_id",
  "instance_type",
  "device_name",
  "availability_zone",
  "size",
  "volume_size",
  "volume_type",
  "iops",
  "throughput",
  "encrypted",
  "kms_key_id",
  // Network interfaces.
  "device_index",
  "subnet_id",
  "security_groups",
  "associate_public_ip_address",
  // Archives.
  "source_dir",
  "output_path",
  // Functions.
  "runtime",
  "architectures",
  "handler",
  "filename",
  "source_code_hash",
  // Schedules.
  "schedule_expression",
  "schedule_expression_timezone",
  // Blocks of a launch template, and of a lifecycle policy.
  "iam_instance_profile",
  "network_interfaces",
  "metadata_options",
  "block_device_mappings",
] as const;

/** Written behind the blocks. */
const LAST = ["tags", "depends_on", "lifecycle"] as const;

const rank = new Map<string, number>([
  ...FIRST.map((name, index) => [name, index - FIRST.length] as const),
  ...LAST.map((name, index) => [name, index + 1] as const),
]);

/** True if an attribute stands behind the blocks. */
export function isLast(name: string): boolean {
  return (rank.get(name) ?? 0) > 0;
}

/** Names in the order in which they are written; stable for names without a rank. */
export function inOrder(names: readonly string[]): string[] {
  return [...names].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
}
