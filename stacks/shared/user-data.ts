/**
 * User data as an expression: settings as `export NAME='base64'` lines, then the static scripts, joined by Terraform. Settings survive any
 * byte; no template language touches a script.
 */

import { gzipSync } from "node:zlib";
import type { Common } from "../../lib/config/cell";
import { TerraformLocal, Token } from "./cdktf";
import type { CellScope } from "./cell-scope";
import { hcl, str } from "./expression";
import { fileBeside } from "./files";
import { isAbsent, isMaybe } from "./maybe";
import { type Noun, userDataScript } from "./scripts";

/** Most bytes of user data before base64 (EC2 User Guide, "Instance user data"). */
export const USER_DATA_MAXIMUM_BYTES = 16_384;
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

/** Base64 of the user data, as a local value that the template, its size check and the module's output share. */
export function createUserData(
  { scope }: CellScope<Common>,
  noun: Noun,
  settings: Readonly<Record<string, SettingValue>>,
): TerraformLocal {
  const script = userDataScript(noun);
  const header = Object.entries(settings).map(
    ([name, value]) => `export ${name}='${str`base64encode(${textOf(value)})`}'`,
  );
  const bytes = Object.entries(settings).reduce(
    (sum, [name, value]) => sum + `export ${name}=''\n`.length + bytesOf(value),
    gzipSync(script).byteLength,
  );
  if (bytes > USER_DATA_MAXIMUM_BYTES) throw tooLong(scope.node.path, bytes);
  const path = fileBeside(scope, `userdata/${noun}.sh`, script);
  const lines = ["#!/usr/bin/env bash", ...header, str`file(${path})`];
  return new TerraformLocal(scope, "user_data", hcl`base64gzip(join("\n", ${lines}))`);
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
