/** HCL as text: what stands in quotes, and the keys that need none. */

const IDENTIFIER = /^[A-Za-z_][\w-]*$/;
/** Identifiers that mean something else as the key of an object. */
const KEYWORDS = new Set(["for", "null", "true", "false"]);

/** Returns true if the key of an object needs no quotes. */
export function isBareKey(key: string): boolean {
  return IDENTIFIER.test(key) && !KEYWORDS.has(key);
}

/** Escapes for the inside of quotes; template signs stay. */
export function escapeQuoted(text: string): string {
  return text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
}

/** Doubles template signs, so that text stays text. */
export function escapeTemplateSigns(text: string): string {
  return text.replace(/([$%])\{/g, "$1$1{");
}

/** Escapes text for the inside of quotes, so that it is all text. */
export function escapeText(text: string): string {
  return escapeQuoted(escapeTemplateSigns(text));
}
