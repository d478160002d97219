/** The host of the account's registry, for texts that a shell or Docker reads. */
import { ECR_HOST } from "../lib/contract";
import { UsageError } from "./usage-error";

/** An account's registry in one region. */
export interface Registry {
  /** e.g. `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  readonly host: string;
  readonly accountId: string;
}

/**
 * Domains of AWS's partitions by the beginnings of their regions' names (partitions.json of botocore, `dnsSuffix`). All others are of the partition
 * `aws` or `aws-us-gov`.
 */
const DOMAINS: readonly (readonly [beginning: string, domain: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
];
const DOMAIN = "amazonaws.com";

function domainOf(region: string): string {
  return DOMAINS.find(([beginning]) => region.startsWith(beginning))?.[1] ?? DOMAIN;
}

/** The registry of an account that is named. @throws UsageError if it is no account's id */
export function registryOf(accountId: string, region: string): Registry {
  if (!/^[0-9]{12}$/.test(accountId))
    throw new UsageError(`--account-id is "${accountId}", expected the 12 digits of an account`);
  return { host: `${accountId}.dkr.ecr.${region}.${domainOf(region)}`, accountId };
}

/**
 * The registry at a URL that ECR has given. Its host goes into a shell's variables, so it is held to be one.
 *
 * @throws if it is no registry of the region
 */
export function registryAt(url: string, region: string): Registry {
  const host = url.replace(/^https:\/\//, "");
  const pattern = new RegExp(`^${ECR_HOST.replace("DNS_SUFFIX", domainOf(region).replaceAll(".", "[.]"))}$`);
  const [, accountId, , at] = pattern.exec(host) ?? [];
  if (accountId === undefined || at !== region) throw new Error(`"${url}" is no registry of ECR in ${region}`);
  return { host, accountId };
}
