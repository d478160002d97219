/** CodeBuild's builds. Here nothing runs them: a listener of `StartBuild` may, and leaves its result in the build's record. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../../aws-error";
import type { BuildProject, BuildRecord, BuildSettings, EnvironmentVariable } from "../../codebuild-project";
import type { Call, Handlers } from "../../handler";
import { pageOf } from "../ec2/lists";
import { asProject, checkSettings, invalid } from "./checks";
import { findProject } from "./projects";

const PER_PAGE = 100;
/** Time for which a token makes a second request the same as the first (StartBuild). */
const TOKEN_MILLISECONDS = 5 * 60_000;

interface Request {
  readonly projectName: string;
  readonly idempotencyToken?: string;
  readonly [override: string]: unknown;
}

/** What a build has of its request in place of its project's. An override that is missing here is an error. */
const OVERRIDES: Readonly<Record<string, (project: BuildSettings, value: never) => Partial<BuildSettings>>> = {
  artifactsOverride: (_, artifacts) => ({ artifacts }),
  buildspecOverride: ({ source }, buildspec) => ({ source: { ...source, buildspec } }),
  cacheOverride: (_, cache) => ({ cache }),
  computeTypeOverride: ({ environment }, computeType) => ({ environment: { ...environment, computeType } }),
  encryptionKeyOverride: (_, encryptionKey) => ({ encryptionKey }),
  environmentTypeOverride: ({ environment }, type) => ({ environment: { ...environment, type } }),
  environmentVariablesOverride: ({ environment }, given) => ({
    environment: { ...environment, environmentVariables: overridden(environment.environmentVariables, given) },
  }),
  imageOverride: ({ environment }, image) => ({ environment: { ...environment, image } }),
  logsConfigOverride: (_, logsConfig) => ({ logsConfig }),
  privilegedModeOverride: ({ environment }, privilegedMode) => ({ environment: { ...environment, privilegedMode } }),
  queuedTimeoutInMinutesOverride: (_, queuedTimeoutInMinutes) => ({ queuedTimeoutInMinutes }),
  serviceRoleOverride: (_, serviceRole) => ({ serviceRole }),
  sourceVersion: (_, sourceVersion) => ({ sourceVersion }),
  timeoutInMinutesOverride: (_, timeoutInMinutes) => ({ timeoutInMinutes }),
};

/** The project's variables, of which those of the same name are replaced. */
function overridden(own: readonly EnvironmentVariable[] = [], given: readonly EnvironmentVariable[]) {
  const names = new Set(given.map(({ name }) => name));
  return [...own.filter(({ name }) => !names.has(name)), ...given.map((one) => ({ type: "PLAINTEXT", ...one }))];
}

/** Starts a build in the name of its role, and tells the listeners of `StartBuild`. */
async function startBuild(input: Request, call: Call) {
  const known = earlier(input, call);
  if (known) return { build: known };
  const project = findProject(call, input.projectName);
  const settings = settingsOf(project, input);
  checkSettings(settings);
  const { region, aws, state } = call;
  const credentials = await asProject(call, settings.serviceRole, project.arn);
  const initiator = (await aws.callerArn(call.accessKeyId, region)).split("/").slice(1).join("/");
  // From here to the build's record nothing is waited for: another request at the same time finds all of it or nothing.
  const meanwhile = earlier(input, call);
  if (meanwhile) return { build: meanwhile };
  checkLimit(project, call);
  const build = { ...record(project, settings, call), initiator };
  state.builds[build.id] = build;
  if (input.idempotencyToken) {
    const parameters = JSON.stringify(input);
    state.buildRequests[input.idempotencyToken] = { at: aws.now(), parameters, buildId: build.id };
  }
  await aws.hooks.raise("StartBuild", { region, projectName: project.name, buildId: build.id, credentials });
  return { build };
}

/** The build that a request with the same token has started already. */
function earlier(input: Request, { aws, state }: Call): BuildRecord | undefined {
  const request = input.idempotencyToken ? state.buildRequests[input.idempotencyToken] : undefined;
  if (!request || aws.now().getTime() - request.at.getTime() > TOKEN_MILLISECONDS) return undefined;
  if (request.parameters !== JSON.stringify(input))
    throw invalid("Parameter mismatch: the idempotency token was used with other parameters");
  return state.builds[request.buildId];
}

function settingsOf(project: BuildProject, { projectName: _, idempotencyToken: _token, ...given }: Request) {
  let settings: BuildSettings = project;
  for (const [name, value] of Object.entries(given)) {
    const override = OVERRIDES[name];
    if (!override) throw new Error(`StartBuild's ${name} is not emulated`);
    settings = { ...settings, ...override(settings, value as never) };
  }
  return settings;
}

function checkLimit({ name, concurrentBuildLimit }: BuildProject, { state }: Call): void {
  const running = Object.values(state.builds).filter((one) => one.projectName === name && !one.buildComplete);
  if (concurrentBuildLimit === undefined || running.length < concurrentBuildLimit) return;
  const message = `Cannot have more than ${concurrentBuildLimit} builds in queue for the project ${name}`;
  throw new AwsError("AccountLimitExceededException", message);
}

function record(project: BuildProject, settings: BuildSettings, call: Call): BuildRecord {
  const { aws, region, state } = call;
  const id = `${project.name}:${randomUUID()}`;
  const before = Object.values(state.builds).filter(({ projectName }) => projectName === project.name);
  const { source, sourceVersion, artifacts, cache, environment, serviceRole, vpcConfig, encryptionKey } = settings;
  const { timeoutInMinutes, queuedTimeoutInMinutes, logsConfig } = settings;
  return {
    ...{ source, sourceVersion, artifacts, cache, environment, serviceRole, vpcConfig, encryptionKey },
    ...{ timeoutInMinutes, queuedTimeoutInMinutes, logsConfig },
    id,
    arn: `arn:${aws.partition}:codebuild:${region}:${aws.accountId}:build/${id}`,
    projectName: project.name,
    buildNumber: Math.max(0, ...before.map(({ buildNumber }) => buildNumber)) + 1,
    startTime: aws.now(),
    currentPhase: "SUBMITTED",
    buildStatus: "IN_PROGRESS",
    buildComplete: false,
  };
}

function batchGetBuilds({ ids }: { readonly ids: readonly string[] }, { state }: Call) {
  const key = (id: string) => (id.startsWith("arn:") ? (id.split("build/")[1] ?? "") : id);
  const builds = ids.flatMap((id) => state.builds[key(id)] ?? []);
  return { builds, buildsNotFound: ids.filter((id) => !state.builds[key(id)]) };
}

interface BuildsRequest {
  readonly projectName?: string;
  readonly sortOrder?: "ASCENDING" | "DESCENDING";
  readonly nextToken?: string;
}

/** Of one project or of all; by number, the newest first. */
function listBuilds({ projectName, sortOrder = "DESCENDING", nextToken }: BuildsRequest, call: Call) {
  const name = projectName && findProject(call, projectName).name;
  const builds = Object.values(call.state.builds)
    .filter((build) => !name || build.projectName === name)
    .sort((a, b) => a.startTime.getTime() - b.startTime.getTime() || a.buildNumber - b.buildNumber);
  const ids = (sortOrder === "ASCENDING" ? builds : builds.reverse()).map(({ id }) => id);
  const { page, NextToken } = pageOf(ids, { MaxResults: PER_PAGE, NextToken: nextToken });
  return { ids: page, nextToken: NextToken };
}

/** A listener that runs the build finds it stopped in its record. */
function stopBuild({ id }: { readonly id: string }, { aws, state }: Call) {
  const build = state.builds[id];
  if (!build) throw new AwsError("ResourceNotFoundException", `Build ${id} does not exist`);
  if (!build.buildComplete) {
    Object.assign(build, {
      buildStatus: "STOPPED",
      buildComplete: true,
      currentPhase: "COMPLETED",
      endTime: aws.now(),
    });
  }
  return { build };
}

/** The handlers of this file. */
export const buildHandlers: Handlers = {
  "codebuild:StartBuild": startBuild,
  "codebuild:BatchGetBuilds": batchGetBuilds,
  "codebuild:ListBuilds": listBuilds,
  "codebuild:ListBuildsForProject": listBuilds,
  "codebuild:StopBuild": stopBuild,
};
