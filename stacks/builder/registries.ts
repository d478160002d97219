/** Rights on registries: the ECR repositories that the image list names, pull-through prefixes, and the secrets of other registries. */
import type { BuilderSettings } from "../../lib/config/cell";
import { ECR_HOST } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { equals, type Statement, whereAny } from "../parts/policy";
import { PULL, pullThroughStatements } from "../parts/pull-through";
import { TerraformLocal, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list, str } from "../terraform/expression";
import { mapObjects } from "../terraform/lists";
import { imageLines } from "./images";

/** An image in ECR: what {@link ECR_HOST} catches, then the repository. */
const ECR_IMAGE = `^${ECR_HOST}/([^:@ ]+)`;

export function registryStatements(cell: CellScope<BuilderSettings>): Statement[] {
  return [
    ...ecrStatements(cell),
    ...pullThroughStatements(cell.current, cell.props.pullThrough),
    ...secretStatements(cell),
  ];
}

/** Pulls from the repositories in the list and from no other. One token serves a registry, and has no resource level. */
function ecrStatements(cell: CellScope<BuilderSettings>): Statement[] {
  const { scope, current } = cell;
  const arn = `arn:${current.partition}:ecr:${str`part[2]`}:${str`part[0]`}:repository/${str`part[5]`}`;
  const pattern = hcl`replace(${ECR_IMAGE}, "DNS_SUFFIX", replace(${current.dnsSuffix}, ".", "[.]"))`;
  const repositories = new TerraformLocal(
    scope,
    "ecr_repositories",
    hcl`sort(distinct(flatten([for line in ${imageLines(cell)} : [for part in regexall(${pattern}, line) : ${arn}]])))`,
  );
  comment(repositories, "ARNs of the repositories in ECR that the image list names.");
  return whereAny(
    repositories.asList,
    { sid: "PullFromEcr", actions: PULL, resources: repositories.asList },
    { sid: "LogInToEcr", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  );
}

/** The secrets' values are read when an image is pulled; they never pass through Terraform. Secrets Manager ends an ARN with six random characters. */
function secretStatements({ props, current }: CellScope<BuilderSettings>): Statement[] {
  const secrets = mapObjects(props.registries, (registry) =>
    current.arn("secretsmanager", `secret:${registry.secretName}-??????`),
  );
  const keys = secretKeys(props);
  return [
    ...whereAny(props.registries, {
      sid: "ReadRegistrySecrets",
      actions: ["secretsmanager:GetSecretValue"],
      resources: secrets,
    }),
    ...whereAny(keys, {
      sid: "DecryptRegistrySecrets",
      actions: ["kms:Decrypt"],
      resources: keys,
      conditions: [equals("kms:ViaService", `secretsmanager.${current.region}.${current.dnsSuffix}`)],
    }),
  ];
}

/** Customer keys of the secrets, each once; Secrets Manager's own key needs no permission. */
function secretKeys({ registries }: BuilderSettings): string[] {
  if (Token.isUnresolved(registries)) return list`distinct(compact(${registries}[*].kms_key_arn))`;
  return [...new Set(registries.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []))];
}
