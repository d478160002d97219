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
