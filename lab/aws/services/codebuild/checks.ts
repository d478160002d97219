/** What CodeBuild refuses of a project beyond what its model says; only what its documentation or its known errors tell. */
import { AwsError } from "../../aws-error";
import type { BuildSettings, ProjectEnvironment, ProjectVpc } from "../../codebuild-project";
import type { Call } from "../../handler";
import type { RoleCredentials } from "../../hooks";
import { assumeRole } from "../assume-role";

/** Sources that can be told of a build's end. */
const REPORTS = /^(BITBUCKET|GITHUB|GITHUB_ENTERPRISE|GITLAB|GITLAB_SELF_MANAGED)$/;
const DOCKER_CACHE = "LOCAL_DOCKER_LAYER_CACHE";

/** The error of nearly everything. */
export function invalid(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}

/** @throws AwsError InvalidInputException for the first thing that does not fit */
export function checkSettings({ source, artifacts, cache, environment }: BuildSettings): void {
  const { location, buildspec, type } = source;
  const docker = cache.type === "LOCAL" && cache.modes?.includes(DOCKER_CACHE);
  const problems: Record<string, boolean> = {
    "Project source location is required": !["NO_SOURCE", "CODEPIPELINE"].includes(type) && !location,
    "Invalid project source: location must be null for project source type NO_SOURCE":
      type === "NO_SOURCE" && Boolean(location),
    "Invalid project source: a buildspec is required for project source type NO_SOURCE":
      type === "NO_SOURCE" && !buildspec,
    [`Source type ${type} does not support ReportBuildStatus`]:
      source.reportBuildStatus !== undefined && !REPORTS.test(type),
    "Invalid artifacts: location is required for artifact type S3": artifacts.type === "S3" && !artifacts.location,
    "Invalid artifacts: artifact type NO_ARTIFACTS should have null location":
      artifacts.type === "NO_ARTIFACTS" && artifacts.location !== undefined,
    "Invalid artifacts: artifact type NO_ARTIFACTS should have null encryptionDisabled":
      artifacts.type === "NO_ARTIFACTS" && artifacts.encryptionDisabled !== undefined,
    "Invalid cache: location is required for cache type S3": cache.type === "S3" && !cache.location,
    "Invalid cache: modes are required for cache type LOCAL": cache.type === "LOCAL" && !cache.modes?.length,
    // Docker's layers are cached for privileged builds on Linux alone.
    [`Invalid cache: ${DOCKER_CACHE} needs privilegedMode and a Linux environment`]: Boolean(
      docker && !(environment.privilegedMode && /^(LINUX|ARM)_/.test(environment.type)),
    ),
    ...environmentProblems(environment),
  };
  const problem = Object.keys(problems).find((text) => problems[text]);
  if (problem) throw invalid(problem);
}

/** CodeBuild's own images are pulled with its own credentials; those of a private registry take the role. */
function environmentProblems(environment: ProjectEnvironment): Record<string, boolean> {
  const { image, computeType, type, imagePullCredentialsType = "CODEBUILD", registryCredential } = environment;
  return {
    "imagePullCredentialsType must be CODEBUILD for a curated image":
      image.startsWith("aws/codebuild/") && imagePullCredentialsType !== "CODEBUILD",
    "imagePullCredentialsType must be SERVICE_ROLE for a registry with credentials":
      registryCredential !== undefined && imagePullCredentialsType !== "SERVICE_ROLE",
    [`Invalid compute type provided: ${computeType} for ${type}`]:
      computeType.startsWith("BUILD_LAMBDA_") !== type.includes("_LAMBDA_"),
  };
}

/**
 * Credentials of a project's role, which CodeBuild assumes when a project is made or changed, too. Listeners of `AssumeRole` judge its trust policy.
 *
 * @throws AwsError InvalidInputException if there is no such role, or it does not let CodeBuild assume it
 */
export async function asProject(call: Call, roleArn: string, sourceArn: string): Promise<RoleCredentials> {
  const { aws, region } = call;
  if (!roleArn.startsWith(`arn:${aws.partition}:iam::${aws.accountId}:role/`))
    throw invalid("Invalid service role: Service role account ID does not match caller's account");
  try {
    await aws.moto({ service: "iam", action: "GetRole", region }, { RoleName: roleArn.split("/").pop() });
    return await assumeRole(aws, region, { roleArn, service: "codebuild", sourceArn });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const checks = "1) The provided service role exists, 2) The role name is case-sensitive, and matches exactly";
    const why = `${checks}, and 3) The role has the necessary trust policy configured.`;
    throw invalid(`CodeBuild is not authorized to perform: sts:AssumeRole on ${roleArn}. Please verify that: ${why}`);
  }
}

/** Looks at the network in the role's name. @throws AwsError InvalidInputException if the role may not, or if something is not there */
export async function checkVpc(call: Call, vpc: ProjectVpc | undefined, role: RoleCredentials): Promise<void> {
  if (!vpc) return;
  const { vpcId, subnets = [], securityGroupIds = [] } = vpc;
  if (!vpcId || subnets.length === 0 || securityGroupIds.length === 0)
    throw invalid("Invalid vpc config: the vpc id, subnet ids and security group ids are all required");
  const lookups: [action: string, input: object][] = [
    ["DescribeSecurityGroups", { GroupIds: securityGroupIds }],
    ["DescribeSubnets", { SubnetIds: subnets }],
    ["DescribeVpcs", { VpcIds: [vpcId] }],
  ];
  for (const [action, input] of lookups) {
    const target = { service: "ec2", action, region: call.region, accessKeyId: role.AccessKeyId };
    await call.aws.call(target, input).catch((error: unknown) => {
      if (!(error instanceof AwsError)) throw error;
      throw invalid(error.code === "UnauthorizedOperation" ? `Not authorized to perform ${action}` : error.message);
    });
  }
}
