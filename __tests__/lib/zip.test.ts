import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "../../lib/zip";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-zip-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Entries as Python's own reader sees them; it checks the sums of all. */
function read(zip: Buffer): Record<string, unknown>[] {
  const file = join(folder, "read.zip");
  writeFileSync(file, zip);
  const program = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps([{"name": one.filename, "text": archive.read(one).decode(), "mode": oct(one.external_attr >> 16), "system": one.create_system,
                       "method": one.compress_type, "date": one.date_time} for one in archive.infolist()]))`;
  return JSON.parse(execFileSync("python3", ["-I", "-c", program, file], { encoding: "utf8", maxBuffer: 2 ** 24 }));
}

const entry = { mode: "0o100644", system: 3, method: 0, date: [1980, 1, 1, 0, 0, 0] };

test("another program reads what was put in, sorted, of one mode and date", () => {
  const files = { "index.mjs": "export const a = 'ü';\n", "a/b.txt": "", "B.txt": "b".repeat(70_000) };
  expect(read(zipOf(files))).toEqual(
    ["B.txt", "a/b.txt", "index.mjs"].map((name) => ({ ...entry, name, text: files[name as keyof typeof files] })),
  );
});

test("an archive of nothing is one", () => {
  expect(read(zipOf({}))).toEqual([]);
});

test("the same files are the same bytes, on every day and whatever Node it is", () => {
  const [one, other] = [zipOf({ a: "1", b: "2" }), zipOf({ b: "2", a: "1" })];
  expect(one.equals(other)).toBe(true);
  expect(createHash("sha256").update(one).digest("hex")).toBe(
    "abba080c92582d63232654caf7e671fcc0b40992dd809e155abd224886238e9c",
  );
});

test("the module's zip is its readable code, and nothing else", () => {
  const shipped = "modules/rotation/lambda";
  const [found, ...others] = read(readFileSync(`${shipped}/rotation.zip`));
  const { text, ...about } = found!;
  expect({ about, others }).toEqual({ about: { ...entry, name: "index.mjs" }, others: [] });
  // Compared as a whole: a difference would print a megabyte.
  expect(text === readFileSync(`${shipped}/rotation/index.mjs`, "utf8")).toBe(true);
});
