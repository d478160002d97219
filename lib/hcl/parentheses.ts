/** Parentheses around an expression that is put into another, if an operator beside it would tear it apart. */

/** Binding strengths of Terraform's operators; a condition's `?` and `:` bind loosest. */
const BINDING: Readonly<Record<string, number>> = {
  "?": 0,
  ":": 0,
  "||": 1,
  "&&": 2,
  ...Object.fromEntries(["==", "!=", "<", ">", "<=", ">="].map((sign) => [sign, 3])),
  ...Object.fromEntries(["+", "-", "*", "/", "%"].map((sign) => [sign, 4])),
};
/** Binding strength above any operator: `!x`, `x.attribute`, `x[0]`. */
const ACCESS = 5;

const WITHIN = / (\|\||&&|[=!<>]=|[?:<>+*/%-]) /g;
const BEFORE = /(\|\||&&|[=!<>]=|(?<!=)>|[!<+*/%-])\s*$/;
const AFTER = /^\s*(\|\||&&|[=!<>]=|[?<>+*/%-])|^([.[])/;

/** An expression without what stands in its strings and brackets. */
function surface(expression: string): string {
  let text = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/[([{][^()[\]{}]*[)\]}]/g, "_");
  }
  return text;
}

/**
 * Sets parentheses if the loosest operator inside binds no tighter than the tightest outside. Those of logic need none among
 * their like.
 */
export function parenthesize(expression: string, before: string, after: string): string {
  const signs = [...surface(expression).matchAll(WITHIN)].map((match) => match[1] as string);
  if (signs.length === 0) return expression;
  const inside = Math.min(...signs.map((sign) => BINDING[sign] as number));
  const outside = Math.max(bindingOf(BEFORE.exec(before)), bindingOf(AFTER.exec(after)));
  const tears = inside < outside || (inside === outside && !signs.every((sign) => sign === "&&" || sign === "||"));
  return tears ? `(${expression})` : expression;
}

function bindingOf(found: RegExpExecArray | null): number {
  if (found === null) return -1;
  return BINDING[found[1] ?? ""] ?? ACCESS;
}
