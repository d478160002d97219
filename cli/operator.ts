/** Calls that a person makes and the function never does. */
import { DescribeRegionsCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { parseSettings } from "../lambda-src/rotation/settings";
import { type RotationSettings, resourceNames } from "../lib/contract";
import { limit, onceEach } from "./region-ports";

/** Starts a builder from its own launch template, as the schedule does. The same token starts no second one. */
export async function startBuilder(region: string, templateName: string, token: string): Promise<string> {
  const ec2 = new EC2Client({ region });
  const started = await ec2.send(
    new RunInstancesCommand({
      LaunchTemplate: { LaunchTemplateName: templateName, Version: "$Default" },
      MinCount: 1,
      MaxCount: 1,
      ClientToken: token,
    }),
  );
  return started.Instances?.[0]?.InstanceId ?? "";
}

/** Regions that the account has enabled. */
export async function enabledRegions(region: string): Promise<string[]> {
  const { Regions = [] } = await new EC2Client({ region }).send(new DescribeRegionsCommand({}));
  return Regions.flatMap((one) => (one.RegionName ? [one.RegionName] : [])).sort();
}

const lambdaOf = onceEach((region) => new LambdaClient({ region }));

async function findFunction(region: string, name: string, architecture: string) {
  const FunctionName = resourceNames(name, architecture, region).rotation;
  try {
    return await limit(() => lambdaOf(region).send(new GetFunctionConfigurationCommand({ FunctionName })));
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return null;
    throw error;
  }
}

/** True if the region has the rotation function of the cache. */
export async function hasFunction(region: string, name: string, architecture: string): Promise<boolean> {
  return (await findFunction(region, name, architecture)) !== null;
}

/** Returns the settings of a cache's deployed function, or null if there is none. */
export async function deployedSettings(
  region: string,
  name: string,
  architecture: string,
): Promise<RotationSettings | null> {
  const found = await findFunction(region, name, architecture);
  return found && parseSettings(found.Environment?.Variables ?? {});
}
