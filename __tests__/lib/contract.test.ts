import { ECR_HOST } from "../../lib/contract";
import vectors from "../fixtures/ecr-hosts.json";

test.each(vectors)("a registry in ECR by its host: $host where the DNS suffix is $dnsSuffix", (vector) => {
  const pattern = ECR_HOST.replace("DNS_SUFFIX", vector.dnsSuffix.replaceAll(".", "[.]"));
  const [, account = null, , region = null] = new RegExp(`^${pattern}$`).exec(vector.host) ?? [];
  expect({ account, region }).toEqual({ account: vector.account, region: vector.region });
});
