/** What it takes to pull through ECR's cache, below given prefixes and nowhere else. */
import { TAG } from "../../lib/contract";
import { PULL_THROUGH, type PullThroughMap } from "../../lib/pull-through";
import { keysOf, mapEntries } from "../terraform/lists";
import type { Current } from "./current";
import { type Statement, tagging, whereAny } from "./policy";

/** Actions of a pull. */
export const PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/** Statements for those who pull by this map; none if it is empty. The tags are as {@link statementsOn} takes them. */
export function pullThroughStatements(
  current: Current,
  map: PullThroughMap,
  tags?: Readonly<Record<string, string>>,
): Statement[] {
  const repositories = mapEntries(map, (_, prefix) => current.arn("ecr", `repository/${prefix}/*`));
  return whereAny(map, ...statementsOn(repositories, tags));
}

/**
 * The first pull of an image makes its repository and imports it. One token serves the whole registry, and has no resource level.
 *
 * @param tags the user's, which new repositories get beside ours: nobody who runs jobs may give others. undefined: not known here.
 */
export function statementsOn(repositories: string[], tags?: Readonly<Record<string, string>>): Statement[] {
  const keys = tags && keysOf(tags, [TAG.companion, TAG.name]);
  return [
    {
      sid: "PullThroughEcr",
      actions: [...PULL, "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
      resources: repositories,
    },
    // The Service Authorization Reference lists it for a first pull; the creation template gives these tags.
    {
      sid: "TagNewRepositories",
      actions: ["ecr:TagResource"],
      resources: repositories,
      conditions: [
        ...tagging({ [TAG.companion]: PULL_THROUGH }),
        ...(keys === undefined ? [] : [{ test: "ForAllValues:StringEquals", variable: "aws:TagKeys", values: keys }]),
      ],
    },
    { sid: "LogInToPullThrough", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ];
}
