/**
 * The AWS provider, kept running between Terraform's commands. Terraform starts a provider anew for each command, and reads the schema of every resource
 * type there is. That is most of the time that a short plan takes. Here `TF_REATTACH_PROVIDERS` tells Terraform of a server that answers for the
 * provider. It hands out the schema from a file, cut down to the types that this project's files name. It passes every other call on, unchanged, to a
 * real provider process. A connection that has configured its provider has a process to itself, for a process remembers one configuration. A connection
 * that is closed frees it for the next.
 *
 * Never for `terraform init`, which would not install the provider, nor for tests of the provider's versions.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
} from "node:http2";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Leashed, startLeashed } from "../run/leashed";
import { CACHE, ROOT } from "../tools/project";
import { answer, passOn, readSchema, refuse, UNAVAILABLE, UNIMPLEMENTED } from "./grpc";
import { cutSchema, namedTypes } from "./provider-schema";

export interface WarmProvider {
  /** The value of `TF_REATTACH_PROVIDERS` for commands in this folder, which the paths in its configuration are relative to. */
  reattach(workingDirectory: string): Promise<string>;
  /** Number of provider processes that run. */
  processes(): number;
  /** Ends the server and every provider process. */
  stop(): Promise<void>;
}

export interface WarmProviderOptions {
  /** The provider's binary, as `terraform init` installs it. */
  readonly binary: string;
  /** Laid over this process's environment: the endpoint and the credentials of the emulated AWS. `undefined` unsets a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the resource types and data sources whose schemas are handed out; asked for with the first schema. */
  readonly types: () => ReadonlySet<string>;
  /** Folder in which the whole schema is kept between runs. */
  readonly cache: string;
}

const ADDRESS = "registry.terraform.io/hashicorp/aws";
const START_TIMEOUT_SECONDS = 60;
/** Provider processes that wait for the next command; each takes some 300 MB. */
const MOST_IDLE = 8;
/** Messages of several megabytes shall not wait for their window to be opened bit by bit. */
const SETTINGS = { initialWindowSize: 1 << 24 };
const SCHEMA_CALL = /\/Get(Provider)?Schema$/;
const CONFIGURE_CALL = /\/Configure(Provider)?$/;

interface Provider {
  readonly process: Leashed;
  readonly session: ClientHttp2Session;
}

const isAlive = ({ session }: Provider) => !session.closed && !session.destroyed;

/** One for clients with this environment, if DOCKER_CACHE_LAB_PROVIDER names the provider's binary, as the gate does. */
export function warmProviderOf(env: WarmProviderOptions["env"]): WarmProvider | undefined {
  const binary = process.env.DOCKER_CACHE_LAB_PROVIDER;
  if (!binary) return undefined;
  return startWarmProvider({
    binary,
    env,
    types: () => namedTypes(ROOT),
    cache: join(CACHE, "provider-schemas"),
  });
}

/** Nothing is started before a command asks. */
export function startWarmProvider(options: WarmProviderOptions): WarmProvider {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-provider-"));
  /** From the moment that they start until they are gone. */
  const all = new Set<Promise<Provider>>();
  /** Configured before, nobody's at the moment; the oldest first. */
  const idle: { readonly workingDirectory: string; readonly provider: Provider }[] = [];
  const start = (workingDirectory: string) => {
    const starting = startProvider(options, workingDirectory);
    all.add(starting);
    starting
      .then((provider) => provider.process.gone)
      .catch(() => undefined)
      .then(() => all.delete(starting));
    return starting;
  };
  const take = async (workingDirectory: string) => {
    for (let index = idle.length - 1; index >= 0; index--) {
      if (idle[index]?.workingDirectory !== workingDirectory) continue;
      const [{ provider }] = idle.splice(index, 1) as [(typeof idle)[number]];
      if (isAlive(provider)) return provider;
    }
    return start(workingDirectory);
  };
  const release = (workingDirectory: string, provider: Provider) => {
    idle.push({ workingDirectory, provider });
    // A folder that is done with asks for nothing any more.
    if (idle.length > MOST_IDLE) void endProvider((idle.shift() as (typeof idle)[number]).provider);
  };
  /** For the calls that need no configuration, of every connection. */
  let common: Promise<Provider> | undefined;
  const anyone = () => {
    if (!common) {
      const forget = () => {
        common = undefined;
      };
      common = start(folder);
      common.then((provider) => provider.process.gone).then(forget, forget);
    }
    return common;
  };
  /** The same for every connection. */
  let schema: Promise<Buffer> | undefined;
  const schemaFor = (headers: IncomingHttpHeaders) => {
    schema ??= schemaOf(options, async () => readSchema((await anyone()).session, headers)).catch((error) => {
      schema = undefined;
      throw error;
    });
    return schema;
  };
  const servers = new Map<string, Promise<ProviderServer>>();

  return {
    async reattach(workingDirectory) {
      const socket = join(folder, String(servers.size));
      const source: Source = {
        anyone,
        schemaFor,
        take: () => take(workingDirectory),
        release: (provider) => release(workingDirectory, provider),
      };
      const server = servers.get(workingDirectory) ?? startServer(socket, source);
      servers.set(workingDirectory, server);
      return addressed((await server).socket);
    },
    processes: () => all.size,
    async stop() {
      for (const server of await Promise.allSettled(servers.values()))
        if (server.status === "fulfilled") await server.value.stop();
      for (const provider of await Promise.allSettled(all))
        if (provider.status === "fulfilled") await endProvider(provider.value);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As Terraform reads it in `TF_REATTACH_PROVIDERS`. */
function addressed(socket: string): string {
  const Addr = { Network: "unix", String: socket };
  return JSON.stringify({ [ADDRESS]: { Protocol: "grpc", ProtocolVersion: 5, Pid: process.pid, Test: true, Addr } });
}

interface ProviderServer {
  readonly socket: string;
  stop(): Promise<void>;
}

interface Source {
  readonly anyone: () => Promise<Provider>;
  readonly schemaFor: (headers: IncomingHttpHeaders) => Promise<Buffer>;
  readonly take: () => Promise<Provider>;
  readonly release: (provider: Provider) => void;
}

/** Starts the server that Terraform connects to, for the commands of one working directory. */
async function startServer(socket: string, { anyone, schemaFor, take, release }: Source): Promise<ProviderServer> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ settings: SETTINGS });
  server.on("session", (session) => {
    sessions.add(session);
    /** Once this connection has configured its provider. */
    let own: Promise<Provider> | undefined;
    let isCutShort = false;
    session.on("error", () => session.destroy());
    session.on("stream", (stream, headers) => {
      const path = String(headers[":path"]);
      stream.on("error", () => stream.destroy());
      if (!path.startsWith("/tfplugin")) return refuse(stream, UNIMPLEMENTED, "");
      stream.once("close", () => {
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) isCutShort = true;
      });
      const failed = (error: Error) => refuse(stream, UNAVAILABLE, error.message);
      if (SCHEMA_CALL.test(path)) {
        schemaFor(headers)
          .then((body) => answer(stream, body))
          .catch(failed);
        return;
      }
      if (CONFIGURE_CALL.test(path)) own ??= take();
      (own ?? anyone()).then((one) => passOn(stream, headers, one.session)).catch(failed);
    });
    session.once("close", async () => {
      sessions.delete(session);
      const provider = await own?.catch(() => undefined);
      if (!provider) return;
      // Of a command that was killed nobody knows what the provider is still at.
      if (isCutShort) await endProvider(provider);
      else release(provider);
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  const stop = async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { socket, stop };
}

async function startProvider({ binary, env }: WarmProviderOptions, cwd: string): Promise<Provider> {
  // With a bundle of its own the provider cannot be configured a second time.
  const environment = {
    ...process.env,
    ...env,
    AWS_CA_BUNDLE: undefined,
    TF_REATTACH_PROVIDERS: undefined,
    TF_LOG: "off",
  };
  const [line, leashed] = await startLeashed([binary, "-debug"], {
    env: environment,
    cwd,
    until: /TF_REATTACH_PROVIDERS='(.*)'/,
    untilSeconds: START_TIMEOUT_SECONDS,
  });
  try {
    const { Addr } = JSON.parse(line[1] ?? "")[ADDRESS] as { Addr: { String: string } };
    const session = connect("http://localhost", {
      settings: SETTINGS,
      createConnection: () => connectSocket(Addr.String),
    });
    // One does not outlive the other.
    session.on("error", () => session.destroy());
    session.once("close", () => void leashed.end());
    leashed.gone.then(() => session.destroy());
    return { process: leashed, session };
  } catch (error) {
    await leashed.end();
    throw error;
  }
}

async function endProvider({ process: leashed, session }: Provider): Promise<void> {
  session.destroy();
  await leashed.end();
}

/** The schema cut down. The provider is asked for it once: it is kept in a file that is named after the binary. */
async function schemaOf({ binary, types, cache }: WarmProviderOptions, ask: () => Promise<Buffer>): Promise<Buffer> {
  const { size, mtimeMs } = statSync(binary);
  const name = createHash("sha256")
    .update(`${realpathSync(binary)} ${size} ${mtimeMs}`)
    .digest("hex")
    .slice(0, 16);
  const file = join(cache, name);
  if (!existsSync(file)) {
    const whole = await ask();
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, whole);
    renameSync(`${file}.${process.pid}`, file);
  }
  return cutSchema(readFileSync(file), types());
}
