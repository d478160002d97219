/** What roles of jobs may do with repositories of images: the documented policy, and less. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";

interface Statement {
  readonly Action: string | readonly string[];
}

const DOCUMENTED = JSON.parse(readFileSync(join(ROOT, "docs/policies/ci-images-job.json"), "utf8")) as {
  readonly Statement: readonly Statement[];
};

/** Actions of the documented policy. */
export const DOCUMENTED_ACTIONS = DOCUMENTED.Statement.flatMap(({ Action }) => Action);

/** Who makes repositories, pulls and pushes. */
export const maker: readonly object[] = DOCUMENTED.Statement;

const without = (...actions: string[]): readonly object[] =>
  DOCUMENTED.Statement.map((statement) => {
    const left = [statement.Action].flat().filter((action) => !actions.includes(action.replace("ecr:", "")));
    return { ...statement, Action: left };
  });

const MAKES = ["CreateRepository", "TagResource", "PutLifecyclePolicy"];
const PUSHES = ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"];

/** Who pulls and pushes, and makes no repository. */
export const pusher = without(...MAKES);

/** Who pulls, and pushes nothing. */
export const puller = without(...MAKES, ...PUSHES);

/** Who may do all, except for looking whether a repository is there. */
export const looker = without("DescribeRepositories");
