/** Version ranges of providers as Terraform reads them, such as `>= 5.100.0, < 7.0.0`. */

/** The AWS provider. A lower bound, for modules are composed with others; the upper bound is the next major version that nobody has tried. */
export const AWS_PROVIDER_RANGE = ">= 5.100.0, < 7.0.0";

/** Major, minor and patch. */
type Version = readonly [number, number, number];

/** Versions that one part of a range admits: from one on, below another, all except one. */
interface Part {
  readonly from: Version;
  readonly below: Version;
  readonly not?: Version;
}

const FIRST: Version = [0, 0, 0];
const NEVER: Version = [Number.POSITIVE_INFINITY, 0, 0];

/**
 * Returns true if a range admits any version below a limit. It may be one that was never released: a range counts as admitting it
 * all the same. Pre-releases do not count. Terraform takes one only if a range names it, and the configuration's ranges name
 * none.
 * @param range as the schema of `aws_provider_version` spells it
 * @param limit a whole version, e.g. `6.19.0`
 */
export function admitsBelow(range: string, limit: string): boolean {
  const parts = [`< ${limit}`, ...range.split(",")].map((text) => partOf(text.trim()));
  const from = parts.map((part) => part.from).reduce((a, b) => (isBelow(a, b) ? b : a));
  const below = parts.map((part) => part.below).reduce((a, b) => (isBelow(a, b) ? a : b));
  const not = parts.flatMap((part) => (part.not ? [String(part.not)] : []));
  // Of so many versions in a row, those that are taken out leave one. If fewer are below, each is looked at.
  let version = from;
  for (let looked = 0; looked <= not.length && isBelow(version, below); looked++) {
    if (!not.includes(String(version))) return true;
    version = next(version);
  }
  return false;
}

/** Numbers that are left out are zero. `~> 6` and `~> 6.19` end before 7, `~> 6.19.0` before 6.20. */
function partOf(text: string): Part {
  const [, operator, ...given] = /^(\D*)(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text)!;
  const numbers = given.filter((number) => number !== undefined).map(Number);
  const [major, minor = 0, patch = 0] = numbers as [number, number?, number?];
  const version: Version = [major, minor, patch];
  switch (operator!.trim()) {
    case "!=":
      return { from: FIRST, below: NEVER, not: version };
    case ">":
      return { from: next(version), below: NEVER };
    case ">=":
      return { from: version, below: NEVER };
    case "<":
      return { from: FIRST, below: version };
    case "<=":
      return { from: FIRST, below: next(version) };
    case "~>":
      return { from: version, below: numbers.length < 3 ? [major + 1, 0, 0] : [major, minor + 1, 0] };
    default:
      return { from: version, below: next(version) };
  }
}

function isBelow(a: Version, b: Version): boolean {
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && a[at]! < b[at]!;
}

/** The first version after this one. */
function next([major, minor, patch]: Version): Version {
  return [major, minor, patch + 1];
}
