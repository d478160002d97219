/** Texts that are read as prose: pages and help. */
import { Command } from "commander";
import { passagesOfHelp } from "../../../scripts/prose/help";
import { findProblems } from "../../../scripts/prose/main";
import { passagesOfPage } from "../../../scripts/prose/markdown";

const read = (text: string, source = "page.md") =>
  passagesOfPage(source, text).map(({ line, kind, text: said }) => `${line} ${kind}: ${said}`);

test("paragraphs, headings, list items, quotes and cells are, with their lines", () => {
  const page = [
    "---\ntitle: no\n---\n# Head",
    'A [link. Text](http://example.com/a.b "no") and `code`,\n**bold** *slanted*.',
    "- item\n  goes on",
    "> quoted",
    "| a | b |\n|---|---|\n| c<br>d | `e` |",
  ].join("\n\n");
  expect(read(page)).toEqual([
    "4 heading: Head",
    "6 paragraph: A link. Text and `code`,\n**bold** slanted.",
    "9 paragraph: item\ngoes on",
    "12 paragraph: quoted",
    "14 cell: a",
    "14 cell: b",
    "16 cell: c; d",
    "16 cell: `e`",
  ]);
});

test("code, comments, pictures and a table's rule are not", () => {
  expect(read("```sh\nnpm ci. No.\n```\n\n    indented\n\n<!-- comment -->\n\n![alt](a.svg)\n").join("")).toBe(
    "9 paragraph: ",
  );
});

test("roles and the tables of settings are left out, and nothing else that is generated", () => {
  const roles = "<!-- generated: roles -->\n\nno\n\n<!-- end: roles -->\n\nyes";
  expect(read(roles)).toEqual(["7 paragraph: yes"]);
  expect(read(roles.replaceAll("roles", "lab"))).toEqual(["3 paragraph: no", "7 paragraph: yes"]);
  const settings = "| key | default | allowed | meaning |\n|---|---|---|---|\n| a | b | c | d |\n\nyes";
  expect(read(settings, "docs/configuration.md")).toEqual(["5 paragraph: yes"]);
  expect(read(settings)).toHaveLength(9);
});

test("help: descriptions of commands, arguments and options, each once, commands below commands too", () => {
  const program = new Command("docker-cache").description("Run it");
  const below = program.command("list <name>").summary("List").description("List");
  below.command("deep").description("Go deep");
  below.argument("[more]", "more names").option("--json", "print JSON");
  expect(passagesOfHelp(program)).toEqual(
    [
      ["docker-cache --help", "Run it"],
      ["docker-cache list --help", "List"],
      ["docker-cache list --help, more", "more names"],
      ["docker-cache list --help, --json", "print JSON"],
      ["docker-cache list deep --help", "Go deep"],
    ].map(([source, text]) => ({ source, kind: "help", text })),
  );
});

test("the pages and the command line hold the rules", () => {
  expect(findProblems()).toEqual([]);
});
