import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles, ROOT } from "../../lab/tools/project";

test("every benchmark has its row, and every row its benchmark", () => {
  const text = readFileSync(join(ROOT, "bench/README.md"), "utf8");
  const listed = [...text.matchAll(/^\| `(?:npx tsx |sudo )?(bench\/[\w./-]+)/gm)].map((match) => match[1]);
  const present = projectFiles().filter((file) => /^bench\/(?:[\w-]+|[\w-]+\/main)\.ts$/.test(file));
  expect(present.length).toBeGreaterThan(0);
  expect([...listed].sort()).toEqual(present);
});
