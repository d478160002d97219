import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a made-up layer holds. */
export interface ContentSpec {
  /** Sets everything else: the same seed gives the same bytes. */
  readonly seed: number;
  /** Name of a Python package: a folder below /opt/lab. */
  readonly packageName: string;
  /** Python modules, each of a few KiB. */
  readonly modules: number;
  /** Data files of 4 MiB each beside them. */
  readonly dataFiles: number;
}

const dataFileBytes = 4 * 1024 * 1024;
const partsOfPackage = 16;
const poolBytes = 8 * 1024 * 1024;
let pool: Buffer | undefined;

/** Writes a layer's files below `folder`. Text that gzip makes about a third as large, as with programs. */
export function writeContent(folder: string, spec: ContentSpec): void {
  const random = generator(spec.seed);
  const put = (path: string, content: Buffer | string) => {
    const file = join(folder, "opt/lab", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  put(`${spec.packageName}/__init__.py`, "");
  for (let number = 0; number < spec.modules; number++) {
    const text = slice(random, 1024 + random(14 * 1024)).toString("latin1");
    put(`${spec.packageName}/part${number % partsOfPackage}/m${number}.py`, `"""${text}"""\nVALUE = ${number}\n`);
  }
  for (let number = 0; number < spec.dataFiles; number++)
    put(`${spec.packageName}/data/${number}.bin`, slice(random, dataFileBytes));
}

/** A program that imports neighbouring modules of packages, reads from a data file of each, and says hello: about what a real program reads first. */
export function writeProgram(
  folder: string,
  name: string,
  packages: readonly ContentSpec[],
  modulesOfEach: number,
): void {
  const imports = packages.flatMap(({ packageName }) =>
    Array.from({ length: modulesOfEach }, (_, index) => `import ${packageName}.part0.m${index * partsOfPackage}`),
  );
  const reads = packages.map(
    ({ packageName }) => `read += len(open("/opt/lab/${packageName}/data/0.bin", "rb").read(1 << 19))`,
  );
  const hello = `print("hello from ${name}:", ${imports.length}, "modules,", read, "bytes")`;
  mkdirSync(join(folder, "opt/lab"), { recursive: true });
  writeFileSync(
    join(folder, "opt/lab", `${name.replaceAll("-", "_")}.py`),
    `${["read = 0", ...imports, ...reads, hello].join("\n")}\n`,
  );
}

function slice(random: (below: number) => number, length: number): Buffer {
  pool ??= makePool();
  const start = random(poolBytes - length);
  return pool.subarray(start, start + length);
}

function makePool(): Buffer {
  const random = generator(1);
  const words = Array.from({ length: 8192 }, () =>
    Array.from({ length: 2 + random(9) }, () => String.fromCharCode(97 + random(26))).join(""),
  );
  const bytes = Buffer.alloc(poolBytes);
  for (let at = 0; at < poolBytes; ) at += bytes.write(`${words[random(words.length)]} `, at, "latin1");
  return bytes;
}

/** xorshift32: `random(n)` is a whole number from 0 to n - 1. */
function generator(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
