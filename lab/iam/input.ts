/** Reads what services call differently and mean alike from the input of a call. */

import type { Tags } from "./context";
import { type Asked, arnOf, tagsFrom } from "./demand";

export type Input = Readonly<Record<string, unknown>>;

/** Reads the ARNs of the resources that a call is about. */
export type Resources = (asked: Asked, input: Input) => readonly string[] | Promise<readonly string[]>;

/** The same for several actions of a service. */
export function forEach(service: string, actions: readonly string[], resources: Resources): Record<string, Resources> {
  return Object.fromEntries(actions.map((action) => [`${service}:${action}`, resources]));
}

/** Texts in an input, one or many, without those that are missing. */
export function texts(...values: readonly unknown[]): string[] {
  return values.flat().filter((value): value is string => typeof value === "string" && value !== "");
}

/** The tags that a call writes, or takes off: then the keys have empty values. Services list them, or give a map. */
export function requestTagsOf(input: Input): Tags {
  const given = input.Tags ?? input.tags ?? budgetTags(input);
  const keys = Object.fromEntries(texts(input.TagKeys, input.tagKeys, input.ResourceTagKeys).map((key) => [key, ""]));
  return Array.isArray(given) ? { ...tagsFrom(given), ...keys } : { ...(given as Tags | undefined), ...keys };
}

/** Budgets calls them so. What Recycle Bin calls so are the tags that a rule looks for, which have other members. */
function budgetTags({ ResourceTags }: Input): unknown {
  return Array.isArray(ResourceTags) && ResourceTags.every((tag) => "Key" in (tag as object))
    ? ResourceTags
    : undefined;
}

/** Resources of a kind by name; what is an ARN already is taken as it is. */
export function byName(service: string, names: (input: Input) => unknown, prefix = ""): Resources {
  return (asked, input) =>
    texts(names(input)).map((name) => (name.startsWith("arn:") ? name : arnOf(asked, service, `${prefix}${name}`)));
}
