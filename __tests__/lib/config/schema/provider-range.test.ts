import fc from "fast-check";
import { admitsBelow } from "../../../../lib/config/schema/provider-range";

test.each<[range: string, admits: boolean]>([
  ["5.100.0", true],
  ["6.19.0", false],
  ["= 6.18.0", true],
  ["= 6", true],
  ["=6.19", false],
  ["!= 6.19.0", true],
  ["> 6.18.0", true],
  ["> 6.18", true],
  ["> 6.19.0", false],
  [">= 5.100.0, < 7.0.0", true],
  [">= 6.18.9, < 7.0.0", true],
  [">= 6.19.0, < 7.0.0", false],
  [">= 6.19, < 7", false],
  [">= 6.19.0", false],
  [">= 7", false],
  ["< 7.0.0", true],
  ["< 0.0.0", false],
  ["<= 6.19.0", true],
  ["~> 6", true],
  ["~> 7", false],
  ["~> 6.0", true],
  ["~> 6.18", true],
  ["~> 6.19", false],
  ["~> 6.18.0", true],
  ["~> 6.19.0", false],
  // One part admits a version, another takes it away.
  ["~> 6.0, >= 6.19", false],
  [">= 6.19.0,!= 6.20.0,<7.0.0", false],
  [">= 6.18.0, != 6.18.0, < 7.0.0", true],
  ["> 6.18.1, < 6.18.3, != 6.18.2", false],
  ["> 6.18.1, < 6.18.4, != 6.18.2", true],
  // No version at all is none below.
  [">= 6.0.0, < 5.0.0", false],
])("%s admits a version below 6.19.0: %s", (range, admits) => {
  expect(admitsBelow(range, "6.19.0")).toBe(admits);
});

/** A version that compares as a number, if minor and patch stay below a hundred. */
const rank = ([major, minor, patch]: readonly number[]) => major! * 10_000 + minor! * 100 + patch!;

/** True if a version meets one part of a range, read off Terraform's documentation. */
function meets(version: readonly number[], operator: string, given: readonly number[]): boolean {
  const [at, bound] = [rank(version), rank([...given, 0, 0].slice(0, 3))];
  switch (operator) {
    case "!=":
      return at !== bound;
    case ">":
      return at > bound;
    case ">=":
      return at >= bound;
    case "<":
      return at < bound;
    case "<=":
      return at <= bound;
    case "~>":
      return (
        at >= bound && given.slice(0, Math.max(1, given.length - 1)).every((number, index) => version[index] === number)
      );
    default:
      return at === bound;
  }
}

/** Every version of small numbers: patches go beyond what ranges name by more than a range has parts. */
const EVERY = [0, 1, 2, 3].flatMap((major) =>
  [0, 1, 2, 3].flatMap((minor) => Array.from({ length: 9 }, (_, patch) => [major, minor, patch])),
);

test("says what trying every version says", () => {
  const part = fc.tuple(
    fc.constantFrom("", "=", "!=", ">", ">=", "<", "<=", "~>"),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
  );
  const limit = fc.tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 2 }),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), limit, (parts, most) => {
      const range = parts.map(([operator, given]) => `${operator} ${given.join(".")}`.trim()).join(", ");
      const found = EVERY.some(
        (version) => rank(version) < rank(most) && parts.every(([operator, given]) => meets(version, operator, given)),
      );
      expect([range, admitsBelow(range, most.join("."))]).toEqual([range, found]);
    }),
    { numRuns: 2_000 },
  );
});
