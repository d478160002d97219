/** ECR's repository creation templates, which moto lacks: settings of the repositories that ECR itself makes. */
import { AwsError } from "../../aws-error";
import type { Call, Handlers } from "../../handler";
import type { CreationTemplate } from "../../state";
import { pageOf } from "../ec2/lists";

/** Prefix of the template for everything that no other template fits. */
const ROOT = "ROOT";
const WITH_EXCLUSION = "_WITH_EXCLUSION";
const TEMPLATES_PER_PAGE = [1, 1000];

/** Settings that a request may give, and an update may change. */
type Settings = Partial<Omit<CreationTemplate, "prefix" | "createdAt" | "updatedAt">>;
type Request = Settings & { readonly prefix: string };

/** A reason for which ECR makes a repository. */
export type CreationReason = "PULL_THROUGH_CACHE" | "REPLICATION" | "CREATE_ON_PUSH";

/**
 * The template that a new repository is made from: of those that are applied for this reason, the one with the longest
 * prefix, else ROOT's. A prefix ends at a slash, written or not (API reference): `docker-hub`
 * is for `docker-hub/library/x`, and neither for `docker-hub` nor for `docker-hub-2/x`.
 *
 * @returns undefined if there is none: then ECR's defaults hold
 */
export function templateFor(
  templates: readonly CreationTemplate[],
  repositoryName: string,
  reason: CreationReason,
): CreationTemplate | undefined {
  const applied = templates.filter(({ appliedFor }) => appliedFor.includes(reason));
  const fitting = applied
    .filter(({ prefix }) => prefix !== ROOT && repositoryName.startsWith(`${bare(prefix)}/`))
    .sort((a, b) => bare(b.prefix).length - bare(a.prefix).length);
  return fitting[0] ?? applied.find(({ prefix }) => prefix === ROOT);
}

/** A prefix without the slash that it may end with. */
function bare(prefix: string): string {
  return prefix.replace(/\/$/, "");
}

function createTemplate({ prefix, ...settings }: Request, call: Call) {
  const { creationTemplates } = call.state;
  if (creationTemplates[bare(prefix)]) {
    const message = `A repository creation template already exists with the prefix '${prefix}' in the registry`;
    throw new AwsError("TemplateAlreadyExistsException", message);
  }
  const now = call.aws.now();
  const made = withDefaults({ ...settings, prefix, createdAt: now, updatedAt: now });
  checkSettings(made);
  creationTemplates[bare(prefix)] = made;
  return answer(made, call);
}

function withDefaults(settings: Request & Pick<CreationTemplate, "createdAt" | "updatedAt">): CreationTemplate {
  return {
    appliedFor: [],
    encryptionConfiguration: { encryptionType: "AES256" },
    imageTagMutability: "MUTABLE",
    resourceTags: [],
    ...settings,
  };
}

/** Settings that are not given stay as they are, and an empty text takes one away. */
function updateTemplate({ prefix, ...settings }: Request, call: Call) {
  const changed = { ...find(call, prefix), ...settings, updatedAt: call.aws.now() };
  const kept = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== "")) as typeof changed;
  const excludes = kept.imageTagMutability.endsWith(WITH_EXCLUSION) || settings.imageTagMutabilityExclusionFilters;
  const template = excludes ? kept : { ...kept, imageTagMutabilityExclusionFilters: undefined };
  checkSettings(template);
  call.state.creationTemplates[bare(prefix)] = template;
  return answer(template, call);
}

/**
 * What the model does not say. That tags and KMS take a role is the user guide's word ("you need to"); whether the API or
 * only the first pull refuses them without one is not known: here the API does.
 */
function checkSettings(template: CreationTemplate): void {
  const { encryptionConfiguration, imageTagMutability, imageTagMutabilityExclusionFilters, resourceTags } = template;
  const excludes = imageTagMutability.endsWith(WITH_EXCLUSION);
  const encrypted = encryptionConfiguration.encryptionType !== "AES256";
  const problems: Record<string, boolean> = {
    "appliedFor must name at least one scenario": template.appliedFor.length === 0,
    "imageTagMutabilityExclusionFilters go with a mutability WITH_EXCLUSION, and with no other":
      excludes !== Boolean(imageTagMutabilityExclusionFilters?.length),
    "kmsKey can be given for the encryption types KMS and KMS_DSSE only":
      Boolean(encryptionConfiguration.kmsKey) && !encrypted,
    "a template with resource tags or a KMS key needs a customRoleArn":
      (resourceTags.length > 0 || encrypted) && !template.customRoleArn,
    "lifecyclePolicy must be JSON": !isJson(template.lifecyclePolicy),
    "repositoryPolicy must be JSON": !isJson(template.repositoryPolicy),
  };
  const problem = Object.keys(problems).find((text) => problems[text]);
  if (problem) throw new AwsError("InvalidParameterException", `Invalid parameter at '${template.prefix}': ${problem}`);
}

function isJson(text = "{}"): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

interface TemplatesRequest {
  readonly prefixes?: readonly string[];
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** A prefix without a template is left out: the operation has no error for it. */
function describeTemplates({ prefixes = [], maxResults, nextToken }: TemplatesRequest, call: Call) {
  const { creationTemplates } = call.state;
  const named = prefixes.flatMap((prefix) => creationTemplates[bare(prefix)] ?? []);
  const chosen = prefixes.length > 0 ? named : Object.values(creationTemplates);
  const paging = { MaxResults: maxResults, NextToken: nextToken };
  const { page, NextToken } = pageOf(chosen, paging, TEMPLATES_PER_PAGE);
  return { registryId: call.aws.accountId, repositoryCreationTemplates: page, nextToken: NextToken };
}

function deleteTemplate({ prefix }: { readonly prefix: string }, call: Call) {
  const template = find(call, prefix);
  delete call.state.creationTemplates[bare(prefix)];
  return answer(template, call);
}

function find(call: Call, prefix: string): CreationTemplate {
  const template = call.state.creationTemplates[bare(prefix)];
  if (template) return template;
  const message = `The repository creation template with the prefix '${prefix}' does not exist in the registry`;
  throw new AwsError("TemplateNotFoundException", message);
}

function answer(repositoryCreationTemplate: CreationTemplate, call: Call) {
  return { registryId: call.aws.accountId, repositoryCreationTemplate };
}

/** The handlers of this file. */
export const creationTemplateHandlers: Handlers = {
  "ecr:CreateRepositoryCreationTemplate": createTemplate,
  "ecr:DescribeRepositoryCreationTemplates": describeTemplates,
  "ecr:UpdateRepositoryCreationTemplate": updateTemplate,
  "ecr:DeleteRepositoryCreationTemplate": deleteTemplate,
};
