/** Quoting: whatever words are quoted, a shell reads the same. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";

/** Each run starts two shells. */
const RUNS = Math.ceil(Number(process.env.FC_RUNS ?? 10_000) / 400);

const print = (shell: string, ...words: string[]) => spawnSync(shell, words, { stdio: ["ignore", "pipe", "inherit"] });
const quote = (words: readonly string[]) =>
  print("bash", "-c", 'source lib/job/buildx/line.sh; quote "$@"', "_", ...words).stdout.toString();
const read = (shell: string, line: string) =>
  print(shell, "-c", `for word in ${line.trimEnd()}; do printf '%s\\0' "$word"; done`)
    .stdout.toString()
    .split("\0")
    .slice(0, -1);

const odd = fc.constantFrom(..."'\"\\ $`*?[]{}~!#&|;<>()=%+-/:.aüı🚀\u00a0");
const word = (unit: fc.Arbitrary<string>) => fc.string({ unit, maxLength: 10 });
const words = (unit: fc.Arbitrary<string>) => fc.array(word(unit), { minLength: 1, maxLength: 10 });

test("bash reads any words as they were, on one line", () => {
  const unit = fc.oneof(
    odd,
    fc.integer({ min: 1, max: 31 }).map((code) => String.fromCharCode(code)),
  );
  fc.assert(
    fc.property(words(unit), (given) => {
      const line = quote(given);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(read("bash", line)).toEqual(given);
    }),
    { numRuns: RUNS },
  );
});

test("sh reads words without control characters as they were", () => {
  fc.assert(
    fc.property(words(odd), (given) => {
      expect(read("sh", quote(given))).toEqual(given);
    }),
    { numRuns: RUNS },
  );
});
