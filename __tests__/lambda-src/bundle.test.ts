import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { BUNDLE_FILE, BUNDLE_HANDLER, bundleRotation, renderBundle } from "../../lambda-src/bundle";
import { LICENSES_FILE } from "../../lambda-src/licenses";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-bundle-"));
  await bundleRotation(join(folder, "made", "anew"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = () => join(folder, "made", "anew", BUNDLE_FILE);

test("one file of code and one of licences, in a folder that is made if it is missing", () => {
  expect(readdirSync(join(folder, "made", "anew"))).toEqual(["THIRD_PARTY_LICENSES", "index.mjs"]);
});

test("R15 the same bytes wherever it is made, with no path of the machine in them", async () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { code, licenses } = await renderBundle();
    expect(code === readFileSync(file(), "utf8")).toBe(true);
    expect(licenses === readFileSync(join(dirname(file()), LICENSES_FILE), "utf8")).toBe(true);
    for (const path of [before, folder, tmpdir()])
      for (const text of [code, licenses]) expect(text.includes(`${path}/`)).toBe(false);
  } finally {
    process.chdir(before);
  }
}, 60_000);

test("P5 under 300 kB gzip: the shapes of the SDK that rotation does not use are left out", () => {
  expect(gzipSync(readFileSync(file())).length).toBeLessThan(300_000);
  expect(readFileSync(file(), "utf8")).not.toContain("AcceptAddressTransferRequest$");
});

test("imports nothing but Node's own modules, and exports the handler that the stack names", () => {
  const [module, name] = BUNDLE_HANDLER.split(".");
  expect(BUNDLE_FILE).toBe(`${module}.mjs`);
  const imported = [...readFileSync(file(), "utf8").matchAll(/^import .* from "([^"]+)";$/gm)].map((match) => match[1]);
  expect(imported.filter((one) => !one?.startsWith("node:"))).toEqual([]);
  // In a process of its own, as in Lambda: without settings the invocation fails and says so, the import does not.
  const code = `import(${JSON.stringify(file())}).then((m) => m[${JSON.stringify(name)}]({})).catch((e) => console.log(e.message));`;
  const { stdout } = spawnSync(process.execPath, ["--eval", code], {
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  expect(stdout).toContain("DOCKER_CACHE_SETTINGS is missing");
});
