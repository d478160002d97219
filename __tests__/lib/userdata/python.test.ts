/** Python of the user data is what the oldest Python of a supported distribution takes: 3.9, of Amazon Linux 2023. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectFiles } from "../../../lab/tools/project";

const files = projectFiles().filter((file) => /^lib\/userdata\/.*\.py$/.test(file));
const CHECK = `
import ast, sys
for path in sys.argv[1:]:
    try:
        tree = ast.parse(open(path, encoding="utf-8").read(), path, feature_version=(3, 9))
    except SyntaxError as error:
        print(f"{path}:{error.lineno}: {error.msg}")
        continue
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] not in sys.stdlib_module_names:
                print(f"{path}:{node.lineno}: {name} is not of the standard library")
`;

const complaints = (...paths: string[]) =>
  spawnSync("python3", ["-c", CHECK, ...paths], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);

test("it is Python 3.9, and imports the standard library alone", () => {
  expect(files.length).toBeGreaterThan(8);
  expect(complaints(...files)).toEqual([]);
});

test("newer syntax and other packages are found", () => {
  const file = join(mkdtempSync(join(tmpdir(), "docker-cache-python-")), "newer.py");
  writeFileSync(file, "import json, yaml\n");
  expect(complaints(file)).toEqual([`${file}:1: yaml is not of the standard library`]);
  writeFileSync(file, "match 1:\n    case _:\n        pass\n");
  expect(complaints(file)).toEqual([expect.stringMatching(/newer\.py:\d+: Pattern matching is only supported/)]);
  rmSync(dirname(file), { recursive: true });
});
