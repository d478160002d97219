/** The rules of prose, as CONTRIBUTING.md has them, over one passage of text. */
import { countWords, type Span, sentences } from "./sentences";

/** A paragraph, heading, cell of a table, or line of help. */
export interface Passage {
  /** The file or command that it stands in. */
  readonly source: string;
  /** Its first line, or undefined for help, which has none. */
  readonly line?: number;
  readonly kind: "paragraph" | "heading" | "cell" | "help";
  /** Its text with line breaks; inline code in backticks, bold in asterisks, links as their text. */
  readonly text: string;
}

const MOST_WORDS = 25;

/** A word or phrase to avoid, and what to write instead. */
interface Word {
  readonly found: RegExp;
  readonly instead: string;
}

const WORDS: readonly Word[] = [
  { found: /\bbut for\b/i, instead: "except" },
  { found: /\bof ours\b/i, instead: "our" },
  { found: /\bmend(?:s|ed|ing)?\b/i, instead: "fix" },
  { found: /\bblanks?\b/i, instead: "space, or empty" },
  { found: /\bwhoever\b/i, instead: "anyone who, or the subject itself" },
];

/** "Where" in place of "if": it begins a clause, which a comma ends. A place ("a zone, where …") does not begin one. */
const WHERE: readonly Word[] = [
  { found: /^where\b[^,?]*,[^?]*$/i, instead: "if" },
  { found: /[;:] where\b[^,;?]*,/i, instead: "if" },
];

const LABEL = /^\*\*[^*]+\*\*[.:]?\s*/;

function wordProblems(sentence: string, kind: Passage["kind"]): string[] {
  const prose = sentence.replaceAll(/`[^`]*`/g, "code").replace(LABEL, "");
  const words = kind === "heading" ? WORDS : [...WORDS, ...WHERE];
  return words.flatMap(({ found, instead }) => {
    const match = found.exec(kind === "heading" ? sentence : prose)?.[0];
    return match ? [`"${shorten(match)}" is not plain. Expected: ${instead}. Fix: write that, subject first`] : [];
  });
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text).replaceAll("\n", " ");

/** Returns the problem with how a sentence lies on its lines, or undefined if there is none. */
function lineProblem(text: string, { start, end }: Span, alone: boolean): string | undefined {
  const shown = shorten(text.slice(start, end));
  if (text.slice(start, end).includes("\n"))
    return `the sentence "${shown}" goes on in the next line. Expected: one sentence a line. Fix: join its lines`;
  if (alone || start === 0 || /\n\s*$/.test(text.slice(0, start))) return undefined;
  return `"${shown}" begins within a line. Expected: one sentence a line. Fix: break the line before it`;
}

/** Returns what breaks a rule, each with its line, what is expected and how to fix it. */
export function problems({ source, line, kind, text }: Passage): string[] {
  let label = false;
  return sentences(text, kind === "cell").flatMap((span) => {
    const sentence = text.slice(span.start, span.end);
    const afterLabel = label;
    // A label in bold that ends with a full stop is no sentence.
    label = span.start === 0 && LABEL.exec(sentence)?.[0] === sentence;
    const words = countWords(sentence);
    const found = [
      ...(words > MOST_WORDS
        ? [`${words} words in "${shorten(sentence)}". Expected: at most ${MOST_WORDS}. Fix: split it, one thought each`]
        : []),
      ...wordProblems(sentence, kind),
    ];
    const lying = kind === "paragraph" && !label ? lineProblem(text, span, afterLabel) : undefined;
    const at = line === undefined ? "" : `:${line + (text.slice(0, span.start).match(/\n/g)?.length ?? 0)}`;
    return [...found, ...(lying ? [lying] : [])].map((problem) => `${source}${at}: ${problem}`);
  });
}
