/** Text of several lines as an indented heredoc, as people write it. */
import { cutTemplate } from "../../../lib/hcl/template";

/**
 * Returns a template of several lines that ends with a newline as a heredoc. Returns undefined if quotes say it better or a heredoc could change it.
 * A caller that indents the block indents its lines too: `<<-` takes the common part off again.
 */
export function heredoc(source: string): string | undefined {
  if (!source.endsWith("\n") || !source.slice(0, -1).includes("\n")) return undefined;
  const lines = source.slice(0, -1).split("\n");
  // `<<-` takes off what all lines have in common: one without indentation keeps the others as they are.
  if (!lines.some((line) => /^\S/.test(line))) return undefined;
  // Lines of spaces keep theirs, and so would grow.
  if (lines.some((line) => /^\s+$/.test(line)) || source.includes("\r")) return undefined;
  // A sequence over several lines would be indented too.
  if (cutTemplate(source).some((part) => part.kind === "sequence" && part.source.includes("\n"))) return undefined;
  let mark = "EOT";
  while (lines.some((line) => line.trim() === mark)) mark += "_";
  const indented = lines.map((line) => (line === "" ? "" : `  ${line}`));
  return [`<<-${mark}`, ...indented, mark].join("\n");
}
