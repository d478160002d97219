/**
 * User data as an expression: settings as `export NAME='base64'` lines, then the static scripts. Terraform joins them, so that a
 * setting may be known at plan time only and survives any byte. The parts, and why the nouns differ: lib/userdata/render.ts.
 */
import { gzipSync } from "node:zlib";
import type { BuilderSettings, WorkerSettings } from "../../lib/config/cell";
import { CACHE_DEVICE_NAME } from "../../lib/contract";
import {
  bundleScript,
  checkUserDataSize,
  renderBuilder,
  renderWorker,
  SHEBANG,
  SHORTEN_USER_DATA,
  settingLine,
  USER_DATA_MAXIMUM_BYTES,
  type UserDataNoun,
  unpackScript,
} from "../../lib/userdata/render";
import type { BuilderSetting, CommonSetting, WorkerSetting } from "../../lib/userdata/settings";
import { type Construct, TerraformLocal, Token } from "../terraform/cdktf";
import { hcl, str } from "../terraform/expression";
import { besideStack, fileBeside } from "../terraform/files";
import { isAbsent, isMaybe } from "../terraform/maybe";

export type SettingValue = string | number | null | readonly string[];
export type Settings<Name extends string> = Readonly<Record<Name, SettingValue>>;

/** The settings that the scripts of both nouns read. */
export function commonSettings({
  name,
  architecture,
  store,
  network: { proxy },
}: Pick<BuilderSettings | WorkerSettings, "name" | "architecture" | "store" | "network">): Settings<CommonSetting> {
  return {
    CACHE_NAME: name,
    CACHE_ARCHITECTURE: architecture,
    IMAGE_STORE: store,
    DEVICE_NAME: CACHE_DEVICE_NAME,
    HTTP_PROXY_URL: proxy.http,
    HTTPS_PROXY_URL: proxy.https,
    NO_PROXY_HOSTS: proxy.no,
  };
}

/** Base64 of the builder's user data, gzipped whole, as a local value. */
export function builderUserData(scope: Construct, settings: Settings<BuilderSetting>): TerraformLocal {
  refuseTooLong(scope, "builder", gzipSync(renderBuilder(asFarAsKnown(settings))).byteLength);
  const script = fileBeside(
    scope,
    "userdata/builder.sh",
    once("builder", () => bundleScript("builder")),
  );
  const lines = [SHEBANG, ...header(settings), str`file(${script})`];
  return new TerraformLocal(scope, "user_data", hcl`base64gzip(join("\n", ${lines}))`);
}

/** Base64 of the worker's user data, text that carries its script gzipped, as a local value. */
export function workerUserData(scope: Construct, settings: Settings<WorkerSetting>): TerraformLocal {
  const { USER_SCRIPT: script, ...others } = settings;
  refuseTooLong(scope, "worker", Buffer.byteLength(renderWorker(asFarAsKnown(settings))));
  fileBeside(
    scope,
    "userdata/worker.sh",
    once("worker", () => bundleScript("worker")),
  );
  fileBeside(scope, "userdata/unpack.sh", once("unpack", unpackScript));
  const lines = [
    SHEBANG,
    ...header(others),
    settingLine("USER_SCRIPT", gzipped(script)),
    settingLine("WORKER_SCRIPT", str`base64gzip(file(${besideStack("userdata/worker.sh")}))`),
    str`file(${besideStack("userdata/unpack.sh")})`,
  ];
  return new TerraformLocal(scope, "user_data", hcl`base64encode(join("\n", ${lines}))`);
}

/** Fails the plan if user data is too long; base64 takes four bytes for three. */
export function userDataFits(
  noun: UserDataNoun,
  userData: TerraformLocal,
): { condition: string; errorMessage: string } {
  const most = Math.ceil(USER_DATA_MAXIMUM_BYTES / 3) * 4;
  return {
    condition: str`length(${userData.expression}) <= ${most}`,
    errorMessage: `User data takes more than ${USER_DATA_MAXIMUM_BYTES} bytes, the most that EC2 takes: ${SHORTEN_USER_DATA[noun]}.`,
  };
}

const bundles = new Map<string, string>();

/** The same for every stack of a synthesis. */
function once(name: string, make: () => string): string {
  if (!bundles.has(name)) bundles.set(name, make());
  return bundles.get(name)!;
}

function header(settings: Readonly<Record<string, SettingValue>>): string[] {
  return Object.entries(settings).map(([name, value]) => settingLine(name, str`base64encode(${textOf(value)})`));
}

/** A setting's text: null is the empty string, a list one item a line. */
function textOf(value: SettingValue): unknown {
  if (isAbsent(value)) return "";
  if (isMaybe(value)) return hcl`${value} == null ? "" : ${value}`;
  if (Array.isArray(value)) return Token.isUnresolved(value) ? hcl`join("\n", ${value})` : value.join("\n");
  return typeof value === "number" && !Token.isUnresolved(value) ? String(value) : value;
}

function gzipped(script: SettingValue): string {
  if (isAbsent(script)) return "";
  return isMaybe(script) ? str`${script} == null ? "" : base64gzip(${script})` : str`base64gzip(${script})`;
}

/** Stand-in for a text that only the plan knows: about as long as an id or one of our names, and as hard to compress. */
const UNKNOWN = "9c1185a5c5e9fc54612808977ee8f548b2258d31";

function asFarAsKnown<Name extends string>(settings: Settings<Name>): Record<Name, string> {
  const known = Object.entries<SettingValue>(settings).map(([name, value]) => {
    const text = textOf(value);
    return [name, typeof text === "string" && !Token.isUnresolved(text) ? text : UNKNOWN];
  });
  return Object.fromEntries(known) as Record<Name, string>;
}

/** User data that EC2 would refuse. */
export class UserDataTooLong extends Error {
  override readonly name = "UserDataTooLong";
}

function refuseTooLong(scope: Construct, noun: UserDataNoun, bytes: number): void {
  const problem = checkUserDataSize(noun, bytes);
  if (problem !== undefined) throw new UserDataTooLong(`${scope.node.path}: ${problem}`);
}
