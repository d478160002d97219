/** One emulated AWS for a test file, on a clock of its own, with clients pointed at it. */
import { EC2Client } from "@aws-sdk/client-ec2";
import type { AwsEvent } from "../../../lab/aws/hooks";
import { type EmulatedAws, type EmulatedAwsOptions, startEmulatedAws } from "../../../lab/aws/server/start";

/** Parts of the emulation that a test needs. */
export interface Emulated extends EmulatedAws {
  readonly ec2: EC2Client;
  /** Every event so far. */
  readonly events: AwsEvent[];
  /** Moves the clock and does what has become due. */
  pass(seconds: number): Promise<void>;
  /** How to make a client of any service. */
  config(region?: string): {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
}

export const REGION = "eu-west-1";

// moto reads its images and instance types at the first call that needs them, which takes seconds.
jest.setTimeout(60_000);

/** Starts the emulation on a clock that stands still until `pass` moves it. */
export async function startEmulated(options: EmulatedAwsOptions = {}): Promise<Emulated> {
  let now = new Date("2026-11-21T00:00:00Z").getTime();
  const aws = await startEmulatedAws({ now: () => new Date(now), ...options });
  const config = (region = REGION) => ({
    endpoint: aws.endpointUrl,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  const events: AwsEvent[] = [];
  aws.hooks.on("Event", (event) => void events.push(event));
  const pass = async (seconds: number) => {
    now += seconds * 1000;
    await aws.aws.agenda.settle();
  };
  return { ...aws, ec2: new EC2Client(config()), events, pass, config };
}

/** Returns the code of the error that a call ends with. Fails if the call succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (!error) throw new Error("the call succeeded, an error was expected");
  return error.name;
}
