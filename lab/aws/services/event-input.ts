/**
 * What a target of a rule is given in place of the event: a constant, a part, or a text made by an input transformer. Rules are those of
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html.
 */
import type { AwsEvent } from "../hooks";

/** The settings of a target; EventBridge takes at most one of them. Without any it gets the event. */
export interface InputSettings {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

/** An event, and the rule that it has matched. */
export interface MatchedEvent {
  readonly event: AwsEvent;
  readonly ruleArn: string;
  readonly ruleName: string;
  /** Time at which EventBridge got the event. */
  readonly ingestedAt: Date;
}

const PLACEHOLDER = /<([^<>]+)>/g;
/** Variables that EventBridge takes only as the whole value of a JSON field, since it does not escape what they hold. */
const WHOLE_EVENT = new Set(["aws.events.event", "aws.events.event.json"]);
const RESERVED = new Set([
  ...WHOLE_EVENT,
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
]);

/** The text that a target gets. @throws Error if it is not known what EventBridge would send, or that would not be JSON */
export function inputOf(settings: InputSettings, matched: MatchedEvent): string {
  const problem = inputProblem(settings);
  if (problem) throw new Error(problem);
  if (settings.Input !== undefined) return settings.Input;
  if (settings.InputPath !== undefined) return partOf(settings.InputPath, matched.event);
  return settings.InputTransformer ? transformed(settings.InputTransformer, matched) : JSON.stringify(matched.event);
}

function partOf(path: string, event: AwsEvent): string {
  const found = valueAt(path, event);
  if (found === undefined) throw new Error(`${path} finds nothing: what EventBridge sends then is not known`);
  return JSON.stringify(found);
}

type Transformer = NonNullable<InputSettings["InputTransformer"]>;

/**
 * The template with its variables filled in. One whose path finds nothing leaves no trace in the text. In a string, an object
 * or a list loses its quotes, and values are not escaped; outside, a text gets quotes. The quotes of the template stay: a
 * subscriber to a topic sees them.
 */
function transformed({ InputPathsMap = {}, InputTemplate }: Transformer, matched: MatchedEvent): string {
  const variables: Record<string, unknown> = reservedValues(matched);
  for (const [name, path] of Object.entries(InputPathsMap)) variables[name] = valueAt(path, matched.event);
  const text = fill(InputTemplate, (name, quoted) => {
    const value = variables[name];
    if (value === undefined) return "";
    if (typeof value === "string") return quoted ? value : `"${value}"`;
    return quoted ? JSON.stringify(value).replaceAll('"', "") : JSON.stringify(value);
  });
  if (!isJsonSequence(text)) throw new Error(`the input transformer makes no JSON: ${text}`);
  return text;
}

function reservedValues({ event, ruleArn, ruleName, ingestedAt }: MatchedEvent): Record<string, unknown> {
  const { detail: _detail, ...withoutDetail } = event;
  return {
    "aws.events.rule-arn": ruleArn,
    "aws.events.rule-name": ruleName,
    "aws.events.event.ingestion-time": `${ingestedAt.toISOString().slice(0, 19)}Z`,
    "aws.events.event": withoutDetail,
    "aws.events.event.json": event,
  };
}

/** What a template could become: strings without their variables, and a number for each other variable: it can be no key, as a variable cannot. */
export function exampleOf(template: string): string {
  return fill(template, (_name, quoted) => (quoted ? "" : "0"));
}

/** Replaces the placeholders of a template, knowing of each whether it stands in a string. */
function fill(template: string, value: (name: string, quoted: boolean, before: string) => string): string {
  return template.replaceAll(PLACEHOLDER, (_all, name: string, at: number) => {
    const before = template.slice(0, at);
    return value(name, endsInString(before), before);
  });
}

/** True if a beginning of a template ends within a string. */
function endsInString(beginning: string): boolean {
  return (beginning.replaceAll(/\\./gs, "").match(/"/g)?.length ?? 0) % 2 === 1;
}

/**
 * Reason for which EventBridge refuses settings; undefined if it takes them. Paths are not looked at, as EventBridge documents.
 *
 * @see the documentation of PutTargets' `InputTransformer`
 */
export function inputProblem(settings: InputSettings): string | undefined {
  const { Input, InputPath, InputTransformer } = settings;
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1)
    return "Only one of Input, InputPath, or InputTransformer must be provided";
  if (Input !== undefined && !isJson(Input)) return "JSON syntax error in input";
  return InputTransformer && transformerProblem(InputTransformer);
}

function transformerProblem({ InputPathsMap = {}, InputTemplate }: Transformer): string | undefined {
  const reserved = Object.keys(InputPathsMap).find((name) => /^aws\./i.test(name));
  if (reserved) return `InputPathsMap must not define ${reserved}`;
  const problems: string[] = [];
  fill(InputTemplate, (name, quoted, before) => {
    if (!RESERVED.has(name) && !(name in InputPathsMap)) problems.push(`contains invalid placeholder ${name}`);
    if (WHOLE_EVENT.has(name) && (quoted || !before.trimEnd().endsWith(":")))
      problems.push(`has ${name} elsewhere than as the value of a JSON field`);
    return "";
  });
  if (!isJsonSequence(exampleOf(InputTemplate))) problems.push("is neither JSON nor lines of strings in quotes");
  return problems[0] && `InputTemplate ${problems[0]}`;
}

/** True for one JSON value, and for several strings, each on lines of its own, as AWS's own examples of messages have it. */
function isJsonSequence(text: string): boolean {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return isJson(text) || (lines.length > 0 && lines.every((line) => line.trim().startsWith('"') && isJson(line)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The value at a path in dot notation with indices of lists; undefined if nothing is there. @throws Error for any other notation */
function valueAt(path: string, event: unknown): unknown {
  if (!/^\$(?:\.[\w/-]+|\[\d+\])*$/.test(path)) throw new Error(`this JSON path is not emulated: ${path}`);
  const steps = path.match(/[\w/-]+/g) ?? [];
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    // A list has a `length` of its own.
    if (Array.isArray(value) && !/^\d+$/.test(step)) return undefined;
    return (value as Record<string, unknown>)[step];
  }, event);
}
