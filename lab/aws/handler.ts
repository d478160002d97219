/** Types of handlers: the call that they are given, and the AWS that they act on. */
import type { Agenda } from "./agenda";
import type { Hooks } from "./hooks";
import type { RegionState } from "./state";

/** The emulated AWS as its own parts see it. */
export interface Aws {
  readonly accountId: string;
  readonly partition: string;
  /** Access key of clients that assumed no role. */
  readonly rootKey: string;
  readonly hooks: Hooks;
  /** Tasks for later. */
  readonly agenda: Agenda;
  /** May be changed at any time. */
  readonly settings: Settings;
  /** The lab's time. */
  now(): Date;
  state(region: string): RegionState;
  /** The regions that anything has been said of. */
  regions(): string[];
  /** Calls an operation as a client would: through its handler if there is one. */
  call<Output = Record<string, unknown>>(target: Target, input: object): Promise<Output>;
  /** Calls an operation of moto, past every handler. */
  moto<Output = Record<string, unknown>>(target: Target, input: object): Promise<Output>;
  /** @throws AwsError ValidationException if an input does not fit the service's model */
  checkInput(service: string, action: string, input: object): void;
  /** The ARN of an access key's owner; moto has one for keys that nobody has. */
  callerArn(accessKeyId: string, region: string): Promise<string>;
}

/** Durations, in seconds of the lab's clock. */
export interface Settings {
  /** A snapshot's way from `pending` to `completed`. */
  snapshotSeconds: number;
  /** The same of a copy. */
  copySeconds: number;
  /** A fast restore's way to `enabled`, per TiB of volume size; AWS says an hour. */
  fastRestoreSecondsPerTib: number;
}

/** An operation of a service, with its region and its caller. */
export interface Target {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  /** Default: the account's own key. */
  readonly accessKeyId?: string;
  /** True if one of AWS's own services calls, which may write tags that begin with `aws:`. @default false */
  readonly byService?: boolean;
  /** True if the call is part of another, so that no listener is asked for permission. @default false */
  readonly nested?: boolean;
}

/** One call that a handler answers. */
export interface Call extends Required<Target> {
  readonly aws: Aws;
  readonly state: RegionState;
  /** Hands this operation to moto, with this input or another. */
  forward<Output>(input: object): Promise<Output>;
  /** Calls another EC2 operation of the same region, through its handler. */
  ec2<Output>(action: string, input: object): Promise<Output>;
}

/** Answers one operation: what it returns is the operation's output; what it throws, if an AwsError, its error. */
// The input's type is each handler's own; the model decides what arrives.
export type Handler = (input: never, call: Call) => unknown;

/** Handlers by `service:Action`. */
export type Handlers = Readonly<Record<string, Handler>>;
