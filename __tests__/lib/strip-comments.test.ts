import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripComments, stripPythonComments } from "../../lib/strip-comments";

const folder = join(__dirname, "../../lib/userdata");
const scripts = ["shared", "builder", "worker"]
  .flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file)))
  .filter((path) => path.endsWith(".sh") && !/call-|unpack|user-script/.test(path)); // these run something

describe("stripComments", () => {
  test.each([
    ["a comment, a blank line and indentation", "# x\n\n  a\n\t# y\n", "a\n"],
    ["a comment behind code", "a # x\nb; # y\n", "a\nb;\n"],
    ["no # inside a word, an expansion or quotes", "a#b ${#c} '# d' \"# e\" $#\n", "a#b ${#c} '# d' \"# e\" $#\n"],
    ["no # behind a backslash", "a \\# b\n", "a \\# b\n"],
    ["nothing inside quotes that span lines", "a '\n  # x\n\n  y' # z\n", "a '\n  # x\n\n  y'\n"],
    ["nothing inside double quotes that span lines", 'a "\n  # x\n  y\\"\n" b\n', 'a "\n  # x\n  y\\"\n" b\n'],
    ["nothing of a here-document", "  cat <<X\n  # x\n\nX\n  b\n", "cat <<X\n  # x\n\nX\nb\n"],
    ["nothing of a quoted here-document", "cat <<'X' >f\n # x\nX\n b\n", "cat <<'X' >f\n # x\nX\nb\n"],
    ["a here-string is no here-document", 'cat <<<"$x"\n # c\n b\n', 'cat <<<"$x"\nb\n'],
    ["a shift in arithmetic is no here-document", "  x $((a << 20 | b))\n # c\n b\n", "x $((a << 20 | b))\nb\n"],
    ["a last line without its end", "a", "a\n"],
  ])("%s", (_, script, expected) => expect(stripComments(script)).toBe(expected));

  // bash prints functions in a form of its own, without comments: what it understood.
  const builtin = /^(BASH|PPID|UID|EUID|RANDOM|SECONDS|EPOCH|LINENO|SHELLOPTS|_=)/;
  test.each(scripts)("bash understands %s as before", (path) => {
    const understood = (text: string) =>
      execFileSync("bash", ["--norc", "-s"], {
        input: `${text}\ndeclare -f; set -o posix; set`,
        env: { PATH: process.env.PATH },
      })
        .toString()
        .split("\n")
        .filter((line) => !builtin.test(line));
    const original = readFileSync(join(folder, path), "utf8");
    expect(understood(stripComments(original))).toEqual(understood(original));
  });
});

test("Python: lines of comments and empty lines go, code stays, less indented", () => {
  expect(stripPythonComments("# head\n\nimport sys  # why\nif 1:\n    # inner\n    if 2:\n        x = '#'\n  \n")).toBe(
    "import sys  # why\nif 1:\n if 2:\n  x = '#'\n",
  );
});
