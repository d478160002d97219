/** CI images in a region: the repository that jobs keep them in, and the policies of those who use and who push them. */
import type { CiImagesSettings } from "../../lib/config/cell";
import { ciImagesNames } from "../../lib/contract";
import { keepName } from "../parts/keep-name";
import { policyDocument, type Statement } from "../parts/policy";
import { PULL } from "../parts/pull-through";
import { companionScope, type Scope } from "../parts/scope";
import { Construct, EcrLifecyclePolicy, EcrRepository, IamPolicy } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { optionalBlock } from "../terraform/maybe";
import { TerraformData } from "../terraform/terraform-data";

/** What a job asks of a repository that Terraform has made: whether it is there and whose it is, what a tag is, and its layers. */
const USE = [...PULL, "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:ListTagsForResource"].sort();
const PUSH = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];

export class CiImages extends Construct {
  /** Host and name, as `docker pull` takes it. Known while planning, so that an image list may have it. */
  readonly repositoryUrl: string;
  readonly pullerPolicyArn: string;
  readonly pusherPolicyArn: string;

  constructor(scope: Construct, id: string, props: CiImagesSettings) {
    super(scope, id);
    const entry = companionScope(this, props);
    const { current } = entry;
    inFile(this, "repository", () => createRepository(entry));
    const { puller, pusher } = inFile(this, "access", () => createPolicies(entry));
    this.pullerPolicyArn = puller.arn;
    this.pusherPolicyArn = pusher.arn;
    this.repositoryUrl = `${current.account}.dkr.ecr.${current.region}.${current.dnsSuffix}/${props.repository}`;
  }
}

function createRepository({ scope, props, tags }: Scope<CiImagesSettings>): void {
  const repository = new EcrRepository(scope, "images.repository", {
    name: props.repository,
    imageTagMutability: "MUTABLE",
    forceDelete: true,
    tags: tags(),
  });
  comment(repository, "`latest` moves, and AWS provider 5.100 knows no exception for one tag.", "image_tag_mutability");
  comment(repository, "Every image can be built again.", "force_delete");
  optionalBlock(repository, "encryption_configuration", props.kmsKeyArn, (key) => ({
    encryption_type: "KMS",
    kms_key: key,
  }));
  new EcrLifecyclePolicy(scope, "images.lifecycle", {
    repository: repository.name,
    policy: str`jsonencode(${{ rules: [expiry(props.maxAgeDays)] }})`,
  });
}

/** ECR can count from the push, not from the last pull (aws/containers-roadmap#2728). */
function expiry(days: number) {
  return {
    rulePriority: 1,
    description: `Expire images older than ${str`${days}`} days`,
    selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: days },
    action: { type: "expire" },
  };
}

/** Neither changes what the repository is like: tags, life cycle and existence are Terraform's. */
function createPolicies(entry: Scope<CiImagesSettings>) {
  const { scope, props, current, tags } = entry;
  const names = ciImagesNames(props.name, current.region);
  const identity = new TerraformData(scope, "identity", { name: props.name });
  const repository = [current.arn("ecr", `repository/${props.repository}`)];
  const use: Statement[] = [
    { sid: "UseImages", actions: USE, resources: repository },
    // One token serves the whole registry, and has no resource level.
    { sid: "LogIn", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ];
  const create = (id: string, name: string, description: string, statements: readonly Statement[]) =>
    new IamPolicy(scope, `${id}.policy`, {
      name,
      path: props.rolePath,
      description,
      policy: policyDocument(scope, `${id}.document`, statements),
      tags: tags(),
      lifecycle: keepName(identity),
    });
  return {
    puller: create("puller", names.pullerPolicy, "Use CI images", use),
    pusher: create("pusher", names.pusherPolicy, "Use CI images, and push them", [
      ...use,
      { sid: "PushImages", actions: PUSH, resources: repository },
    ]),
  };
}
