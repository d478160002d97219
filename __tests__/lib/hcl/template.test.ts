import { cutTemplate } from "../../../lib/hcl/template";

/** Sequences in angle brackets, so that a case reads at a glance. */
const shown = (source: string) =>
  cutTemplate(source)
    .map((part) => (part.kind === "sequence" ? `<${part.source}>` : part.source))
    .join("|");

describe("cutTemplate", () => {
  test.each([
    ["plain", "plain"],
    ["${var.x}", "<${var.x}>"],
    ["a${var.x}b${var.y}", "a|<${var.x}>|b|<${var.y}>"],
    ["%{ if true }a%{ endif }", "<%{ if true }>|a|<%{ endif }>"],
    ["$${x}", "$${x}"],
    ["%%{x}", "%%{x}"],
    ["$$${x}", "$$${x}"],
    ["$$$${x}", "$$$${x}"],
    ["$%${x}", "$%|<${x}>"],
    ["$", "$"],
    ['${"}"}', '<${"}"}>'],
    ['${"${"}"}"}x', '<${"${"}"}"}>|x'],
    ['${"\\"}"}x', '<${"\\"}"}>|x'],
    ["${{ a = { b = 1 } }}", "<${{ a = { b = 1 } }}>"],
    ['${"$${"}', '<${"$${"}>'],
  ])("%s", (source, expected) => expect(shown(source)).toBe(expected));

  test.each(["${var.x", '${"a}', "${(]}"])("refuses %s, which has no end", (source) => {
    expect(() => cutTemplate(source)).toThrow("without an end");
  });
});
