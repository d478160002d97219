/** SSM and Auto Scaling of the fake. */
import { awsError, type Command, OWNER, page } from "./region";

const getParameters: Command = (fake, { Names }: { Names: string[] }) => ({
  Parameters: Names.flatMap((name) => {
    const versions = fake.parameters.get(name);
    const last = versions?.at(-1);
    if (!versions || !last) return [];
    const ARN = `arn:aws:ssm:${fake.region}:${OWNER}:parameter${name}`;
    return [
      { Name: name, Value: last.value, Version: versions.length, LastModifiedDate: new Date(last.writtenAt), ARN },
    ];
  }),
});

/** SSM keeps 100 versions, and tells 50 at a time. */
const getParameterHistory: Command = (fake, input: { Name: string; NextToken?: string }) => {
  const versions = fake.parameters.get(input.Name);
  if (!versions) throw awsError("ParameterNotFound");
  const kept = versions.map((one, index) => ({
    Version: index + 1,
    Value: one.value,
    LastModifiedDate: new Date(one.writtenAt),
  }));
  const { items, ...rest } = page(fake, kept.slice(-100), input.NextToken, 50);
  return { Parameters: items, ...rest };
};

const putParameter: Command = (fake, input: { Name: string; Value: string; Overwrite?: boolean }) => {
  const versions = fake.parameters.get(input.Name);
  if (!versions || !input.Overwrite) throw awsError(versions ? "ParameterAlreadyExists" : "ValidationException");
  if (input.Value === "" || input.Value.length > 4096) throw awsError("ValidationException");
  versions.push({ value: input.Value, writtenAt: fake.now });
  return { Version: versions.length };
};

const describeAutoScalingGroups: Command = (fake, input: { NextToken?: string }) => {
  const { items, ...rest } = page(fake, fake.groups, input.NextToken);
  const AutoScalingGroups = items.map(({ name, templateId, version, mixed }) => {
    const specification = { LaunchTemplateId: templateId, Version: version };
    if (!mixed) return { AutoScalingGroupName: name, LaunchTemplate: specification };
    const LaunchTemplate = { LaunchTemplateSpecification: specification, Overrides: [{ InstanceType: "m7i.large" }] };
    return { AutoScalingGroupName: name, MixedInstancesPolicy: { LaunchTemplate } };
  });
  return { AutoScalingGroups, ...rest };
};

export const parameterCommands: Readonly<Record<string, Command>> = {
  GetParametersCommand: getParameters,
  GetParameterHistoryCommand: getParameterHistory,
  PutParameterCommand: putParameter,
  DescribeAutoScalingGroupsCommand: describeAutoScalingGroups,
};
