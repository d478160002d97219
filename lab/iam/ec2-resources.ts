/** EC2's resources as IAM names them. */
import type { TagDescription } from "@aws-sdk/client-ec2";
import type { Tags } from "./context";
import { type Asked, arnOf, tagsFrom } from "./demand";

/** Resource types by the prefix of their ids. */
const TYPES: Readonly<Record<string, string>> = {
  ami: "image",
  eni: "network-interface",
  i: "instance",
  lt: "launch-template",
  sg: "security-group",
  snap: "snapshot",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
};

/** Their ARNs have no account: they may belong to anyone. */
const WITHOUT_ACCOUNT = new Set(["image", "snapshot"]);

/** The ARN of a resource by id. */
export function ec2ArnOf(asked: Asked, id: string, region?: string): string {
  const type = TYPES[id.split("-")[0] ?? ""];
  if (!type) throw new Error(`the type of the EC2 resource ${id} is not known here`);
  return ec2Arn(asked, type, id, region);
}

/** The ARN of any resource of a type, as a call that makes one names it. */
export function anyArnOf(asked: Asked, type: string): string {
  return ec2Arn(asked, type, "*");
}

function ec2Arn(asked: Asked, type: string, id: string, region?: string): string {
  return arnOf(asked, "ec2", `${type}/${id}`, { region, account: WITHOUT_ACCOUNT.has(type) ? "" : undefined });
}

/** The tags that a resource has at this moment; none if it does not exist. */
export async function ec2TagsOf({ aws, call }: Asked, id: string, region = call.region): Promise<Tags> {
  const target = { service: "ec2", action: "DescribeTags", region };
  const Filters = [{ Name: "resource-id", Values: [id] }];
  const { Tags: found = [] } = await aws.moto<{ Tags?: TagDescription[] }>(target, { Filters });
  return tagsFrom(found);
}
