/** The rotation function's runtime. */
import { FIRST_PROVIDER_OF_NODEJS24, takesNodejs24 } from "../schema/lambda-runtime";
import type { CacheCheck } from "../text/problem";

/** Every AWS provider that the file admits takes the runtime: which of them Terraform finds, nobody knows here. */
export const checkLambdaRuntime: CacheCheck = (config, cache) => {
  const { lambda_runtime: runtime } = config.caches[cache]!.rotation;
  const range = config.aws_provider_version;
  if (runtime !== "nodejs24.x" || takesNodejs24(range)) return [];
  return [
    {
      path: ["caches", cache, "rotation", "lambda_runtime"],
      found: `${runtime}, with an AWS provider of "${range}"`,
      expected: `nodejs22.x, as the AWS provider takes nodejs24.x from ${FIRST_PROVIDER_OF_NODEJS24} on, and \`aws_provider_version\` admits older ones`,
      fix: `set aws_provider_version: ">= ${FIRST_PROVIDER_OF_NODEJS24}, < 7.0.0" at the top, or lambda_runtime: nodejs22.x`,
    },
  ];
};
