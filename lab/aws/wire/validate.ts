/** Checks an operation's input against the service's model, for what moto lets pass. */
import { AwsError } from "../aws-error";
import { type ServiceModel, type ShapeRef, shapeOf } from "./model";

/**
 * Every problem of an input: members that the operation does not know or that are missing, and values outside the model's
 * bounds, patterns and enumerations.
 */
export function problemsOf(model: ServiceModel, ref: ShapeRef, value: unknown, path = "input"): string[] {
  if (value === undefined || value === null) return [];
  const shape = shapeOf(model, ref);
  if (shape.type === "structure") {
    const members = shape.members ?? {};
    const given = value as Record<string, unknown>;
    const unknown = Object.keys(given).filter((name) => !members[name]);
    const missing = (shape.required ?? []).filter((name) => given[name] === undefined);
    return [
      ...unknown.map((name) => `${path}: unknown member ${name}`),
      ...missing.map((name) => `${path}: missing member ${name}`),
      ...Object.entries(members).flatMap(([name, member]) => problemsOf(model, member, given[name], `${path}.${name}`)),
    ];
  }
  if (shape.type === "list") {
    const elements = value as unknown[];
    const inner = elements.flatMap((one, n) => problemsOf(model, shape.member as ShapeRef, one, `${path}[${n}]`));
    return [...boundsProblem(shape, elements.length, `${path}: number of elements`), ...inner];
  }
  if (shape.type === "map") {
    const entries = Object.entries(value as Record<string, unknown>);
    const inner = entries.flatMap(([key, one]) => [
      ...problemsOf(model, shape.key as ShapeRef, key, `${path} key`),
      ...problemsOf(model, shape.value as ShapeRef, one, `${path}.${key}`),
    ]);
    return [...boundsProblem(shape, entries.length, `${path}: number of entries`), ...inner];
  }
  if (typeof value === "number") return boundsProblem(shape, value, path);
  return typeof value === "string" ? textProblems(shape, value, path) : [];
}

/** @throws AwsError with this code and the first problem of an input */
export function checkInput(model: ServiceModel, action: string, input: object, code = "ValidationException"): void {
  const ref = model.operations[action]?.input;
  const [problem] = ref ? problemsOf(model, ref, input) : [];
  if (problem) throw new AwsError(code, `1 validation error detected: ${problem}`);
}

function textProblems(
  shape: { enum?: readonly string[]; pattern?: string; min?: number; max?: number },
  text: string,
  path: string,
) {
  if (shape.enum && !shape.enum.includes(text)) return [`${path}: ${text} is not one of ${shape.enum.join(", ")}`];
  // The patterns are Java's: `\p{all}` is a class there alone, and `\-` an escape that JavaScript's mode `u` refuses. A
  // repetition may be repeated (Recycle Bin's ARNs: `[0-9a-zA-Z]{11}{0,1011}`). `(?i)` (in the names of budgets) is left out.
  const source = shape.pattern
    ?.replaceAll("[\\p{all}]", "[\\s\\S]")
    .replaceAll("(?i)", "")
    .replaceAll(/(\[[^\]]*\]\{[\d,]+\})(?=\{)/g, "(?:$1)");
  const pattern = source && new RegExp(`^(?:${source})$`, source.includes("\\p{") ? "u" : "");
  if (pattern && !pattern.test(text)) return [`${path}: ${text} does not match ${shape.pattern}`];
  return boundsProblem(shape, text.length, `${path}: length`);
}

function boundsProblem({ min, max }: { min?: number; max?: number }, size: number, what: string): string[] {
  if (min !== undefined && size < min) return [`${what} ${size} is less than ${min}`];
  return max !== undefined && size > max ? [`${what} ${size} is more than ${max}`] : [];
}
