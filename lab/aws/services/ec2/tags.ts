/** Tags. Keys that begin with `aws:` are AWS's own: clients may not write them, the emulated services do. */
import type { CreateTagsRequest, DeleteTagsRequest, Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error";
import type { Aws, Call, Handlers } from "../../handler";
import { tagList } from "./lists";

/** Refuses tags with reserved keys, as EC2 does. moto takes them from anyone. */
function refuseReserved(tags: readonly Tag[] | undefined): void {
  const reserved = tags?.find(({ Key }) => /^aws:/i.test(Key ?? ""));
  if (!reserved) return;
  const reason = "Tag keys starting with 'aws:' are reserved for internal use";
  throw new AwsError("InvalidParameterValue", `Value ( ${reserved.Key} ) for parameter key is invalid. ${reason}`);
}

/** The same for the tags that a resource is created with; AWS's own services may. */
export function refuseReservedIn(specifications: readonly TagSpecification[] | undefined, call: Call): void {
  if (call.byService) return;
  for (const { Tags } of specifications ?? []) refuseReserved(Tags);
}

/** Writes tags that only AWS can write. */
export async function writeSystemTags(aws: Aws, region: string, resourceId: string, tags: Record<string, string>) {
  const target = { service: "ec2", action: "CreateTags", region };
  await aws.moto(target, { Resources: [resourceId], Tags: tagList(tags) });
}

async function createTags(input: CreateTagsRequest, call: Call) {
  refuseReserved(input.Tags);
  return call.forward(input);
}

async function deleteTags(input: DeleteTagsRequest, call: Call) {
  refuseReserved(input.Tags);
  return call.forward(input);
}

/** The handlers of this file. */
export const tagHandlers: Handlers = { "ec2:CreateTags": createTags, "ec2:DeleteTags": deleteTags };
