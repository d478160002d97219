/** Instances, volumes, AMIs and tags of the fake. */
import { awsError, type Command, type Filter, isVisible, matches, page, tagList } from "./region";
import { findSnapshot } from "./snapshots";

interface ListInput {
  readonly Filters?: [];
  readonly NextToken?: string;
  readonly InstanceIds?: string[];
}

const describeInstances: Command = (fake, input: ListInput) => {
  for (const id of input.InstanceIds ?? []) if (!fake.instances.has(id)) throw awsError("InvalidInstanceID.NotFound");
  const found = [...fake.instances.values()].filter(
    (one) => isVisible(fake, one) && matches(one.tags, input.Filters) && (input.InstanceIds?.includes(one.id) ?? true),
  );
  const { items, ...rest } = page(fake, found, input.NextToken);
  const Instances = items.map((one) => ({
    InstanceId: one.id,
    State: { Name: one.state },
    LaunchTime: new Date(one.launchedAt),
    Tags: tagList(one.tags),
  }));
  return { Reservations: [{ Instances }], ...rest };
};

const terminateInstances: Command = (fake, { InstanceIds }: { InstanceIds: string[] }) => {
  for (const id of InstanceIds) {
    const one = fake.instances.get(id);
    if (!one) throw awsError("InvalidInstanceID.NotFound");
    one.state = "terminated";
  }
  return {};
};

const describeVolumes: Command = (fake, input: ListInput) => {
  const found = [...fake.volumes.values()].filter((one) =>
    matches(one.tags, input.Filters, { status: one.state, "snapshot-id": one.snapshotId ?? "" }),
  );
  const { items, ...rest } = page(fake, found, input.NextToken);
  const Volumes = items.map((one) => ({
    VolumeId: one.id,
    State: one.state,
    CreateTime: new Date(one.createdAt),
    SnapshotId: one.snapshotId ?? "",
    Tags: tagList(one.tags),
  }));
  return { Volumes, ...rest };
};

const describeImages: Command = (fake, input: ListInput & { readonly IncludeDisabled?: boolean }) => {
  const wanted = (input.Filters as Filter[] | undefined)?.find(
    (one) => one.Name === "block-device-mapping.snapshot-id",
  );
  const found = [...fake.images]
    .filter(([id]) => input.IncludeDisabled || !fake.disabledImages.has(id))
    .filter(([, ids]) => !wanted || ids.some((id) => wanted.Values?.includes(id)));
  const { items, ...rest } = page(fake, found, input.NextToken);
  const Images = items.map(([ImageId, ids]) => ({
    ImageId,
    BlockDeviceMappings: [
      ...ids.map((SnapshotId) => ({ DeviceName: "/dev/xvda", Ebs: { SnapshotId } })),
      { DeviceName: "/dev/sdb", VirtualName: "ephemeral0" },
    ],
  }));
  return { Images, ...rest };
};

interface TagInput {
  readonly Resources: string[];
  readonly Tags: { Key: string; Value?: string }[];
}

const find: (...args: [Parameters<Command>[0], string]) => { tags: Record<string, string> } = (fake, id) => {
  const other = fake.volumes.get(id) ?? fake.instances.get(id);
  return other ?? findSnapshot(fake, id);
};

const createTags: Command = (fake, { Resources, Tags }: TagInput) => {
  for (const item of Resources.map((id) => find(fake, id)))
    for (const { Key, Value = "" } of Tags) item.tags[Key] = Value;
  return {};
};

const deleteTags: Command = (fake, { Resources, Tags }: TagInput) => {
  for (const item of Resources.map((id) => find(fake, id))) for (const { Key } of Tags) delete item.tags[Key];
  return {};
};

export const instanceCommands: Readonly<Record<string, Command>> = {
  DescribeInstancesCommand: describeInstances,
  TerminateInstancesCommand: terminateInstances,
  DescribeVolumesCommand: describeVolumes,
  DescribeImagesCommand: describeImages,
  CreateTagsCommand: createTags,
  DeleteTagsCommand: deleteTags,
};
