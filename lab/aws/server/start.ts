/** Starts the emulated AWS: moto, and in front of it the server that the product is pointed at. */
import { appendFileSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { type WarmProvider, warmProviderOf } from "../../provider/warm-provider";
import type { Aws, Settings } from "../handler";
import { createHooks, type Hooks } from "../hooks";
import { ensureMoto, modelsFolder, startMoto } from "../moto/server";
import type { RegionState } from "../state";
import { readModels } from "../wire/model";
import { createAws } from "./aws";
import { startFront } from "./front";
import { allHandlers } from "./handlers";
import { noS3Faults, type S3Faults } from "./s3-faults";

/** Options of the start. */
export interface EmulatedAwsOptions {
  /** Port of the loopback address. @default - a free one */
  readonly port?: number;
  /** File to which each call and moto's own output are appended. @default - none */
  readonly logFile?: string;
  /** The time that the emulation lives in. @default - the machine's clock */
  readonly now?: () => Date;
  /** Durations. @default - nothing takes time, except fast restore: an hour per TiB */
  readonly settings?: Partial<Settings>;
  /** Told what takes long: the first start installs moto. @default - silent */
  readonly say?: (line: string) => void;
}

/** A running emulated AWS. */
export interface EmulatedAws {
  readonly endpointUrl: string;
  /** The environment of Terraform, the SDK and the CLI; to be laid over `process.env`. `undefined` unsets a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A provider that works for this AWS and is kept warm, if that is asked for. */
  readonly provider?: WarmProvider;
  readonly hooks: Hooks;
  /** Calls operations without HTTP, reads the state, knows the lab's time. */
  readonly aws: Aws;
  /** The front's memory, by region. */
  readonly regions: Readonly<Record<string, RegionState>>;
  readonly motoPid: number;
  /** May be changed at any time: what goes wrong with each request to S3. */
  readonly s3: { faults: S3Faults };
  /** Lets another server answer for the host names that a pattern matches whole. The function that comes back ends that. */
  serveHost(pattern: RegExp, listener: RequestListener): () => void;
  /** Stops server and moto, and returns when both are gone. */
  stop(): Promise<void>;
}

const DEFAULT_SETTINGS: Settings = { snapshotSeconds: 0, copySeconds: 0, fastRestoreSecondsPerTib: 3600 };

/**
 * Starts moto and the front; about a second once moto is installed. The front runs in this process: a client that this process
 * waits for synchronously (spawnSync) waits for ever.
 */
export async function startEmulatedAws(options: EmulatedAwsOptions = {}): Promise<EmulatedAws> {
  const environment = await ensureMoto(options.say);
  const moto = await startMoto(environment, options.logFile);
  try {
    const models = readModels(await modelsFolder(environment));
    const regions: Record<string, RegionState> = {};
    const hooks = createHooks();
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    const now = options.now ?? (() => new Date());
    const aws = createAws({ models, handlers: allHandlers, motoPort: moto.port, hooks, now, regions, settings });
    const reset = () => {
      aws.agenda.clear();
      for (const region of Object.keys(regions)) delete regions[region];
    };
    const { logFile } = options;
    const log = (line: string) => logFile && appendFileSync(logFile, `${line}\n`);
    const hosts = createHosts();
    const s3: EmulatedAws["s3"] = { faults: noS3Faults };
    const s3Faults: S3Faults = (request) => s3.faults(request);
    const { listenerOf } = hosts;
    const parts = { models, handlers: allHandlers, motoPort: moto.port, aws, reset, log, listenerOf, s3Faults };
    const server = await startFront(parts, options.port ?? 0);
    const endpointUrl = `http://127.0.0.1:${portOf(server)}`;
    const env = clientEnvironment(endpointUrl);
    const provider = warmProviderOf(env);
    const stop = async () => {
      aws.agenda.clear();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await moto.stop();
      await provider?.stop();
    };
    return { endpointUrl, env, provider, hooks, aws, regions, motoPid: moto.pid, s3, serveHost: hosts.serve, stop };
  } catch (error) {
    await moto.stop();
    throw error;
  }
}

/** Host names that others answer for, the newest first. */
function createHosts() {
  const hosts: { readonly pattern: RegExp; readonly listener: RequestListener }[] = [];
  return {
    serve(pattern: RegExp, listener: RequestListener): () => void {
      const entry = { pattern, listener };
      hosts.unshift(entry);
      return () => void hosts.splice(hosts.indexOf(entry), 1);
    },
    listenerOf: (host: string) => hosts.find(({ pattern }) => pattern.test(host))?.listener,
  };
}

/** Points every AWS client at the endpoint with dummy keys, and away from the user's own settings and metadata. */
function clientEnvironment(endpointUrl: string): Record<string, string | undefined> {
  return {
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
