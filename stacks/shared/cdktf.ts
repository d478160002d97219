/**
 * The one file that imports `cdktf` and its provider bindings (a lint rule holds this), so that a move to the maintained fork is a change of
 * this file alone. Deep imports only: the index of the AWS bindings costs seconds and hundreds of megabytes.
 */
export { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
export { AwsProvider } from "@cdktf/provider-aws/lib/provider";
export {
  App,
  type IResolvable,
  type IResolveContext,
  TerraformDataSource,
  TerraformElement,
  TerraformOutput,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
  type TerraformVariableConfig,
  Token,
  Tokenization,
} from "cdktf";
export { Construct, type IConstruct, type Node } from "constructs";
