/** The repositories of a layer cache in ECR: one of protected branches, one of all others. ECR's permissions know repositories, and no tags. */
import { repositories, UNTAGGED_DAYS } from "../../lib/layer-cache";
import { EcrLifecyclePolicy, EcrRepository, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { num, str } from "../terraform/expression";
import { attributeOf, mayBeOneOf, optionalBlock } from "../terraform/maybe";
import type { LayerCacheScope } from "./scope";

export function createRepositories(entry: LayerCacheScope): void {
  const { backend, name } = entry.props;
  if (!mayBeOneOf(backend, ["ecr"])) return;
  const names = repositories(name);
  for (const part of ["default", "branches"] as const) createRepository(entry, part, names[part]);
}

function createRepository({ scope, props, tags }: LayerCacheScope, id: string, name: string): void {
  const count = Token.isUnresolved(props.backend) ? num`${props.backend} == "ecr" ? 1 : 0` : undefined;
  const repository = new EcrRepository(scope, `${id}.repository`, {
    name,
    imageTagMutability: "MUTABLE",
    forceDelete: true,
    tags: tags(),
    count,
  });
  comment(repository, "A branch's cache is written anew under its tag by each build.", "image_tag_mutability");
  comment(repository, "Every layer can be built again.", "force_delete");
  optionalBlock(repository, "encryption_configuration", props.kmsKeyArn, (key) => ({
    encryption_type: "KMS",
    kms_key: key,
  }));
  const lifecycle = new EcrLifecyclePolicy(scope, `${id}.lifecycle`, {
    repository: attributeOf(repository, "name"),
    policy: str`jsonencode(${{ rules: rules(props.expireAfterDays) }})`,
    count,
  });
  comment(lifecycle, "ECR applies the rule on any image last, and never to one that the rule before is about.");
}

/**
 * Rules by the age of the push. An image that the tag status of one rule fits is never expired by a later one, and `any` has to be the last
 * (ECR User Guide, "Lifecycle policy evaluation rules"). So an image without a tag lives its own days, even if tagged ones live fewer.
 */
function rules(days: number) {
  const rule = (rulePriority: number, tagStatus: string, countNumber: number, what: string) => ({
    rulePriority,
    description: `Expire ${what} older than ${Token.isUnresolved(countNumber) ? str`${countNumber}` : countNumber} days`,
    selection: { tagStatus, countType: "sinceImagePushed", countUnit: "days", countNumber },
    action: { type: "expire" },
  });
  return [rule(1, "untagged", UNTAGGED_DAYS, "caches that another has replaced,"), rule(2, "any", days, "caches")];
}
