/** The AWS provider's schema, cut down to the types that are used: some 50 of its 2,100 resource types and data sources. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles } from "../tools/project";

/**
 * Fields of the answer to `GetSchema` that map a name to a schema, by number: resource types, data sources and ephemeral resources
 * (https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol, version 5).
 */
const MAPS = new Set([2, 3, 8]);
const NAME = 1;
const LENGTH_DELIMITED = 2;

/** The message without the entries of its maps that `types` does not name; everything else stays as it is, byte by byte. */
export function cutSchema(message: Buffer, types: ReadonlySet<string>): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const field = readField(message, at);
    if (!MAPS.has(field.number) || types.has(nameOf(field.content))) kept.push(message.subarray(at, field.end));
    at = field.end;
  }
  return Buffer.concat(kept);
}

function nameOf(entry: Buffer): string {
  const { number, content } = readField(entry, 0);
  if (number !== NAME) throw new Error(`an entry of the schema begins with field ${number}, expected its name`);
  return content.toString();
}

interface Field {
  readonly number: number;
  readonly content: Buffer;
  /** Offset at which the next one begins. */
  readonly end: number;
}

/** A field of a protocol buffer message; all that the answer has are of the kind that begins with its length. */
function readField(message: Buffer, at: number): Field {
  const tag = readVarint(message, at);
  if ((tag.value & 7) !== LENGTH_DELIMITED) throw new Error(`the schema has a field of kind ${tag.value & 7}`);
  const length = readVarint(message, tag.end);
  const end = length.end + length.value;
  return { number: tag.value >>> 3, content: message.subarray(length.end, end), end };
}

function readVarint(message: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = start, factor = 1; ; at++, factor *= 128) {
    const byte = message[at];
    if (byte === undefined) throw new Error("the schema ends in the middle of a number");
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end: at + 1 };
  }
}

/** Every name of AWS's provider in a file of this project: all that Terraform is given here is written down somewhere in it. */
export function namedTypes(root: string): Set<string> {
  const names = new Set<string>();
  for (const file of projectFiles(root)) {
    if (!/\.(ts|tf|hcl|json|md|yaml)$/.test(file) || file.endsWith("package-lock.json")) continue;
    for (const [name] of readFileSync(join(root, file), "utf8").matchAll(/\baws_[a-z0-9_]+/g)) names.add(name);
  }
  return names;
}
