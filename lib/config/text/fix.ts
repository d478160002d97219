/** Suggests what to write in place of a value that the schema refuses: what was most likely meant. */
import { z } from "zod";
import { bare } from "./expected";
import { nearestTo } from "./nearest";

/** Words that older YAML read as booleans. */
const YES = /^(y|yes|on|true)$/i;
const NO = /^(n|no|off|false)$/i;
/** A bucket as commands and policies write it, with nothing behind its name. */
const BUCKET_ADDRESS = /^(?:s3:\/\/|arn:[a-z-]+:s3:::)([^/]+)\/?$/;

/**
 * @param field The wanted schema; undefined for the file as a whole.
 * @param key Key of the value; undefined for the file as a whole.
 * @param found The value; undefined: there is none.
 * @param source The text's spelling of it, if it is a scalar.
 */
export function fixFor(
  field: z.ZodType | undefined,
  key: string | number | undefined,
  found: unknown,
  source: string | undefined,
): string {
  const accepts = (candidate: unknown) => field?.safeParse(candidate).success === true;
  if (found === undefined) return `add ${key}`;
  if (found === null) return accepts({}) ? "write {} for the defaults, or remove the key" : orDefault(field, accepts);
  if (typeof found === "object") return orDefault(field, accepts);
  const meant = typeof found === "string" ? meantByText(field, found, accepts) : meantByNumber(source!, accepts);
  if (meant !== undefined) return meant;
  return accepts([found]) ? `make it a list: [${JSON.stringify(found)}]` : orDefault(field, accepts);
}

type Accepts = (candidate: unknown) => boolean;

function meantByText(field: z.ZodType | undefined, found: string, accepts: Accepts): string | undefined {
  if (accepts(true) && YES.test(found)) return "write true";
  if (accepts(false) && NO.test(found)) return "write false";
  if (found !== "" && accepts(Number(found))) return `write ${Number(found)} without quotes`;
  if (/^[0-9]:/.test(found) && accepts(`0${found}`)) return `write "0${found}"`;
  const bucket = BUCKET_ADDRESS.exec(found)?.[1];
  if (bucket !== undefined && accepts(bucket)) return `write ${bucket}`;
  const inner = field && bare(field);
  const nearest = inner instanceof z.ZodEnum ? nearestTo(found, inner.options.map(String)) : undefined;
  return nearest && `write ${nearest}`;
}

/** Fix of a number, or true or false, in the place of text: YAML takes quotes for a sign of text. */
function meantByNumber(source: string, accepts: Accepts): string | undefined {
  return accepts(source) ? `put it in quotes: "${source}"` : undefined;
}

function orDefault(field: z.ZodType | undefined, accepts: Accepts): string {
  if (!accepts(undefined)) return "correct it";
  const value = field!.parse(undefined);
  if (value === undefined) return "correct it, or remove it";
  const shown = typeof value === "object" && value !== null ? "" : `, ${value}`;
  return `correct it, or remove it for the default${shown}`;
}
