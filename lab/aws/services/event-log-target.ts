/** Log groups as targets of rules: what PutTargets takes for them. */
import { exampleOf, type InputSettings } from "./event-input";

/** True for the ARN of a log group. */
export function isLogGroup(arn: string): boolean {
  return /^arn:[^:]+:logs:[^:]*:\d*:log-group:./.test(arn);
}

/**
 * Reason for which EventBridge refuses the settings of a log group; undefined if it takes them. It writes as itself, never as a
 * role, and makes of a template a time and a text, both strings (EventBridge User Guide, "Input transform examples"; AWS CDK's
 * `CloudWatchLogGroup`, whose authors found no `Input` or `InputPath` that works). Settings must have passed `inputProblem`.
 */
export function logTargetProblem(target: InputSettings & { readonly Arn: string; readonly RoleArn?: string }) {
  const { Arn, RoleArn, Input, InputPath, InputTransformer } = target;
  if (RoleArn !== undefined) return `RoleArn is not supported for target ${Arn}.`;
  if (!/:log-group:[\w/.#-]+$/.test(Arn)) return `${Arn} is not the ARN of a log group: a name, and nothing behind it`;
  if (Input !== undefined || InputPath !== undefined) return `a log group takes neither Input nor InputPath: ${Arn}`;
  if (!InputTransformer || isLogTemplate(InputTransformer.InputTemplate)) return undefined;
  return 'the InputTemplate for a log group must be {"timestamp": …, "message": "…"}';
}

function isLogTemplate(template: string): boolean {
  const example = exampleOf(template);
  if (!example.trim().startsWith("{")) return false;
  return Object.keys(JSON.parse(example)).sort().join() === "message,timestamp";
}
