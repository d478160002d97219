/** A YAML 1.2 text: its value, where in it each path stands, and what YAML itself makes of it that its writer did not mean. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { Path } from "./regional";

/** Something at a place of the text that is wrong whatever the schema says. */
export interface TextFinding {
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

export interface YamlText {
  /** The text as a value; undefined where it cannot be read. */
  readonly value: unknown;
  readonly findings: readonly TextFinding[];
  /** Line and column of an offset, from 1. */
  position(offset: number): { line: number; column: number };
  /** Offset of a path: of its value, or of its `key`; of the nearest thing around it where the text does not have it. */
  offset(path: Path, part: "key" | "value"): number;
  /** How the text spells the scalar at a path; undefined: there is none. */
  source(path: Path): string | undefined;
}

/** Numbers as everybody writes them. YAML reads more as numbers: 1e3, 0o14, 0x1f, .inf; and 014 as 14, where YAML 1.1 read 12. */
const PLAIN_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

/** Parses a text. Values keep the meaning of YAML 1.2 even where a directive asks for 1.1; keys are text, whatever they look like. */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    version: "1.2",
    schema: "core",
  });
  const fatal = [
    ...document.errors.filter((error) => error.code !== "DUPLICATE_KEY").map(ofError),
    ...shared(document),
  ];
  const duplicates = document.errors.filter((error) => error.code === "DUPLICATE_KEY");
  const readable = fatal.length === 0;
  return {
    value: readable ? document.toJS() : undefined,
    findings: readable ? [...[...duplicates, ...document.warnings].map(ofError), ...numbers(document)] : fatal,
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
    offset: (path, part) => offsetOf(document, path, part),
    source: (path) => {
      const node = find(document, path).value;
      return isScalar(node) ? (node.source ?? "") : undefined;
    },
  };
}

const FIXES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with blanks",
  DUPLICATE_KEY: "keep one of the two",
  MULTIPLE_DOCS: "put everything in one document, and remove the line ---",
  TAG_RESOLVE_FAILED: "remove the tag, or put the value in quotes if it begins with !",
  NON_STRING_KEY: "write the key as one word",
};

function ofError(error: YAMLError): TextFinding {
  return {
    offset: error.pos[0],
    found: `YAML that cannot be read: ${error.message.replace(/; please use .*/, "")}`,
    expected: "YAML 1.2",
    fix:
      FIXES[error.code] ??
      "correct the text at this place; look for a missing quote, bracket, blank or indent before it",
  };
}

/** Anchors, aliases and merge keys: a value is written where it holds, so that every problem and every review has one place. */
function shared(document: Document): TextFinding[] {
  const findings: TextFinding[] = [];
  const refuse = (node: Node, found: string) =>
    findings.push({
      offset: node.range![0],
      found,
      expected: "values written out: anchors, aliases and merge keys are not read",
      fix: "write the value here; what all caches share in a region goes under `regions`. Text that begins with & or * needs quotes",
    });
  visit(document, {
    Alias: (_, node) => void refuse(node, `the alias *${node.source}`),
    Node: (_, node) => {
      if (!isAlias(node) && node.anchor) refuse(node, `the anchor &${node.anchor}`);
    },
    Pair: (_, pair) => {
      const key = pair.key as Scalar;
      if (key.value === "<<") refuse(key, "the merge key <<");
    },
  });
  return findings;
}

/** Numbers that may not be what they look like. */
function numbers(document: Document): TextFinding[] {
  const findings: TextFinding[] = [];
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== "number" || PLAIN_NUMBER.test(node.source!)) return;
      findings.push({
        offset: node.range![0],
        found: `${node.source}, which YAML reads as the number ${node.value}`,
        expected: "a number in plain decimal digits, or text in quotes",
        fix: `write ${node.value} if a number is meant, or "${node.source}" if text is`,
      });
    },
  });
  return findings;
}

/** What stands at a path, or else the nearest around it. */
interface Found {
  readonly key: Node | null;
  readonly value: Node | null;
  readonly complete: boolean;
}

function find(document: Document, path: Path): Found {
  let found: Found = { key: null, value: document.contents as Node | null, complete: true };
  for (const step of path) {
    const next = child(found.value, step);
    if (next === undefined) return { ...found, complete: false };
    found = { ...next, complete: true };
  }
  return found;
}

function child(node: Node | null, step: string | number): Omit<Found, "complete"> | undefined {
  if (isSeq(node) && typeof step === "number") return { key: null, value: node.items[step] as Node };
  if (!isMap(node)) return undefined;
  const pair = (node as YAMLMap<Scalar, Node>).items.find(({ key }) => key.value === step) as
    | Pair<Scalar, Node>
    | undefined;
  return pair && { key: pair.key, value: pair.value };
}

function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
  const { key, value, complete } = find(document, path);
  const node = part === "key" || !complete ? (key ?? value) : (value ?? key);
  return node?.range?.[0] ?? 0;
}
