/** The runtime of the rotation module's function follows from the AWS providers that the module takes. */
import { readFileSync } from "node:fs";
import { defaultLambdaRuntime } from "../../lib/config/schema/lambda-runtime";

const read = (file: string) => readFileSync(`modules/rotation/${file}`, "utf8");

test("the default is the newest that every AWS provider of the module's range takes", () => {
  const range = /source {2}= "hashicorp\/aws"\s+version = "([^"]+)"/.exec(read("versions.tf"))?.[1] ?? "";
  const standard = /^variable "lambda_runtime" \{[^}]*?^ {2}default {5}= "([^"]+)"/m.exec(read("variables.tf"))?.[1];
  expect(range).toMatch(/^>= \d/);
  expect(standard).toBe(defaultLambdaRuntime(range));
});
