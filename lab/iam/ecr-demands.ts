/** ECR's demands, by the Service Authorization Reference and ECR's User Guide. */
import type { Tags } from "./context";
import { type Asked, arnOf, type Demand, tagsFrom } from "./demand";
import { forEach, type Resources, texts } from "./input";

/** Actions on one repository, which the call names. */
const ON_REPOSITORIES = [
  ...["CreateRepository", "DeleteLifecyclePolicy", "DeleteRepository", "DeleteRepositoryPolicy", "GetLifecyclePolicy"],
  ...["GetRepositoryPolicy", "PutImageScanningConfiguration", "PutImageTagMutability", "PutLifecyclePolicy"],
  "SetRepositoryPolicy",
];

/** Actions on images and layers of a repository, most of which a client takes by the registry's own API (lab/ecr). */
const ON_IMAGES = [
  ...["BatchCheckLayerAvailability", "BatchDeleteImage", "BatchGetImage", "BatchImportUpstreamImage"],
  ...["CompleteLayerUpload", "DescribeImages", "GetDownloadUrlForLayer", "InitiateLayerUpload", "ListImages"],
  ...["PutImage", "UploadLayerPart"],
];

/** Actions on the registry, which IAM knows no resource for. */
const ON_REGISTRY = [
  "GetAuthorizationToken",
  ...["CreatePullThroughCacheRule", "DeletePullThroughCacheRule", "DescribePullThroughCacheRules"],
  ...["UpdatePullThroughCacheRule", "ValidatePullThroughCacheRule", "CreateRepositoryCreationTemplate"],
  ...["DeleteRepositoryCreationTemplate", "DescribeRepositoryCreationTemplates", "UpdateRepositoryCreationTemplate"],
];

/** A repository by name. */
const onRepository: Resources = (asked, { repositoryName }) =>
  texts(repositoryName).map((name) => repositoryArn(asked, name));

/** By `service:Action`. */
export const ECR_RESOURCES: Readonly<Record<string, Resources>> = {
  ...forEach("ecr", [...ON_REPOSITORIES, ...ON_IMAGES], onRepository),
  ...forEach("ecr", ON_REGISTRY, () => ["*"]),
  ...forEach("ecr", ["ListTagsForResource", "TagResource", "UntagResource"], (_, { resourceArn }) =>
    texts(resourceArn),
  ),
  // Without names it is about all of them.
  "ecr:DescribeRepositories": (asked, { repositoryNames }) => {
    const names = texts(repositoryNames);
    return (names.length > 0 ? names : ["*"]).map((name) => repositoryArn(asked, name));
  },
};

function repositoryArn(asked: Asked, name: string): string {
  return arnOf(asked, "ecr", `repository/${name}`);
}

/** Tags of a repository; none if it is not there, or is being made. */
export async function repositoryTags({ aws, call }: Asked, resourceArn: string): Promise<Tags> {
  if (!/:repository\/[^*]+$/.test(resourceArn) || call.action === "CreateRepository") return {};
  const target = { service: "ecr", action: "ListTagsForResource", region: call.region };
  const answer = await aws.moto<{ tags?: object[] }>(target, { resourceArn }).catch((error: { code?: string }) => {
    if (error.code === "RepositoryNotFoundException") return {};
    throw error;
  });
  return tagsFrom("tags" in answer ? answer.tags : []);
}

/**
 * What a creation template takes beside its own permission and that to pass its role: what it will do to repositories below its prefix. The User
 * Guide lists these for those who manage templates.
 */
export function templateDemands(asked: Asked): Demand[] {
  const { service, action, input } = asked.call;
  if (service !== "ecr" || !/^(?:Create|Update)RepositoryCreationTemplate$/.test(action)) return [];
  const prefix = String(input.prefix).replace(/\/$/, "");
  const resource = repositoryArn(asked, prefix === "ROOT" ? "*" : `${prefix}/*`);
  const actions = [
    "ecr:CreateRepository",
    ...(input.lifecyclePolicy ? ["ecr:PutLifecyclePolicy"] : []),
    ...(input.repositoryPolicy ? ["ecr:SetRepositoryPolicy"] : []),
  ];
  return actions.map((needed) => ({ action: needed, resource }));
}

/**
 * What a repository with a key takes beside: ECR makes its grants on the key in the name of who makes the repository (ECR User Guide, "Encryption at
 * rest", and the actions that "Create a custom policy for repository creation templates" lists for it).
 */
export function repositoryKeyDemands({ call }: Asked): Demand[] {
  if (call.service !== "ecr" || call.action !== "CreateRepository") return [];
  const { kmsKey } = (call.input.encryptionConfiguration ?? {}) as { readonly kmsKey?: string };
  if (kmsKey === undefined) return [];
  const [grant, ...others] = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"].map(
    (action): Demand => ({ action, resource: kmsKey }),
  ) as [Demand, ...Demand[]];
  return [{ ...grant, keys: { "kms:GrantIsForAWSResource": "true" } }, ...others];
}

/** Service-linked roles by the call that makes them, each with the service that it is linked to. */
const LINKED: Readonly<Record<string, readonly [service: string, role: string]>> = {
  CreatePullThroughCacheRule: ["pullthroughcache.ecr.amazonaws.com", "AWSServiceRoleForECRPullThroughCache"],
  CreateRepositoryCreationTemplate: ["ecr.amazonaws.com", "AWSServiceRoleForECRTemplate"],
};

/**
 * The first rule of an account, and its first template, make a service-linked role in the name of the caller, who has to be allowed to (ECR User
 * Guide, "Using service-linked roles for Amazon ECR"). Which call is the first does not matter here: each takes it.
 */
export function linkedRoleDemands({ aws, call }: Asked): Demand[] {
  const linked = call.service === "ecr" ? LINKED[call.action] : undefined;
  if (linked === undefined) return [];
  const [service, role] = linked;
  const resource = `arn:${aws.partition}:iam::${aws.accountId}:role/aws-service-role/${service}/${role}`;
  return [{ action: "iam:CreateServiceLinkedRole", resource, keys: { "iam:AWSServiceName": service } }];
}
