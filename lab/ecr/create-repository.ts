/** The repository that the first pull of an image makes, from the registry's creation template if one fits. */
import { assumeRole } from "../aws/services/assume-role";
import { templateFor } from "../aws/services/ecr/creation-templates";
import type { CreationTemplate } from "../aws/state";
import type { Place } from "./caller";
import { ImportError } from "./upstream";

/** Calls on the key of a repository that ECR makes in the name of a template's role (ECR User Guide, "Create a custom policy for repository creation templates"). */
const KEY_ACTIONS = ["CreateGrant", "RetireGrant", "DescribeKey"];

/** The template that a repository of the pull-through cache is made from; undefined: with ECR's defaults. */
export function templateOf({ aws, region }: Place, repositoryName: string): CreationTemplate | undefined {
  return templateFor(Object.values(aws.state(region).creationTemplates), repositoryName, "PULL_THROUGH_CACHE");
}

/** Makes a repository for pull-through. @throws ImportError if the template cannot be followed; nothing is made then */
export async function createRepository(place: Place, repositoryName: string): Promise<void> {
  const { aws, region } = place;
  const template = templateOf(place, repositoryName);
  try {
    await create(place, repositoryName, template);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError("RepositoryCreation", (error as Error).message);
  }
  const own = (action: string, input: object) =>
    aws.moto({ service: "ecr", action, region }, { repositoryName, ...input });
  if (template?.lifecyclePolicy) await own("PutLifecyclePolicy", { lifecyclePolicyText: template.lifecyclePolicy });
  if (template?.repositoryPolicy) await own("SetRepositoryPolicy", { policyText: template.repositoryPolicy });
}

async function create(place: Place, repositoryName: string, template: CreationTemplate | undefined): Promise<void> {
  const { aws, region } = place;
  const target = { service: "ecr", action: "CreateRepository", region };
  const { resourceTags: tags = [], encryptionConfiguration, imageTagMutability, customRoleArn } = template ?? {};
  const input = {
    repositoryName,
    encryptionConfiguration,
    imageTagMutability,
    imageTagMutabilityExclusionFilters: template?.imageTagMutabilityExclusionFilters,
    tags,
  };
  const kms = encryptionConfiguration !== undefined && encryptionConfiguration.encryptionType !== "AES256";
  if (customRoleArn === undefined) {
    // ECR's service-linked role may neither tag nor use keys (ECR User Guide, "Create an IAM role for repository creation templates").
    if (tags.length > 0 || kms)
      throw new ImportError("RepositoryCreation", `the template ${template?.prefix} has tags or a key, and no role`);
    await aws.call({ ...target, nested: true }, input);
    return;
  }
  const { AccessKeyId: accessKeyId } = await assumeRole(aws, region, { roleArn: customRoleArn, service: "ecr" });
  const KeyId = encryptionConfiguration?.kmsKey;
  for (const action of kms && KeyId ? KEY_ACTIONS : [])
    await aws.hooks.raise("Request", { service: "kms", action, region, accessKeyId, input: { KeyId } });
  await aws.call({ ...target, accessKeyId }, input);
}
