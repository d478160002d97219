/** A YAML 1.2 text: its value, the place of each path in it, and YAML's own readings that its writer did not mean. */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Path } from "./problem";
import { doubtful, ofError, shared, type TextFinding } from "./yaml-traps";

export interface YamlText {
  /** The text as a value; undefined if it cannot be read. */
  readonly value: unknown;
  readonly findings: readonly TextFinding[];
  /** Line and column of an offset, from 1. */
  position(offset: number): { line: number; column: number };
  /** Offset of a path: of its value, or of its `key`; of the nearest thing around it if the text does not have it. */
  offset(path: Path, part: "key" | "value"): number;
  /** Returns the text's spelling of the scalar at a path, or undefined if there is none. */
  source(path: Path): string | undefined;
}

/** Parses a text. Values keep the meaning of YAML 1.2 even if a directive asks for 1.1; keys are text, whatever they look like. */
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
    findings: readable ? [...[...duplicates, ...document.warnings].map(ofError), ...doubtful(document)] : fatal,
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    },
    offset: (path, part) => offsetOf(document, path, part),
    source: (path) => {
      const node = find(document, path).value;
      return isScalar(node) ? node.source : undefined;
    },
  };
}

/** Node at a path, or else the nearest around it. */
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
  const pair = (node as YAMLMap<Scalar, Node>).items.findLast(({ key }) => key.value === step) as
    | Pair<Scalar, Node>
    | undefined;
  return pair && { key: pair.key, value: pair.value };
}

function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
  const { key, value, complete } = find(document, path);
  const node = part === "key" || !complete ? (key ?? value) : (value ?? key);
  return node?.range?.[0] ?? 0;
}
