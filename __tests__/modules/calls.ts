/** How the modules are called in tests: with the least, with everything, and with what only the same run creates. */

const KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
export const FAR_KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

const common = {
  name: "full",
  architecture: "arm64",
  image_store: "containerd",
  tags: { team: "ci", "cost centre": "4711" },
  permissions_boundary_arn: "arn:aws:iam::123456789012:policy/boundary",
  role_path: "/ci/",
  kms_key_arn: KEY,
};

const machine = {
  instance_type: "c7g.large",
  image_id: "ami-0123456789abcdef0",
  root_device_name: "/dev/sda1",
  root_volume_size_gib: 40,
  subnet_id: "${data.aws_subnets.default.ids[0]}",
  associate_public_ip_address: true,
  security_group_ids: ["sg-0123456789abcdef0"],
  proxy: { http: "http://proxy:3128", https: "http://proxy:3128", no: ".internal,10.0.0.0/8" },
};

/** Every variable of the nouns, as few as possible at their defaults. */
const OF_NOUNS = {
  builder: {
    ...common,
    ...machine,
    create_security_group: false,
    create_role: false,
    instance_profile_name: "mine",
    role_arn: "arn:aws:iam::123456789012:role/mine",
    log_retention_days: 7,
    images: [
      "python:3.12-slim smoke=python -c 'print(\"$${HOME}\")'",
      "redis:7 optional",
      "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1",
    ],
    volume: { size_gib: 200, type: "gp3", iops: 6000, throughput_mibps: 500, file_system: "ext4", generation: 2 },
    build: {
      at: ["04:30", "23:15"],
      time_zone: "Europe/Berlin",
      expression: null,
      replicate_at: "10:00",
      launch_retry_minutes: 30,
      watchdog_minutes: 90,
      parallel_pulls: 8,
      hot_set_percent: 50,
    },
    copy_to: [
      { region: "us-east-1", kms_key_arn: FAR_KEY },
      { region: "eu-central-1", schedule: 2 },
    ],
    copy_retention_days: 21,
    registries: [{ host: "ghcr.io", secret_name: "ci/ghcr", kms_key_arn: KEY }],
    pull_through: { "docker.io": "docker-hub", "quay.io": "quay" },
  },
  rotation: {
    ...common,
    log_retention_days: 7,
    copy_from: "us-east-1",
    copy_proof: "tags",
    cadence_hours: 48,
    copy_retention_days: 21,
    retention: {
      keep_last: 5,
      keep_within_days: 7,
      min_keep: 3,
      deletion_grace_hours: 48,
      max_deletions_per_run: 10,
      recycle_bin_days: 7,
    },
    reconcile_minutes: 5,
    alarms: "essential",
    wake: "router",
    reserved_concurrency: 2,
    // The only one that both ends of the provider range know.
    lambda_runtime: "nodejs22.x",
    max_engine: 27,
    fast_restore_zones: ["eu-west-1a"],
    watchdog_minutes: 90,
    notifications: { email: "ops@example.com" },
  },
  worker: {
    ...common,
    ...machine,
    create_launch_template: true,
    create_security_group: false,
    create_role: false,
    initialization_rate_mibps: 200,
    hydrate: "all",
    hydrate_rate_mibps: 100,
    start: "late",
    timeout_seconds: 90,
    min_free_gib: 20,
    volume: { size_gib: 300, type: "gp3", iops: 4000, throughput_mibps: 250 },
    metadata_hop_limit: 2,
    instance_profile_name: "mine",
    // Only a role of ours gets policies.
    policy_arns: [],
    script: '#!/bin/sh\necho "$${HOME} %%{x} it\'s"\n',
    read_pointer: true,
  },
} as const;

type Noun = keyof typeof OF_NOUNS;
type Module = Noun | "cache";
export const NOUNS = Object.keys(OF_NOUNS) as Noun[];

/** The nouns' variables once more, as the module of a cache takes them. */
const cacheMachine = ({ proxy: _, ...own }: typeof machine) => own;
const ofCache = () => {
  const { builder, rotation, worker } = OF_NOUNS;
  const { images, volume, build, copy_to, registries, pull_through, log_retention_days } = builder;
  const { reconcile_minutes, alarms, wake, reserved_concurrency, lambda_runtime, max_engine, copy_proof } = rotation;
  const { initialization_rate_mibps, hydrate, hydrate_rate_mibps, start, timeout_seconds, min_free_gib } = worker;
  const { metadata_hop_limit, instance_profile_name, policy_arns, script, read_pointer } = worker;
  const { create_launch_template, create_security_group, create_role } = worker;
  return {
    ...common,
    ...{ images, volume, build, copy_to, registries, pull_through, log_retention_days },
    copy_from: null,
    retention: { ...rotation.retention, copy_retention_days: builder.copy_retention_days },
    fast_restore_zones: rotation.fast_restore_zones,
    notifications: rotation.notifications,
    proxy: machine.proxy,
    builder: {
      ...cacheMachine(machine),
      ...{ create_security_group, create_role, instance_profile_name, role_arn: builder.role_arn },
    },
    rotation: {
      ...{ reconcile_minutes, alarms, wake, reserved_concurrency, lambda_runtime, max_engine, copy_proof },
      cadence_hours: null,
    },
    create_worker: true,
    worker: {
      ...cacheMachine(machine),
      ...{ initialization_rate_mibps, hydrate, hydrate_rate_mibps, start, timeout_seconds, min_free_gib },
      ...{ metadata_hop_limit, instance_profile_name, policy_arns, script, read_pointer },
      ...{ create_launch_template, create_security_group, create_role },
      volume: worker.volume,
    },
  };
};

/** Every variable of every module. */
export const EVERYTHING = { ...OF_NOUNS, cache: ofCache() };
export const MODULES = Object.keys(EVERYTHING) as Module[];

/** Arguments that a module must be given. */
export const LEAST: Readonly<Record<Module, Record<string, unknown>>> = {
  builder: { images: ["python:3.12-slim"] },
  rotation: {},
  worker: {},
  cache: { images: ["python:3.12-slim"] },
};

/** Ids and ARNs of what the same run creates, unknown while planning. */
const created = {
  kms_key_arn: "${aws_kms_key.new.arn}",
  permissions_boundary_arn: "${aws_iam_policy.new.arn}",
};
const createdMachine = {
  subnet_id: "${aws_subnet.new.id}",
  security_group_ids: ["${aws_security_group.new.id}"],
};
export const CREATED: Readonly<Record<Module, Record<string, unknown>>> = {
  builder: {
    ...LEAST.builder,
    ...created,
    ...createdMachine,
    copy_to: [{ region: "us-east-1", kms_key_arn: "${aws_kms_key.new.arn}" }],
  },
  rotation: { ...created, notifications: { topic: { arn: "${aws_sns_topic.new.arn}" } } },
  worker: { ...created, ...createdMachine, policy_arns: ["${aws_iam_policy.new.arn}"] },
  cache: {
    ...LEAST.cache,
    ...created,
    copy_to: [{ region: "us-east-1", kms_key_arn: "${aws_kms_key.new.arn}" }],
    notifications: { topic: { arn: "${aws_sns_topic.new.arn}" } },
    builder: createdMachine,
    worker: { ...createdMachine, policy_arns: ["${aws_iam_policy.new.arn}"] },
  },
};

/** A policy that grants nothing. */
export const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" }],
});

/** Trust of a role that instances have. */
export const ASSUMED_BY_EC2 = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
});

export const CREATED_RESOURCES = {
  aws_vpc: { new: { cidr_block: "10.0.0.0/16" } },
  aws_subnet: { new: { vpc_id: "${aws_vpc.new.id}", cidr_block: "10.0.0.0/24" } },
  aws_security_group: { new: { vpc_id: "${aws_vpc.new.id}" } },
  aws_kms_key: { new: {} },
  aws_sns_topic: { new: {} },
  aws_iam_policy: { new: { policy: POLICY } },
};

/** A root module that calls each module in every way users do: least, with everything, counted, for each, in another region, with what it creates. */
export function everyCall(): Record<string, unknown> {
  // A cache's call makes three of the others: it is made where that shows something.
  const isNeeded = (name: string) => !/^cache_(least|counted)$/.test(name);
  const calls = MODULES.flatMap((noun) => {
    const source = `./modules/${noun}`;
    return [
      [`${noun}_least`, { source, name: "least", ...LEAST[noun] }],
      [`${noun}_full`, { source, ...EVERYTHING[noun] }],
      [`${noun}_counted`, { source, count: 2, name: "counted${count.index}", ...LEAST[noun] }],
      [
        `${noun}_each`,
        {
          source,
          for_each: '${toset(["x86_64", "arm64"])}',
          providers: { aws: "aws.west" },
          name: "each",
          architecture: "${each.key}",
          ...LEAST[noun],
        },
      ],
      [`${noun}_created`, { source, name: "created", ...CREATED[noun] }],
    ] as const;
  }).filter(([name]) => isNeeded(name));
  return {
    provider: {
      aws: [{ region: "eu-west-1" }, { alias: "west", region: "us-west-2" }],
    },
    data: { aws_subnets: { default: { filter: { name: "default-for-az", values: ["true"] } } } },
    resource: CREATED_RESOURCES,
    module: Object.fromEntries(calls),
  };
}
