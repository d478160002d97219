/** Pull-through in a region: ECR's rules and what their repositories are like, the policy of those who pull, and what tells of failures and costs. */
import { ECR_PUBLIC_PREFIX } from "../../lib/pull-through";
import { keepName } from "../parts/keep-name";
import { policyDocument } from "../parts/policy";
import { statementsOn } from "../parts/pull-through";
import { Construct, IamPolicy } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { createBudget } from "./budget";
import { createFailures } from "./failures";
import type { PullThroughProps } from "./props";
import { createRules } from "./rules";
import { type PullThroughScope, pullThroughScope } from "./scope";
import { createTemplates } from "./templates";

export class PullThrough extends Construct {
  /** Host of the account's registry. */
  readonly registryUrl: string;
  /** Beginning of ECR Public's images there; null without its rule. */
  readonly publicEcrCachePrefix: string;
  readonly pullerPolicyArn: string;
  /** Topic that alarms go to. */
  readonly alarmTopicArn: string;

  constructor(scope: Construct, id: string, props: PullThroughProps) {
    super(scope, id);
    const whole = inFile(this, "rules", () => pullThroughScope(this, props));
    const { current } = whole;
    inFile(this, "rules", () => createRules(whole, createTemplates(whole)));
    this.pullerPolicyArn = inFile(this, "access", () => createPullerPolicy(whole)).arn;
    this.alarmTopicArn = inFile(this, "failures", () => createFailures(whole));
    inFile(this, "budget", () => createBudget(whole, this.alarmTopicArn));
    this.registryUrl = `${current.account}.dkr.ecr.${current.region}.${current.dnsSuffix}`;
    const prefix = `${this.registryUrl}/${ECR_PUBLIC_PREFIX}`;
    this.publicEcrCachePrefix = str`contains(${props.prefixes}, ${ECR_PUBLIC_PREFIX}) ? ${prefix} : null`;
  }
}

/** Characters of a managed policy without white space (IAM User Guide, "IAM and AWS STS quotas"). */
const POLICY_MAXIMUM = 6144;

/** For every role that pulls, of ours or not. */
function createPullerPolicy({ scope, props, names, tags, identity, repositories }: PullThroughScope): IamPolicy {
  const policy = policyDocument(scope, "puller.document", statementsOn(repositories, props.tags));
  const size = str`length(replace(${policy}, "/\\s/", ""))`;
  return new IamPolicy(scope, "puller.policy", {
    name: names.pullerPolicy,
    path: props.rolePath,
    description: "Pull images through ECR's cache of upstream registries",
    policy,
    tags: tags(),
    lifecycle: {
      ...keepName(identity),
      precondition: [
        {
          condition: str`${size} <= ${POLICY_MAXIMUM}`,
          errorMessage: `rules: found ${size} characters of the policy for those who pull, expected at most ${POLICY_MAXIMUM}, as IAM counts them. Shorten prefixes, or remove some.`,
        },
      ],
    },
  });
}
