/** Tags that resources are made with. */
import type { TagSpecification } from "@aws-sdk/client-ec2";
import type { Tags } from "./context";
import { type Asked, type Demand, tagsFrom } from "./demand";
import { anyArnOf } from "./ec2-resources";

/** Permissions that tagging at creation takes beside the creation; none if there are no tags. */
export function tagsAtCreation(asked: Asked, type: string, requestTags: Tags): Demand[] {
  if (Object.keys(requestTags).length === 0) return [];
  const keys = { "ec2:Region": asked.call.region, "ec2:CreateAction": asked.call.action };
  return [{ action: "ec2:CreateTags", resource: anyArnOf(asked, type), requestTags, keys }];
}

/** The tags that a call gives to what it makes. */
export function specifiedTags(specifications: readonly TagSpecification[] = [], type: string): Tags {
  return tagsFrom(specifications.filter(({ ResourceType }) => ResourceType === type).flatMap(({ Tags = [] }) => Tags));
}
