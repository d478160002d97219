/** Lambda's dead-letter queue, which moto takes and forgets: every later plan would set it again. */
import type { Call, Handlers } from "./handler";
import type { RegionState } from "./state";

interface FunctionRequest {
  readonly FunctionName: string;
  readonly DeadLetterConfig?: { readonly TargetArn?: string };
}

type Configuration = Record<string, unknown>;

/** By region, then by the function's name. */
const deadLetterConfigs = new WeakMap<RegionState, Map<string, FunctionRequest["DeadLetterConfig"]>>();

function configsOf(call: Call): Map<string, FunctionRequest["DeadLetterConfig"]> {
  const known = deadLetterConfigs.get(call.state) ?? new Map();
  deadLetterConfigs.set(call.state, known);
  return known;
}

/** Names and ARNs mean the same function. */
function nameOf({ FunctionName }: FunctionRequest): string {
  return FunctionName.split(":").at(-1)!;
}

function mended(configuration: Configuration, input: FunctionRequest, call: Call): Configuration {
  const { TargetArn } = configsOf(call).get(nameOf(input)) ?? {};
  return TargetArn ? { ...configuration, DeadLetterConfig: { TargetArn } } : configuration;
}

async function writeFunction(input: FunctionRequest, call: Call): Promise<Configuration> {
  const configuration = await call.forward<Configuration>(input);
  if (input.DeadLetterConfig !== undefined) configsOf(call).set(nameOf(input), input.DeadLetterConfig);
  return mended(configuration, input, call);
}

async function getFunction(input: FunctionRequest, call: Call): Promise<object> {
  const found = await call.forward<{ Configuration: Configuration }>(input);
  return { ...found, Configuration: mended(found.Configuration, input, call) };
}

async function getFunctionConfiguration(input: FunctionRequest, call: Call): Promise<Configuration> {
  return mended(await call.forward<Configuration>(input), input, call);
}

async function deleteFunction(input: FunctionRequest, call: Call): Promise<object> {
  configsOf(call).delete(nameOf(input));
  return call.forward(input);
}

export const lambdaHandlers: Handlers = {
  "lambda:CreateFunction": writeFunction,
  "lambda:DeleteFunction": deleteFunction,
  "lambda:GetFunction": getFunction,
  "lambda:GetFunctionConfiguration": getFunctionConfiguration,
  "lambda:UpdateFunctionConfiguration": writeFunction,
};
