/** Lambda: moto keeps functions, but forgets their logging, dead-letter queue and key. Every later plan would set them again. */
import type { Call, Handlers } from "../handler";
import type { FunctionSettings, LoggingConfig } from "../state";

/** A function as requests and answers describe it, as far as this file fixes it. */
interface Configuration extends FunctionSettings {
  readonly FunctionName?: string;
}

async function createFunction(input: Configuration, call: Call): Promise<Configuration> {
  const made = await call.forward<Configuration>(input);
  call.state.functions[nameOf(input)] = settingsOf(input, {});
  return mended(made, call);
}

async function updateFunctionConfiguration(input: Configuration, call: Call): Promise<Configuration> {
  const changed = await call.forward<Configuration>(input);
  call.state.functions[nameOf(input)] = settingsOf(input, call.state.functions[nameOf(input)] ?? {});
  return mended(changed, call);
}

async function getFunction(input: object, call: Call): Promise<object> {
  const answer = await call.forward<{ Configuration?: Configuration }>(input);
  return { ...answer, Configuration: mended(answer.Configuration ?? {}, call) };
}

async function getFunctionConfiguration(input: object, call: Call): Promise<Configuration> {
  return mended(await call.forward<Configuration>(input), call);
}

async function deleteFunction(input: Configuration, call: Call): Promise<object> {
  const answer = await call.forward<object>(input);
  delete call.state.functions[nameOf(input)];
  return answer;
}

/** Settings that the request gives, over those from before. A dead-letter queue without an ARN is none. */
function settingsOf(
  { LoggingConfig, DeadLetterConfig, KMSKeyArn }: FunctionSettings,
  before: FunctionSettings,
): FunctionSettings {
  const queue = DeadLetterConfig ?? before.DeadLetterConfig;
  return {
    LoggingConfig: LoggingConfig ?? before.LoggingConfig,
    DeadLetterConfig: queue?.TargetArn ? queue : undefined,
    KMSKeyArn: (KMSKeyArn ?? before.KMSKeyArn) || undefined,
  };
}

function mended(configuration: Configuration, call: Call): Configuration {
  const name = nameOf(configuration);
  const { LoggingConfig, ...kept } = call.state.functions[name] ?? {};
  return { ...configuration, LoggingConfig: loggingOf(name, LoggingConfig ?? {}), ...kept };
}

/** Adds Lambda's defaults: text, in the function's own group. Levels belong to JSON alone. */
function loggingOf(name: string, given: LoggingConfig): LoggingConfig {
  const levels = given.LogFormat === "JSON" ? { ApplicationLogLevel: "INFO", SystemLogLevel: "INFO" } : {};
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  return { LogFormat: "Text", LogGroup: `/aws/lambda/${name}`, ...levels, ...stated };
}

/** The name, in itself or in an ARN. */
function nameOf({ FunctionName: text = "" }: Configuration): string {
  return text.startsWith("arn:") ? (text.split(":")[6] ?? text) : text;
}

/** The handlers of this file. */
export const functionHandlers: Handlers = {
  "lambda:CreateFunction": createFunction,
  "lambda:UpdateFunctionConfiguration": updateFunctionConfiguration,
  "lambda:GetFunction": getFunction,
  "lambda:GetFunctionConfiguration": getFunctionConfiguration,
  "lambda:DeleteFunction": deleteFunction,
};
