import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../lab/tools/project";
import { FUNCTIONS, renderBundle } from "../../lambda-src/bundle";
import { formatLicenses, LICENSES_FILE, PACKAGES_FILE, packagesOf } from "../../lambda-src/licenses";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "docker-cache-licenses-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Writes a package's files, and returns the path of one of its sources. */
function install(folder: string, manifest: object, files: Readonly<Record<string, string>> = {}): string {
  const all = { "package.json": JSON.stringify(manifest), "lib/index.js": "", ...files };
  for (const [path, content] of Object.entries(all)) {
    const file = join(root, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return `${folder}/lib/index.js`;
}

test("packages come once each, by name, with text and notice; sources of the project are none", () => {
  const b = { name: "b", version: "1.0.0", license: "MIT" };
  const a = { name: "@x/a", version: "2.0.0", license: "Apache-2.0" };
  const sources = [
    install("node_modules/b", b, { "LICENSE.md": "text of b\r\n", NOTICE: "made by b\n" }),
    install("node_modules/@x/a", a, { LICENCE: "text of a\n" }),
    install("node_modules/@x/a/node_modules/b", b, { "LICENSE.md": "text of b\n" }),
    "lambda-src/rotation/rotation.lambda.ts",
  ];
  expect(packagesOf([...sources, ...sources], root)).toEqual([
    { ...a, text: "text of a\n", notice: undefined },
    { ...b, text: "text of b\n", notice: undefined },
  ]);
  expect(packagesOf(sources.slice(0, 1), root)).toEqual([{ ...b, text: "text of b\n", notice: "made by b\n" }]);
});

test("a package that ships no text has that of the license it names", () => {
  const source = install("node_modules/a", { name: "a", version: "1.0.0", license: "Apache-2.0" });
  const [found] = packagesOf([source], root);
  expect(found?.text).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
});

test.each([
  ["no license", { name: "a", version: "1.0.0" }, "a 1.0.0 names no license"],
  [
    "a license whose text is nowhere",
    { name: "a", version: "1.0.0", license: "WTFPL" },
    "a 1.0.0 ships no text of its license: write lambda-src/licenses/WTFPL.txt",
  ],
])("a package with %s is refused", (_, manifest, message) => {
  const source = install("node_modules/a", manifest);
  expect(() => packagesOf([source], root)).toThrow(message);
});

test("packages with the same terms share one text, and a notice is handed on", () => {
  const one = { version: "1.0.0", license: "MIT", text: "do as you like\n", notice: undefined };
  const text = formatLicenses("rotation", [
    { ...one, name: "a" },
    { ...one, name: "b", notice: "made by b\n" },
    { ...one, name: "c" },
  ]);
  const rule = `\n${"-".repeat(80)}\n\n`;
  expect(text.split(rule).slice(1)).toEqual([
    "a 1.0.0\nc 1.0.0\n\nLicense: MIT\n\ndo as you like\n",
    "b 1.0.0\n\nLicense: MIT\n\ndo as you like\n\nNOTICE\n\nmade by b\n",
  ]);
});

test.each(FUNCTIONS)(
  "every package of the bundle of %s is named, with its version, its license and its text",
  async (name) => {
    const { code, licenses, packages } = await renderBundle(name);
    expect(licenses.split("\n")[0]).toContain(`lambda/${name}/index.mjs`);
    // esbuild writes the path of each file above its code.
    const listed: unknown[] = [];
    const paths = [...code.matchAll(/^\/\/ (node_modules\/(?:@[^/]+\/)?[^/]+)\//gm)].map((match) => match[1] ?? "");
    expect(new Set(paths).size).toBeGreaterThan(10);
    const parts = licenses.split(/^-{80}$/m);
    for (const path of new Set(paths)) {
      const found = JSON.parse(readFileSync(join(ROOT, path, "package.json"), "utf8"));
      const { name: called, version, license } = found;
      listed.push({ name: called, version, license });
      const [part, ...others] = parts.filter((one) => one.split("\n").includes(`${called} ${version}`));
      expect({ called, others }).toEqual({ called, others: [] });
      expect(part).toContain(`License: ${license}\n`);
      for (const file of readdirSync(join(ROOT, path)).filter((entry) => /^(?:licen[cs]e|notice)/i.test(entry)))
        expect(part).toContain(readFileSync(join(ROOT, path, file), "utf8").trim());
    }
    // No others, of which only an import was read: neither here nor there.
    expect(JSON.parse(packages)).toEqual(expect.arrayContaining(listed));
    expect(JSON.parse(packages)).toHaveLength(listed.length);
    expect(licenses.match(/^\S+ \d+\.\d+\.\d+$/gm)).toHaveLength(listed.length);
  },
  60_000,
);

test("the module ships both beside the folder that is zipped, so that what is deployed is the function alone", async () => {
  const shipped = join(ROOT, "modules/rotation/lambda");
  expect(readdirSync(join(shipped, "rotation"))).toEqual(["index.mjs"]);
  const { licenses, packages } = await renderBundle("rotation");
  expect(readFileSync(join(shipped, LICENSES_FILE), "utf8") === licenses).toBe(true);
  expect(readFileSync(join(shipped, PACKAGES_FILE), "utf8")).toBe(packages);
}, 60_000);
