/** Resources of ECR's calls, by the Service Authorization Reference: repositories, or none. */
import { arnOf } from "./demand";
import { forEach, type Input, type Resources, texts } from "./input";

const onAnything: Resources = () => ["*"];

/** A repository of the caller's registry, or of the account that the call names. */
const repositories: Resources = (asked, { repositoryName, repositoryNames, registryId }: Input) =>
  texts(repositoryName, repositoryNames).map((name) =>
    arnOf(asked, "ecr", `repository/${name}`, { account: texts(registryId)[0] }),
  );

/** Calls on images and layers, most of which a client makes by the registry's own API. */
const ON_IMAGES = [
  ...["BatchCheckLayerAvailability", "BatchDeleteImage", "BatchGetImage", "BatchImportUpstreamImage"],
  ...["CompleteLayerUpload", "DescribeImages", "GetDownloadUrlForLayer", "InitiateLayerUpload", "ListImages"],
  ...["PutImage", "UploadLayerPart"],
];

/** By `ecr:Action`. */
export const ECR_RESOURCES: Readonly<Record<string, Resources>> = {
  "ecr:GetAuthorizationToken": onAnything,
  "ecr:CreateRepository": repositories,
  ...forEach("ecr", ON_IMAGES, repositories),
};
