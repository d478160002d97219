/** Sentences of a Markdown page: no code, no addresses, no targets of links, nothing generated. */
import MarkdownIt, { type Token } from "markdown-it";
import type { Passage } from "./rules";

/** Generated sections, by the name in their comments, that are no prose: docs/security.md's roles are lists of IAM actions. */
const SECTIONS_LEFT_OUT = ["roles"];

/** Tables, by page and head, whose text lib/config/schema gives to the modules' variables too: it changes with the modules alone. */
const TABLES_LEFT_OUT: Readonly<Record<string, string>> = { "docs/configuration.md": "key,default,allowed,meaning" };

const parser = new MarkdownIt({ html: true });

/** Inline tokens as text; line breaks stay. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === "text") return token.content;
      if (token.type === "code_inline") return `\`${token.content}\``;
      if (token.type === "strong_open" || token.type === "strong_close") return "**";
      if (token.type === "softbreak" || token.type === "hardbreak") return "\n";
      return /^<br/.test(token.content) ? "; " : "";
    })
    .join("");
}

/** The page with the lines between such comments emptied, and those of front matter: the numbers of the others stay. */
function withoutLeftOut(text: string): string {
  const emptied = (part: string) => part.replaceAll(/[^\n]/g, "");
  const withoutFrontMatter = text.replace(/^---\n[\s\S]*?\n---\n/, emptied);
  return SECTIONS_LEFT_OUT.reduce(
    (page, name) => page.replace(new RegExp(`<!-- generated: ${name} -->[\\s\\S]*?<!-- end: ${name} -->`), emptied),
    withoutFrontMatter,
  );
}

/** Rows of a table, the head first, with the line of each. */
function rows(tokens: readonly Token[], first: number): { line: number; cells: string[] }[] {
  const found: { line: number; cells: string[] }[] = [];
  for (const { type, children } of tokens) {
    // Below the head is the line of hyphens.
    if (type === "tr_open") found.push({ line: first + found.length + (found.length > 0 ? 1 : 0), cells: [] });
    if (type === "inline") found.at(-1)?.cells.push(plain(children ?? []));
  }
  return found;
}

function passagesOfTable(source: string, tokens: readonly Token[], first: number): Passage[] {
  const all = rows(tokens, first);
  if (TABLES_LEFT_OUT[source] !== undefined && all[0]?.cells.join(",") === TABLES_LEFT_OUT[source]) return [];
  return all.flatMap(({ line, cells }) => cells.map((text): Passage => ({ source, line, kind: "cell", text })));
}

/** Returns the passages of a page; `source` is its path from the repository's root. */
export function passagesOfPage(source: string, text: string): Passage[] {
  const tokens = parser.parse(withoutLeftOut(text), {});
  const passages: Passage[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as Token;
    const line = (token.map?.[0] ?? 0) + 1;
    if (token.type === "table_open") {
      const end = tokens.findIndex(({ type }, place) => place > index && type === "table_close");
      passages.push(...passagesOfTable(source, tokens.slice(index, end), line));
      index = end;
    } else if (token.type === "inline") {
      const kind = tokens[index - 1]?.type === "heading_open" ? "heading" : "paragraph";
      passages.push({ source, line, kind, text: plain(token.children ?? []) });
    }
  }
  return passages;
}
