import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeployedFunction, handlerOf } from "../../../lab/product/function";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-cache-function-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A function whose zip holds one file. */
function deployed(file: string, text: string): DeployedFunction {
  writeFileSync(join(folder, file), text);
  execFileSync("python3", ["-m", "zipfile", "-c", "function.zip", file], { cwd: folder });
  const zip = join(folder, "function.zip");
  return { name: "f", region: "eu-west-1", arn: "", roleArn: "", handler: "index.handler", environment: {}, zip };
}

test("a zip that several want at once is whole for each of them, and unpacked once", async () => {
  const text = `export const handler = () => "${"x".repeat(1 << 20)}";`;
  const target = deployed("index.mjs", text);
  const found = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { file, name } = await handlerOf(target);
      return [name, readFileSync(file, "utf8") === text];
    }),
  );
  expect(found).toEqual(Array.from({ length: 8 }, () => ["handler", true]));
  expect((await handlerOf(target)).file).toBe(join(folder, "function.zip.unpacked", "index.mjs"));
  expect(readdirSync(folder).sort()).toEqual(["function.zip", "function.zip.unpacked", "index.mjs"]);
});

test("a zip without the handler's file is an error that names it", async () => {
  await expect(handlerOf(deployed("other.txt", ""))).rejects.toThrow("holds no index.mjs or index.js");
  expect(existsSync(join(folder, "function.zip.unpacked"))).toBe(true);
});
