import { renderArchitecturePage, renderRooms } from "../../../scripts/generate/architecture-page";

test("rooms are printed in their order, each with what it may import", () => {
  expect(renderRooms({ tests: ["*"], "stacks/<noun>": ["lib/a.ts", "lib/b"], "lib/b": [] })).toBe(
    [
      "| room | may import |",
      "|---|---|",
      "| `tests` | every room |",
      "| `stacks/<noun>` | `lib/a.ts`, `lib/b` |",
      "| `lib/b` | none |",
    ].join("\n"),
  );
});

test("the table stands in its section, and nothing else of the page changes", () => {
  const page = (table: string) => `before\n<!-- generated: rooms -->\n\n${table}\n\n<!-- end: rooms -->\nafter\n`;
  const written = renderArchitecturePage(page("old"));
  expect(written).toContain("| `lib/contract.ts` | none |");
  expect(renderArchitecturePage(page("other"))).toBe(written);
  expect(written.startsWith("before\n") && written.endsWith("-->\nafter\n")).toBe(true);
});
