/** CodeBuild's projects and builds, as far as the emulation reads them; whatever else the API's models have is kept as it came. */

/** Where the source and the buildspec come from. */
export interface ProjectSource {
  readonly type: string;
  readonly location?: string;
  /** The text itself, a path in the source, or the ARN of an object in S3. */
  readonly buildspec?: string;
  readonly reportBuildStatus?: boolean;
}

/** Where the output goes. */
export interface ProjectArtifacts {
  readonly type: string;
  readonly location?: string;
  readonly encryptionDisabled?: boolean;
}

/** CodeBuild's own cache. */
export interface ProjectCache {
  readonly type: string;
  readonly location?: string;
  readonly modes?: readonly string[];
}

/** A variable by value, or by the name of a parameter or secret. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
}

/** The container that a build runs in. */
export interface ProjectEnvironment {
  readonly type: string;
  readonly image: string;
  readonly computeType: string;
  readonly environmentVariables?: readonly EnvironmentVariable[];
  readonly privilegedMode?: boolean;
  readonly imagePullCredentialsType?: string;
  readonly registryCredential?: object;
}

/** The network that a build runs in; empty in an update that takes it away. */
export interface ProjectVpc {
  readonly vpcId?: string;
  readonly subnets?: readonly string[];
  readonly securityGroupIds?: readonly string[];
}

/** What projects and builds have in common, and a build may have otherwise than its project. */
export interface BuildSettings {
  readonly source: ProjectSource;
  readonly sourceVersion?: string;
  readonly artifacts: ProjectArtifacts;
  readonly cache: ProjectCache;
  readonly environment: ProjectEnvironment;
  /** ARN. */
  readonly serviceRole: string;
  readonly timeoutInMinutes: number;
  readonly queuedTimeoutInMinutes: number;
  readonly encryptionKey: string;
  readonly vpcConfig?: ProjectVpc;
  readonly logsConfig?: object;
  readonly [more: string]: unknown;
}

/** A project as BatchGetProjects shows it. */
export interface BuildProject extends BuildSettings {
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  readonly lastModified: Date;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** Builds that may run at once; undefined: any number. */
  readonly concurrentBuildLimit?: number;
}

/** A build as BatchGetBuilds shows it. Who runs it changes its status, phase and end. */
export interface BuildRecord extends BuildSettings {
  /** `PROJECT:UUID`. */
  readonly id: string;
  readonly arn: string;
  readonly projectName: string;
  readonly buildNumber: number;
  readonly startTime: Date;
  endTime?: Date;
  currentPhase: string;
  buildStatus: "SUCCEEDED" | "FAILED" | "FAULT" | "TIMED_OUT" | "IN_PROGRESS" | "STOPPED";
  buildComplete: boolean;
}

/** A StartBuild that was made with a token. */
export interface BuildRequest {
  readonly at: Date;
  /** The parameters, in a form that can be compared. */
  readonly parameters: string;
  readonly buildId: string;
}
