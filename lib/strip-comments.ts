/** Strips comments, empty lines and indentation from scripts, and nothing else: here-documents and quoted text stay as they are. */

/** A number behind << is a shift in arithmetic. */
const HERE_DOCUMENT = /<<-?\s*(?:'(\w+)'|"(\w+)"|([A-Za-z_]\w*))/;

/** State at the end of a line: the quote around it, how much of it is code, and the here-document that begins after it. */
interface Scan {
  readonly quote: "" | "'" | '"';
  readonly code: string;
  readonly hereDocument: string | undefined;
}

/** Reads a line from its beginning, inside `quote` if the line before left one open. */
function scanLine(line: string, open: Scan["quote"]): Scan {
  let quote = open;
  let bare = "";
  for (let index = 0; index < line.length; index++) {
    const character = line[index] as string;
    if (quote === "'") {
      if (character === "'") quote = "";
    } else if (character === "\\") {
      index++;
    } else if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      // The word of a here-document may be quoted.
      bare += /<<-?\s*$/.test(bare) ? (line.slice(index).match(/^(['"])\w+\1/)?.[0] ?? "") : "";
    } else if (quote === "" && character === "#" && (index === 0 || /[\s;]/.test(line[index - 1] as string))) {
      return { quote, code: line.slice(0, index).trimEnd(), hereDocument: undefined };
    } else if (quote === "") {
      bare += character;
    }
  }
  const word = bare.replaceAll("<<<", "").match(HERE_DOCUMENT);
  return { quote, code: line, hereDocument: word?.[1] ?? word?.[2] ?? word?.[3] };
}

/** The script without comments. The result means the same to bash: a test compares the functions of both. */
export function stripComments(script: string): string {
  const kept: string[] = [];
  let quote: Scan["quote"] = "";
  let hereDocument: string | undefined;
  for (const line of script.replace(/\n$/, "").split("\n")) {
    if (hereDocument !== undefined) {
      kept.push(line);
      if (line === hereDocument) hereDocument = undefined;
      continue;
    }
    const scan = scanLine(line, quote);
    const code = quote === "" ? scan.code.trimStart() : scan.code;
    if (quote !== "" || code !== "") kept.push(code);
    quote = scan.quote;
    hereDocument = scan.hereDocument;
  }
  return kept.map((line) => `${line}\n`).join("");
}

/** A Python script without lines that are comments or empty, and with one blank for four of indentation. Its texts must hold no such lines. */
export function stripPythonComments(script: string): string {
  return script
    .replace(/^[ \t]*(#.*)?\n/gm, "")
    .replace(/^( {4})+/gm, (indentation) => " ".repeat(indentation.length / 4));
}
