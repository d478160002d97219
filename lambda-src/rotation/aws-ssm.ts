/** Parameters through the SDK. */
import {
  GetParameterHistoryCommand,
  GetParametersCommand,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import type { ParametersPort } from "./ports";
import type { Parameter, PointerEntry } from "./types";

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

    async getPointerHistory(name) {
      const found: { version: number; entry: PointerEntry }[] = [];
      let NextToken: string | undefined;
      do {
        const page = await ssm.send(new GetParameterHistoryCommand({ Name: name, MaxResults: 50, NextToken }));
        for (const one of page.Parameters ?? [])
          found.push({
            version: one.Version ?? 0,
            entry: { value: one.Value ?? "", writtenAt: one.LastModifiedDate?.getTime() ?? 0 },
          });
        NextToken = page.NextToken;
      } while (NextToken);
      found.sort((a, b) => a.version - b.version);
      return { entries: found.map(({ entry }) => entry), complete: found[0]?.version === 1 };
    },

    async putParameter(name, value) {
      await ssm.send(new PutParameterCommand({ Name: name, Value: value, Overwrite: true }));
    },
  };
}
