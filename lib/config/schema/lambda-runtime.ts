/** Node version of the rotation function in Lambda; why, and until when: docs/decisions/0008-node-and-lambda-runtimes.md. */
import { admitsBelow } from "./provider-range";

/** Lambda's names of the runtimes that the function's bundle is tested under, oldest first. */
export const LAMBDA_RUNTIMES = ["nodejs22.x", "nodejs24.x"] as const;

export type LambdaRuntime = (typeof LAMBDA_RUNTIMES)[number];

/** The first AWS provider that takes nodejs24.x. Older ones refuse the plan; 5.100.0 is among them. */
export const FIRST_PROVIDER_OF_NODEJS24 = "6.19.0";

/** Returns true if every AWS provider that a range admits takes nodejs24.x. */
export function takesNodejs24(providerRange: string): boolean {
  return !admitsBelow(providerRange, FIRST_PROVIDER_OF_NODEJS24);
}

/** The newest runtime that every AWS provider of a range takes. */
export function defaultLambdaRuntime(providerRange: string): LambdaRuntime {
  return takesNodejs24(providerRange) ? "nodejs24.x" : "nodejs22.x";
}
