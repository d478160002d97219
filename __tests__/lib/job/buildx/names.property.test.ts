/** Names in the cache, by properties: they are valid, stable, of the branch alone, and no two branches share one. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import fc from "fast-check";
import { compileLocale } from "../image/workspace";

/** One shell makes the names of many branches. */
const RUNS = Math.ceil(Number(process.env.FC_RUNS ?? 10_000) / 1000);
const APP = "a".repeat(63);

/** Names by the script, of branches of any bytes but NUL, in a locale. */
function namesOf(branches: readonly Buffer[], environment: Readonly<Record<string, string>> = {}): string[] {
  const text = `source lib/job/buildx/names.sh; source lib/job/buildx/line.sh
    declare -A job_option=([app]=${APP}); job_kind=branch job_target= job_set_protected= job_set_entry=ci job_registry=host
    while IFS= LC_ALL=C read -r -d '' job_branch; do find_names; echo "$job_own $(reference_of "$job_own")"; done`;
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-o", "pipefail", "-c", text], {
    input: Buffer.concat(branches.flatMap((branch) => [branch, Buffer.from([0])])),
    env: { PATH: process.env.PATH ?? "", ...environment },
  });
  if (status !== 0 || stderr.length > 0) throw new Error(stderr.toString());
  return stdout.toString("latin1").trimEnd().split("\n");
}

/** Bytes of a branch, many of them such as make two names alike. */
const branch = fc.oneof(
  fc
    .array(fc.constantFrom("a", "b", "/", "-", ".", "_", "ü", "ı", "İ", "I", "i", "🚀", "'", '"', "$", "`"), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => Buffer.from(parts.join(""))),
  fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 10 ? 65 : byte)))),
  fc.nat(200).map((number) => Buffer.from(`pr-${number}`)),
);
const branches = fc.uniqueArray(branch, { minLength: 20, maxLength: 20, selector: (one) => one.toString("latin1") });

const digits = (name: Buffer) => createHash("sha256").update(name).digest("hex").slice(0, 16);

test("two different branches never share a key; each has the hash of the raw name, and what S3 and ECR take", () => {
  fc.assert(
    fc.property(branches, (given) => {
      const names = namesOf(given);
      expect(new Set(names).size).toBe(given.length);
      names.forEach((name, index) => {
        const [own = "", reference = ""] = name.split(" ");
        expect(own).toMatch(/^branches\/a{63}\/[A-Za-z0-9][A-Za-z0-9._-]{0,45}-[0-9a-f]{16}$/);
        expect(own.slice(-16)).toBe(digits(given[index] as Buffer));
        expect(reference).toMatch(/^host\/docker-cache-layer-cache\/ci\/branches:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
      });
    }),
    { numRuns: RUNS },
  );
});

test("no branch has the key of a pull request", () => {
  fc.assert(
    fc.property(branches, (given) => {
      for (const name of namesOf(given)) expect(name).not.toMatch(/^\S*\/pr-[0-9]{1,12} /);
    }),
    { numRuns: Math.ceil(RUNS / 5) },
  );
});

describe("in each locale, the same", () => {
  const locales: string[] = [];
  afterAll(() => {
    for (const folder of locales) rmSync(folder, { recursive: true });
  });

  test.each(["C.UTF-8", "tr_TR.UTF-8", "en_US.UTF-8"])("%s", (LC_ALL) => {
    const LOCPATH = LC_ALL === "C.UTF-8" ? "" : compileLocale(LC_ALL);
    if (LOCPATH !== "") locales.push(LOCPATH);
    fc.assert(
      fc.property(branches, (given) => {
        const environment: Record<string, string> = LOCPATH === "" ? { LC_ALL } : { LC_ALL, LOCPATH };
        expect(namesOf(given, environment)).toEqual(namesOf(given, { LC_ALL: "C" }));
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });
});

/** Names that were made once, and must be the same for ever: another one is a cache that nobody finds. */
test.each([
  ["main", "main-0d6e4079e36703eb"],
  ["feature/ü", `feature-${digits(Buffer.from("feature/ü"))}`],
  ["-.x", `x-${digits(Buffer.from("-.x"))}`],
  ["🚀", `branch-${digits(Buffer.from("🚀"))}`],
  ["a/b", `a-b-${digits(Buffer.from("a/b"))}`],
  ["a".repeat(60), `${"a".repeat(46)}-${digits(Buffer.from("a".repeat(60)))}`],
])("%s", (name, key) => {
  expect(namesOf([Buffer.from(name)])).toEqual([expect.stringMatching(`^branches/${APP}/${key} `)]);
});
