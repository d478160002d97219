/** Parameters through the SDK. */
import {
  GetParametersCommand,
  PutParameterCommand,
  paginateGetParameterHistory,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import type { ParametersPort } from "../ports";
import type { Parameter } from "../types";
import { flatten, unlessGone } from "./lists";

export function parametersPort(ssm: SSMClient): ParametersPort {
  return {
    async getParameters(names) {
      const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: [...names] }));
      return new Map(
        Parameters.map((one): [string, Parameter] => [
          one.Name ?? "",
          {
            value: one.Value ?? "",
            writtenAt: one.LastModifiedDate?.getTime() ?? 0,
            accountId: one.ARN?.split(":")[4] ?? "",
          },
        ]),
      );
    },

    async getParameterHistory(name) {
      const pages = paginateGetParameterHistory({ client: ssm, pageSize: 50 }, { Name: name });
      const listed = await unlessGone(() => flatten(pages, (page) => page.Parameters), []);
      const found = listed.map(({ Version = 0, Value = "", LastModifiedDate }) => ({
        version: Version,
        entry: { value: Value, writtenAt: LastModifiedDate?.getTime() ?? 0 },
      }));
      found.sort((a, b) => a.version - b.version);
      return { entries: found.map(({ entry }) => entry), complete: found[0]?.version === 1 };
    },

    async putParameter(name, value) {
      await ssm.send(new PutParameterCommand({ Name: name, Value: value, Overwrite: true }));
    },
  };
}
