/**
 * User data as an expression: settings as `export NAME='base64'` lines, then the static scripts, joined by Terraform (lib/userdata/render.ts says
 * how). Settings survive any byte; no template language touches a script.
 */

import { gzipSync } from "node:zlib";
import type { Common } from "../../lib/config/cell";
import {
  bundleScript,
  SHEBANG,
  USER_DATA_MAXIMUM_BYTES,
  type UserDataNoun,
  unpackScript,
} from "../../lib/userdata/render";
import { TerraformLocal, Token } from "./cdktf";
import type { CellScope } from "./cell-scope";
import { hcl, str } from "./expression";
import { fileBeside } from "./files";
import { isAbsent, isMaybe } from "./maybe";

/** The same after base64. */
const ENCODED_MAXIMUM = Math.ceil(USER_DATA_MAXIMUM_BYTES / 3) * 4;

export type SettingValue = string | number | null | readonly string[];

/** A setting's text: null is the empty string, a list one item a line. */
function textOf(value: SettingValue): unknown {
  if (isAbsent(value)) return "";
  if (isMaybe(value)) return hcl`${value} == null ? "" : ${value}`;
  if (Array.isArray(value)) return Token.isUnresolved(value) ? hcl`join("\n", ${value})` : value.join("\n");
  return typeof value === "number" && !Token.isUnresolved(value) ? String(value) : value;
}

/** Bytes that a setting takes; null where only the plan knows. A reference to another resource counts as the longest id or ARN of ours. */
function bytesOf(value: SettingValue): number {
  const text = textOf(value);
  const raw = typeof text === "string" && !Token.isUnresolved(text) ? Buffer.byteLength(text) : 128;
  return Math.ceil(raw / 3) * 4;
}

/** A setting in base64; the consumer's own script is gzipped first. */
function encoded(name: string, value: SettingValue): string {
  if (name !== "USER_SCRIPT") return str`base64encode(${textOf(value)})`;
  if (isAbsent(value)) return "";
  return isMaybe(value) ? str`${value} == null ? "" : base64gzip(${value})` : str`base64gzip(${value})`;
}

/**
 * Base64 of the user data, as a local value that the template, its size check and the module's output share. The builder's is gzipped whole; the
 * worker's is text, so that it can be one part of somebody's own.
 */
export function createUserData(
  { scope }: CellScope<Common>,
  noun: UserDataNoun,
  settings: Readonly<Record<string, SettingValue>>,
): TerraformLocal {
  const script = bundleScript(noun);
  const header = Object.entries(settings).map(([name, value]) => `export ${name}='${encoded(name, value)}'`);
  const packed = gzipSync(script).byteLength;
  const bytes = Object.entries(settings).reduce(
    (sum, [name, value]) => sum + `export ${name}=''\n`.length + bytesOf(value),
    noun === "builder" ? packed : Math.ceil(packed / 3) * 4 + unpackScript().length,
  );
  if (bytes > USER_DATA_MAXIMUM_BYTES) throw tooLong(scope.node.path, bytes);
  const path = fileBeside(scope, `userdata/${noun}.sh`, script);
  if (noun === "builder") {
    const lines = [SHEBANG, ...header, str`file(${path})`];
    return new TerraformLocal(scope, "user_data", hcl`base64gzip(join("\n", ${lines}))`);
  }
  const unpack = fileBeside(scope, "userdata/unpack.sh", unpackScript());
  const lines = [SHEBANG, ...header, `export WORKER_SCRIPT='${str`base64gzip(file(${path}))`}'`, str`file(${unpack})`];
  return new TerraformLocal(scope, "user_data", hcl`base64encode(join("\n", ${lines}))`);
}

function tooLong(path: string, bytes: number): Error {
  return new Error(
    `${path}: user data would take about ${bytes} bytes, and EC2 takes at most ${USER_DATA_MAXIMUM_BYTES}: shorten the worker's script or the proxy's list of hosts`,
  );
}

/** Fails the plan where a module's user data is too long. */
export function userDataFits(userData: TerraformLocal): { condition: string; errorMessage: string } {
  return {
    condition: str`length(${userData.expression}) <= ${ENCODED_MAXIMUM}`,
    errorMessage: `User data takes more than ${USER_DATA_MAXIMUM_BYTES} bytes, the most that EC2 takes. Shorten the script.`,
  };
}
