/** CodeBuild's projects: moto refuses those without a source, and cannot change any. */
import { AwsError } from "../../aws-error";
import type { BuildProject, BuildSettings } from "../../codebuild-project";
import type { Call, Handlers } from "../../handler";
import { pageOf } from "../ec2/lists";
import { asProject, checkSettings, checkVpc } from "./checks";

/** CodeBuild's defaults: minutes that a build may take, and may wait. */
const TIMEOUT = 60;
const QUEUED_TIMEOUT = 480;
const PER_PAGE = 100;

type Request = Partial<Omit<BuildProject, "arn" | "created" | "lastModified">> & {
  readonly name: string;
  readonly badgeEnabled?: boolean;
};

async function createProject(input: Request, call: Call) {
  const { name } = input;
  const { aws, region, state } = call;
  const arn = `arn:${aws.partition}:codebuild:${region}:${aws.accountId}:project/${name}`;
  if (state.buildProjects[name]) throw new AwsError("ResourceAlreadyExistsException", `Project already exists: ${arn}`);
  const encryptionKey = `arn:${aws.partition}:kms:${region}:${aws.accountId}:alias/aws/s3`;
  const defaults = {
    cache: { type: "NO_CACHE" },
    timeoutInMinutes: TIMEOUT,
    queuedTimeoutInMinutes: QUEUED_TIMEOUT,
    encryptionKey,
    tags: [],
    projectVisibility: "PRIVATE",
  };
  const now = aws.now();
  return store({ ...defaults, ...input, arn, created: now, lastModified: now } as unknown as BuildProject, call);
}

/** What is not given stays, and what is given is replaced as a whole. */
async function updateProject(input: Request, call: Call) {
  const project = findProject(call, input.name);
  return store({ ...project, ...input, name: project.name, lastModified: call.aws.now() } as BuildProject, call);
}

/** Keeps a project whose settings CodeBuild takes, and whose role lets CodeBuild look at its network. */
async function store(wanted: BuildProject, call: Call) {
  const { badgeEnabled, concurrentBuildLimit, ...settings } = wanted;
  // Batches have a role of their own.
  if (wanted.buildBatchConfig) throw new Error("batches of builds are not emulated");
  const project = withDefaults({
    ...settings,
    // -1 takes the limit away.
    concurrentBuildLimit: concurrentBuildLimit === -1 ? undefined : concurrentBuildLimit,
    badge: badgeEnabled === undefined ? (wanted.badge ?? { badgeEnabled: false }) : { badgeEnabled },
  } as BuildProject);
  checkSettings(project);
  const role = await asProject(call, project.serviceRole, project.arn);
  await checkVpc(call, project.vpcConfig, role);
  call.state.buildProjects[project.name] = project;
  return { project };
}

/** Adds what every environment and variable has. A network that says nothing is none. */
function withDefaults(project: BuildProject): BuildProject {
  const { environment, vpcConfig } = project;
  const variables = environment.environmentVariables ?? [];
  return {
    ...project,
    vpcConfig: vpcConfig && Object.keys(vpcConfig).length > 0 ? vpcConfig : undefined,
    environment: {
      privilegedMode: false,
      imagePullCredentialsType: "CODEBUILD",
      ...environment,
      environmentVariables: variables.map((one) => ({ type: "PLAINTEXT", ...one })),
    },
  } satisfies BuildSettings;
}

/** A project by name or ARN. @throws AwsError ResourceNotFoundException */
export function findProject({ aws, region, state }: Call, nameOrArn: string): BuildProject {
  const name = nameOf(nameOrArn);
  const project = state.buildProjects[name];
  if (project) return project;
  const arn = `arn:${aws.partition}:codebuild:${region}:${aws.accountId}:project/${name}`;
  throw new AwsError("ResourceNotFoundException", `Project cannot be found: ${arn}`);
}

function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith("arn:") ? (nameOrArn.split("/").pop() ?? "") : nameOrArn;
}

function batchGetProjects({ names }: { readonly names: readonly string[] }, { state }: Call) {
  const found = names.flatMap((name) => state.buildProjects[nameOf(name)] ?? []);
  return { projects: found, projectsNotFound: names.filter((name) => !state.buildProjects[nameOf(name)]) };
}

/** A project's builds outlive it. One that is not there is no error of this operation. */
function deleteProject({ name }: { readonly name: string }, { state }: Call) {
  delete state.buildProjects[nameOf(name)];
  return {};
}

interface ProjectsRequest {
  readonly sortBy?: "NAME" | "CREATED_TIME" | "LAST_MODIFIED_TIME";
  readonly sortOrder?: "ASCENDING" | "DESCENDING";
  readonly nextToken?: string;
}

function listProjects({ sortBy = "NAME", sortOrder = "ASCENDING", nextToken }: ProjectsRequest, { state }: Call) {
  const key = ({ name, created, lastModified }: BuildProject) =>
    sortBy === "NAME" ? name : (sortBy === "CREATED_TIME" ? created : lastModified).toISOString();
  const sorted = Object.values(state.buildProjects).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const names = (sortOrder === "ASCENDING" ? sorted : sorted.reverse()).map(({ name }) => name);
  const { page, NextToken } = pageOf(names, { MaxResults: PER_PAGE, NextToken: nextToken });
  return { projects: page, nextToken: NextToken };
}

/** The handlers of this file. */
export const buildProjectHandlers: Handlers = {
  "codebuild:CreateProject": createProject,
  "codebuild:UpdateProject": updateProject,
  "codebuild:BatchGetProjects": batchGetProjects,
  "codebuild:DeleteProject": deleteProject,
  "codebuild:ListProjects": listProjects,
};
