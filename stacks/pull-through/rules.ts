/** ECR's rules, with the secrets by which it logs in upstream. */
import { UPSTREAMS } from "../../lib/pull-through";
import {
  DataAwsSecretsmanagerSecrets,
  EcrPullThroughCacheRule,
  type EcrRepositoryCreationTemplate,
  TerraformLocal,
} from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list, str } from "../terraform/expression";
import type { PullThroughScope } from "./scope";

/** Hosts, as ECR's API has them, of upstream registries that need a secret. */
const WITH_SECRET = Object.values(UPSTREAMS)
  .filter(({ login }) => login === "secret")
  .map(({ url, hosts }) => (url === undefined ? hosts.source : `^${url.replaceAll(".", "[.]")}$`))
  .join("|");
/** Characters that Secrets Manager puts behind a secret's name in its ARN: a hyphen and six more. */
const ARN_ENDING = 7;

/** @param templates what repositories are made from: before a first pull, or it would make one without tags and life cycle */
export function createRules(whole: PullThroughScope, templates: EcrRepositoryCreationTemplate): void {
  const { scope, rules, current } = whole;
  const arns = createSecrets(whole);
  const name = str`coalesce(each.value.secret_name, "none")`;
  const rule = new EcrPullThroughCacheRule(scope, "upstreams.rule", {
    ecrRepositoryPrefix: str`each.key`,
    upstreamRegistryUrl: str`each.value.upstream_url`,
    credentialArn: str`one(lookup(${arns.expression}, each.key, []))`,
    customRoleArn: str`each.value.role_arn`,
    upstreamRepositoryPrefix: str`each.value.upstream_prefix`,
    dependsOn: [templates],
    lifecycle: {
      precondition: [
        {
          condition: str`each.value.secret_name == null || length(lookup(${arns.expression}, each.key, [null])) == 1`,
          errorMessage: `pull_through.rules.${str`each.key`}.secret_name: found no secret ${name} in ${current.region}, expected one of this account and region. Make it from a file with username and accessToken as JSON: aws secretsmanager create-secret --region ${current.region} --name ${name} --secret-string file://login.json`,
        },
      ],
    },
  });
  rule.addOverride("for_each", rules.expression);
}

/** ARNs of the secrets by prefix: one each, or none if there is no such secret. Their values are never read. */
function createSecrets({ scope, rules }: PullThroughScope): TerraformLocal {
  const secrets = new DataAwsSecretsmanagerSecrets(scope, "logins.secrets", {
    filter: [{ name: "name", values: list`[coalesce(each.value, "none")]` }],
  });
  const needing = hcl`{ for prefix, rule in ${rules.expression} : prefix => rule.secret_name if can(regex(${WITH_SECRET}, rule.upstream_url)) }`;
  secrets.addOverride("for_each", needing);
  comment(secrets, "Secrets Manager's filter takes a name for a beginning: the exact one is chosen below.");
  const name = hcl`coalesce(${rules.expression}[prefix].secret_name, "none")`;
  const exact = hcl`[for arn in secrets.arns : arn if endswith(substr(arn, 0, length(arn) - ${ARN_ENDING}), format(":secret:%s", ${name}))]`;
  return new TerraformLocal(scope, "login_arns", hcl`{ for prefix, secrets in ${secrets.fqn} : prefix => ${exact} }`);
}
