import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BUNDLE_FILE, BUNDLE_HANDLER, bundleFunctions, FUNCTIONS, renderBundle } from "../../lambda-src/bundle";
import { LICENSES_FILE, PACKAGES_FILE } from "../../lambda-src/licenses";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-bundle-"));
  await bundleFunctions(join(folder, "made", "anew"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, file = BUNDLE_FILE) => join(folder, "made", "anew", name, file);

/** Goal P5, in bytes: rotation's own, and what the router may take, which calls two operations. */
const MOST = { rotation: 300_000, router: 200_000 } as const;

test("code, licences and packages of each function, in a folder that is made if it is missing", () => {
  expect(readdirSync(join(folder, "made", "anew"))).toEqual([...FUNCTIONS]);
  for (const name of FUNCTIONS)
    expect(readdirSync(join(folder, "made", "anew", name))).toEqual([
      "THIRD_PARTY_LICENSES",
      "index.mjs",
      "packages.json",
    ]);
});

test.each(FUNCTIONS)(
  "R15 %s: the same bytes wherever it is made, with no path of the machine in them",
  async (name) => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { code, licenses, packages } = await renderBundle(name);
      expect(code === readFileSync(fileOf(name), "utf8")).toBe(true);
      expect(licenses === readFileSync(fileOf(name, LICENSES_FILE), "utf8")).toBe(true);
      expect(packages).toBe(readFileSync(fileOf(name, PACKAGES_FILE), "utf8"));
      for (const path of [before, folder, tmpdir()])
        for (const text of [code, licenses, packages]) expect(text.includes(`${path}/`)).toBe(false);
    } finally {
      process.chdir(before);
    }
  },
  60_000,
);

test.each(FUNCTIONS)("P5 %s is small: the shapes of the SDK that it does not use are left out", (name) => {
  expect(gzipSync(readFileSync(fileOf(name))).length).toBeLessThan(MOST[name]);
  expect(readFileSync(fileOf(name), "utf8")).not.toContain("AcceptAddressTransferRequest$");
});

test.each([
  // In a process of its own, as in Lambda: without settings the invocation fails and says so, the import does not.
  ["rotation", "DOCKER_CACHE_SETTINGS is missing"],
  // The router needs none: an empty batch asks nothing.
  ["router", '"snapshots":0'],
] as const)("%s imports nothing but Node's own modules, and exports the handler that the stack names", (of, said) => {
  const [module, name] = BUNDLE_HANDLER.split(".");
  expect(BUNDLE_FILE).toBe(`${module}.mjs`);
  const file = fileOf(of);
  const imported = [...readFileSync(file, "utf8").matchAll(/^import .* from "([^"]+)";$/gm)].map((match) => match[1]);
  expect(imported.filter((one) => !one?.startsWith("node:"))).toEqual([]);
  const code = `import(${JSON.stringify(file)}).then((m) => m[${JSON.stringify(name)}]({})).catch((e) => console.log(e.message));`;
  const { stdout } = spawnSync(process.execPath, ["--eval", code], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, AWS_REGION: "eu-west-1" },
  });
  expect(stdout).toContain(said);
});
