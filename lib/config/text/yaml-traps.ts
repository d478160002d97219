/** Texts that YAML refuses, or reads otherwise than their writer meant. */
import { type Document, isAlias, type Node, type Scalar, visit, type YAMLError } from "yaml";

/** Something at a place of the text that is wrong whatever the schema says. */
export interface TextFinding {
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** Numbers as everybody writes them. YAML reads more as numbers: 1e3, 0o14, 0x1f, .inf; and 014 as 14, which YAML 1.1 read as 12. */
const PLAIN_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

const FIXES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with blanks",
  DUPLICATE_KEY: "keep one of the two",
  MULTIPLE_DOCS: "put everything in one document, and remove the line ---",
  TAG_RESOLVE_FAILED: "remove the tag, or put the value in quotes if it begins with !",
  NON_STRING_KEY: "write the key as one word",
};

export function ofError(error: YAMLError): TextFinding {
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
export function shared(document: Document): TextFinding[] {
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

/** Numbers that may not be what they look like, and a key that JavaScript keeps for itself. */
export function doubtful(document: Document): TextFinding[] {
  const findings: TextFinding[] = [];
  visit(document, {
    Scalar: (at, node) => {
      if (at === "key" && node.value === "__proto__") findings.push(reserved(node));
      if (typeof node.value === "number" && !PLAIN_NUMBER.test(node.source!)) findings.push(unplain(node));
    },
  });
  return findings;
}

function unplain({ range, source, value }: Scalar): TextFinding {
  return {
    offset: range![0],
    found: `${source}, which YAML reads as the number ${value}`,
    expected: "a number in plain decimal digits, or text in quotes",
    fix: `write ${value} if a number is meant, or "${source}" if text is`,
  };
}

function reserved({ range }: Scalar): TextFinding {
  return { offset: range![0], found: "the key __proto__", expected: "any other key", fix: "rename it" };
}
