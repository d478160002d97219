/**
 * Lambda: aliases, the rules for asynchronous invocations, and the invocations themselves. moto keeps one set of rules for a function,
 * whatever its aliases have, and runs functions in containers: nothing of this is handed to it.
 */
import { AwsError } from "../aws-error";
import type { Call, Handlers } from "../handler";
import type { AliasRecord, InvokeConfigRecord } from "../state";

interface Named {
  readonly FunctionName: string;
  readonly Qualifier?: string;
}

/** A function by name or ARN, with a qualifier behind it or beside it. */
function namedIn({ FunctionName, Qualifier }: Named): { name: string; qualifier?: string } {
  const parts = FunctionName.startsWith("arn:") ? FunctionName.split(":").slice(6) : FunctionName.split(":");
  const [name = "", qualifier = Qualifier] = parts;
  return { name, qualifier };
}

/** The function's ARN. @throws AwsError if moto knows no such function */
export async function functionArn({ aws, region }: Call, FunctionName: string): Promise<string> {
  const target = { service: "lambda", action: "GetFunctionConfiguration", region };
  return (await aws.moto<{ FunctionArn: string }>(target, { FunctionName })).FunctionArn.replace(/:\$LATEST$/, "");
}

function notFound(what: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Cannot find ${what}`, 404);
}

type AliasInput = Named & { readonly Name: string; readonly FunctionVersion?: string; readonly Description?: string };

function aliasOf({ state }: Call, { FunctionName, Name }: AliasInput): AliasRecord {
  const found = state.functionAliases[`${namedIn({ FunctionName }).name} ${Name}`];
  if (!found) throw notFound(`alias arn: ${FunctionName}:${Name}`);
  return found;
}

async function createAlias(input: AliasInput, call: Call): Promise<AliasRecord> {
  const { FunctionName, Name, FunctionVersion, Description } = input;
  const AliasArn = `${await functionArn(call, FunctionName)}:${Name}`;
  const key = `${namedIn(input).name} ${Name}`;
  if (call.state.functionAliases[key]) throw new AwsError("ResourceConflictException", `Alias already exists`, 409);
  const made: AliasRecord = { AliasArn, Name, statements: {}, FunctionVersion, Description };
  call.state.functionAliases[key] = made;
  return made;
}

function updateAlias(input: AliasInput, call: Call): AliasRecord {
  const { FunctionVersion, Description } = input;
  const found = aliasOf(call, input);
  found.FunctionVersion = FunctionVersion ?? found.FunctionVersion;
  found.Description = Description ?? found.Description;
  return found;
}

function deleteAlias(input: AliasInput, { state }: Call): object {
  delete state.functionAliases[`${namedIn(input).name} ${input.Name}`];
  return {};
}

interface PermissionInput extends Named {
  readonly StatementId: string;
  readonly Action?: string;
  readonly Principal?: string;
  readonly SourceArn?: string;
}

/** An alias has a policy of its own; that of the function is moto's. */
function ofAlias<Input extends Named>(act: (alias: AliasRecord, input: Input) => object) {
  return (input: Input, call: Call) => {
    const { name, qualifier } = namedIn(input);
    return qualifier === undefined
      ? call.forward(input)
      : act(aliasOf(call, { FunctionName: name, Name: qualifier }), input);
  };
}

function addPermission({ AliasArn, statements }: AliasRecord, input: PermissionInput): object {
  const { StatementId: Sid, Action, Principal, SourceArn } = input;
  const Condition = { ArnLike: { "AWS:SourceArn": SourceArn } };
  const statement = { Sid, Effect: "Allow", Principal: { Service: Principal }, Action, Resource: AliasArn, Condition };
  statements[Sid] = statement;
  return { Statement: JSON.stringify(statement) };
}

function getPolicy({ AliasArn, statements }: AliasRecord): object {
  const Statement = Object.values(statements);
  if (Statement.length === 0) throw notFound(`the policy of ${AliasArn}`);
  return { Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement }) };
}

function removePermission({ statements }: AliasRecord, { StatementId }: PermissionInput): object {
  delete statements[StatementId];
  return {};
}

type ConfigInput = Named &
  Pick<InvokeConfigRecord, "MaximumRetryAttempts" | "MaximumEventAgeInSeconds" | "DestinationConfig">;

const configKey = (input: Named) => `${namedIn(input).name} ${namedIn(input).qualifier ?? "$LATEST"}`;

async function putConfig(input: ConfigInput, call: Call): Promise<InvokeConfigRecord> {
  const { FunctionName, Qualifier, ...rules } = input;
  const { name, qualifier = "$LATEST" } = namedIn({ FunctionName, Qualifier });
  const FunctionArn = `${await functionArn(call, name)}:${qualifier}`;
  const made = { ...rules, FunctionArn, LastModified: call.aws.now() };
  call.state.invokeConfigs[configKey(input)] = made;
  return made;
}

function getConfig(input: Named, { state }: Call): InvokeConfigRecord {
  const found = state.invokeConfigs[configKey(input)];
  if (!found) throw notFound(`the invoke configuration of ${configKey(input)}`);
  return found;
}

function deleteConfig(input: Named, { state }: Call): object {
  delete state.invokeConfigs[configKey(input)];
  return {};
}

/** Takes an invocation and tells of it; whoever listens runs the function. Only those that nobody waits for are emulated. */
async function invoke(input: Named & { InvocationType?: string; Payload?: string }, call: Call): Promise<object> {
  const { InvocationType = "RequestResponse", Payload } = input;
  if (InvocationType !== "Event") throw new Error(`invocations of the type ${InvocationType} are not emulated`);
  const { name: functionName, qualifier } = namedIn(input);
  await functionArn(call, functionName);
  if (qualifier !== undefined) aliasOf(call, { FunctionName: functionName, Name: qualifier });
  const event: unknown = Payload ? JSON.parse(Payload) : {};
  await call.aws.hooks.raise("Invoke", { region: call.region, functionName, qualifier, event });
  return { StatusCode: 202 };
}

/** The handlers of this file. */
export const invocationHandlers: Handlers = {
  "lambda:CreateAlias": createAlias,
  "lambda:GetAlias": (input: AliasInput, call: Call) => aliasOf(call, input),
  "lambda:UpdateAlias": updateAlias,
  "lambda:DeleteAlias": deleteAlias,
  "lambda:AddPermission": ofAlias(addPermission),
  "lambda:GetPolicy": ofAlias(getPolicy),
  "lambda:RemovePermission": ofAlias(removePermission),
  "lambda:PutFunctionEventInvokeConfig": putConfig,
  "lambda:GetFunctionEventInvokeConfig": getConfig,
  "lambda:DeleteFunctionEventInvokeConfig": deleteConfig,
  "lambda:Invoke": invoke,
};
