/** Systems Manager's parameters: moto keeps them; the limits that it does not know are kept here. */
import type { PutParameterCommandInput } from "@aws-sdk/client-ssm";
import { AwsError } from "../aws-error";
import type { Call, Handlers } from "../handler";

/** Characters of a value, by tier (AWS Systems Manager endpoints and quotas). */
const STANDARD_MAXIMUM = 4096;
const ADVANCED_MAXIMUM = 8192;

function putParameter(input: PutParameterCommandInput, call: Call) {
  const length = input.Value?.length ?? 0;
  if (length === 0) {
    const problem = "Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1";
    throw new AwsError("ValidationException", `1 validation error detected: ${problem}`);
  }
  const tier = input.Tier ?? "Standard";
  if (tier === "Standard" && length > STANDARD_MAXIMUM) {
    const remedy = "To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.";
    const message = `Standard tier parameters support a maximum parameter value of ${STANDARD_MAXIMUM} characters. ${remedy}`;
    throw new AwsError("ValidationException", message);
  }
  if (length > ADVANCED_MAXIMUM) {
    const message = `Advanced tier parameters support a maximum parameter value of ${ADVANCED_MAXIMUM} characters.`;
    throw new AwsError("ValidationException", message);
  }
  return call.forward(input);
}

/** The handlers of this file. */
export const parameterHandlers: Handlers = { "ssm:PutParameter": putParameter };
