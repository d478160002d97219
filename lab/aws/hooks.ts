/** Hooks of the emulated AWS: it tells listeners of calls that change machines and volumes, and of EventBridge's events. */
import type { Instance, Snapshot, Volume, VolumeAttachment } from "@aws-sdk/client-ec2";

/** An event as EventBridge delivers it. */
export interface AwsEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** `yyyy-mm-ddThh:mm:ssZ`, without fractions of a second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * A call of a client, or of a service in the name of a role; raised before it is carried out. A listener that throws an
 * AwsError refuses the call. S3's `input` has text only, except for what is in its XML.
 */
export interface IncomingCall {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A service that is about to act in the name of a role. A listener that throws keeps it from doing so. */
export interface RoleAssumption {
  readonly partition: string;
  readonly roleArn: string;
  /** The service's principal without its domain: `scheduler`. */
  readonly service: string;
  /** ARN that the service works for, as it says in `aws:SourceArn`; undefined if it says nothing. */
  readonly sourceArn?: string;
}

/** Credentials of a role. */
export interface RoleCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
}

/** A build of CodeBuild's that has begun. Who runs it leaves its end in `state(region).builds`. */
export interface StartedBuild {
  readonly region: string;
  readonly projectName: string;
  readonly buildId: string;
  /** Those of the project's role, as its containers have them. */
  readonly credentials: RoleCredentials;
}

/** A service that is about to publish to a topic as itself. A listener that throws keeps it from doing so. */
export interface Publication {
  readonly partition: string;
  readonly region: string;
  readonly topicArn: string;
  /** The service's principal without its domain: `events`. */
  readonly service: string;
  /** ARN that the service works for, as it says in `aws:SourceArn`; undefined if it says nothing. */
  readonly sourceArn?: string;
}

/** A message that a rule or an alarm had for a topic. */
export interface Notification {
  readonly region: string;
  readonly topicArn: string;
  /** ARN of the rule or the alarm. */
  readonly sourceArn: string;
  /** The text as subscribers get it. */
  readonly message: string;
  /** Reason for which it was not delivered: on AWS nobody hears of that. Undefined: subscribers have it. */
  readonly refusal?: string;
}

/** EventBridge is about to write into a log group as itself. A listener that throws keeps it from doing so. */
export interface LogWrite {
  readonly partition: string;
  readonly region: string;
  readonly logGroup: string;
  /** A new one for each event. */
  readonly logStream: string;
  readonly ruleArn: string;
}

/** A line that a rule had for a log group. */
export interface LogLine {
  readonly region: string;
  readonly logGroup: string;
  readonly ruleArn: string;
  /** The line; if its input could not be made: undefined. */
  readonly message?: string;
  /** Reason for which it is not in the group: on AWS nobody hears of that, except for the metric FailedInvocations. */
  readonly refusal?: string;
}

/** An asynchronous invocation of a function that Lambda has taken, and nobody has carried out yet. */
export interface AcceptedInvocation {
  readonly region: string;
  readonly functionName: string;
  /** Version or alias; undefined: the function itself. */
  readonly qualifier?: string;
  readonly event: unknown;
}

/** The hooks by name, each with what its listeners are given. */
export interface HookPayloads {
  Request: IncomingCall;
  AssumeRole: RoleAssumption;
  Event: AwsEvent;
  Invoke: AcceptedInvocation;
  Publish: Publication;
  Notification: Notification;
  WriteLog: LogWrite;
  LogLine: LogLine;
  StartBuild: StartedBuild;
  /** The instance as DescribeInstances shows it, its volumes attached; `userData` in base64. */
  RunInstances: { region: string; instance: Instance; userData?: string };
  StartInstances: { region: string; instanceId: string };
  StopInstances: { region: string; instanceId: string };
  TerminateInstances: { region: string; instanceId: string };
  CreateVolume: { region: string; volume: Volume };
  /** By DeleteVolume, or with the instance that it was attached to; then after the instance's own hook. */
  DeleteVolume: { region: string; volumeId: string };
  AttachVolume: { region: string; attachment: VolumeAttachment };
  DetachVolume: { region: string; attachment: VolumeAttachment };
  CreateSnapshot: { region: string; snapshot: Snapshot };
  CopySnapshot: { region: string; snapshot: Snapshot; sourceRegion: string; sourceSnapshotId: string };
  DeleteSnapshot: { region: string; snapshotId: string };
}

type Listener<Name extends keyof HookPayloads> = (payload: HookPayloads[Name]) => void | Promise<void>;

/** Listeners by hook. A call is answered after its listeners have ended; one that throws makes the call fail. */
export interface Hooks {
  /** Adds a listener; the function that comes back removes it. */
  on<Name extends keyof HookPayloads>(name: Name, listener: Listener<Name>): () => void;
  /** True if the hook has a listener. */
  has(name: keyof HookPayloads): boolean;
  /** Runs the listeners of a hook, one after the other, in the order they were added. */
  raise<Name extends keyof HookPayloads>(name: Name, payload: HookPayloads[Name]): Promise<void>;
}

/** An empty set of hooks. */
export function createHooks(): Hooks {
  const listeners = new Map<string, Set<Listener<never>>>();
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener as Listener<never>));
      return () => set.delete(listener as Listener<never>);
    },
    has: (name) => (listeners.get(name)?.size ?? 0) > 0,
    async raise(name, payload) {
      for (const listener of [...(listeners.get(name) ?? [])]) await listener(payload as never);
    },
  };
}
