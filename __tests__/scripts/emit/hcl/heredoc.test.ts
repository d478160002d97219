import { heredoc } from "../../../../scripts/emit/hcl/heredoc";

describe("heredoc", () => {
  test("text of several lines that ends with a newline", () => {
    expect(heredoc("a\n\n  b ${var.x}\n")).toBe("<<-EOT\n  a\n\n    b ${var.x}\nEOT");
  });

  test("a mark that the text does not have", () => {
    expect(heredoc("a\n EOT\n")).toBe("<<-EOT_\n  a\n   EOT\nEOT_");
  });

  test.each([
    ["one line", "a\n"],
    ["no newline at the end", "a\nb"],
    ["every line indented", " a\n b\n"],
    ["a line of blanks", "a\n  \nb\n"],
    ["carriage returns", "a\r\nb\n"],
    ["a sequence over lines", "a\n${\nvar.x}\n"],
  ])("quotes instead: %s", (_, source) => expect(heredoc(source)).toBeUndefined());
});
