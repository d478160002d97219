/** The pages people read, taken apart: links, file names, commands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFiles, ROOT } from "../../lab/tools/project";

export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** Pages for readers; those below stacks/ are parts of the modules' pages. */
export function pages(): Page[] {
  return projectFiles()
    .filter((path) => path.endsWith(".md") && !path.startsWith("stacks/"))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

const FENCE = /^(\s*)(`{3,})([\w-]*)[^\n]*\n([\s\S]*?)^\1\2\s*$/gm;

export interface Block {
  readonly language: string;
  readonly text: string;
}

export function blocks(text: string): Block[] {
  return [...text.matchAll(FENCE)].map((match) => ({ language: match[3] ?? "", text: match[4] ?? "" }));
}

function withoutBlocks(text: string): string {
  return text.replaceAll(FENCE, "");
}

/** Inline code, in order. */
export function codeSpans(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

/** Targets of links and images, without those that leave the repository. */
export function relativeLinks(text: string): string[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]+`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? "").replaceAll("\\_", "_"))
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Anchors of the headings, as GitHub makes them, and named ones. */
export function anchors(text: string): string[] {
  const seen = new Map<string, number>();
  const named = [...text.matchAll(/<a name="([^"]+)">/g)].map((match) => (match[1] ?? "").replaceAll("\\_", "_"));
  const headings = [...withoutBlocks(text).matchAll(/^#{1,6}\s+(.+)$/gm)].map((match) => {
    const plain = (match[1] ?? "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return [...named, ...headings];
}

const SHELL = ["", "sh", "bash", "shell", "console"];

/** Splits like a shell, as far as documentation goes: quotes, no expansion. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map((match) => match[0].replaceAll(/["']/g, ""));
}

function commandsOf(line: string): string[][] {
  return line
    .split(/\s(?:&&|\|\||\||;)\s/)
    .map((part) =>
      words(
        part
          .replace(/^\$\s+/, "")
          .replace(/(?:^|\s)#.*$/, "")
          .replace(/\s>\s\S+$/, ""),
      ),
    )
    .map((argv) => argv.slice(argv.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .map((argv) => (argv[0] === "npx" ? argv.slice(1) : argv))
    .filter((argv) => argv.length > 0);
}

/** Commands in shell blocks, each as its words, without environment and `npx`. */
export function blockCommands(text: string): string[][] {
  return blocks(text)
    .filter((block) => SHELL.includes(block.language))
    .flatMap((block) => block.text.replaceAll(/\\\n\s*/g, " ").split("\n"))
    .flatMap(commandsOf);
}

/** Commands in running text: inline code that begins as ours do. */
export function spanCommands(text: string): string[][] {
  return codeSpans(text)
    .filter((span) =>
      /^(npx )?(docker-cache|cdktf) [a-z-]|^aws [a-z]|^scripts\/(test|quickstart)\b|^npm run /.test(span),
    )
    .flatMap(commandsOf);
}
