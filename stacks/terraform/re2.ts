/** Patterns for Terraform, whose regular expressions are RE2's. */

/** The pattern without the escape of slashes: only JavaScript, in which a slash ends the pattern, has one. */
export function asRe2(pattern: string): string {
  return pattern.replaceAll("\\/", "/");
}
