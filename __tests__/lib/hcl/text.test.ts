import { escapeQuoted, escapeTemplateSigns, escapeText, isBareKey } from "../../../lib/hcl/text";

test.each([
  ["name", true],
  ["_private-name2", true],
  ["2nd", false],
  ["with space", false],
  ["aws:tag", false],
  ["", false],
  ["for", false],
  ["null", false],
  ["true", false],
  ["false", false],
  ["format", true],
])("the key %j is bare: %s", (key, expected) => {
  expect(isBareKey(key)).toBe(expected);
});

test("quotes, backslashes and what ends a line are escaped; template signs are not", () => {
  expect(escapeQuoted('a "b" \\ \n\r\t ${c}')).toBe('a \\"b\\" \\\\ \\n\\r\\t ${c}');
});

test("template signs are doubled before a bracket alone", () => {
  expect(escapeTemplateSigns("${a} %{b} $c 100% {d} $${e}")).toBe("$${a} %%{b} $c 100% {d} $$${e}");
});

test("text is escaped as both", () => {
  expect(escapeText('"${a}"\n')).toBe('\\"$${a}\\"\\n');
});
