/** The pointer to the promoted snapshot and the rejected contents. Terraform makes them; from then on rotation and the command line write them. */
import { POINTER_NONE } from "../../lib/contract";
import type { CellScope } from "../parts/cell-scope";
import { SsmParameter } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import type { SnapshotRotationProps } from "./props";

export interface Parameters {
  readonly pointer: SsmParameter;
  readonly rejected: SsmParameter;
}

export function createParameters(cell: CellScope<SnapshotRotationProps>): Parameters {
  const cache = `${cell.props.name}/${cell.props.architecture}`;
  const { pointer, rejected } = cell.parameters;
  return {
    pointer: createParameter(cell, "pointer", pointer, `Promoted snapshot of the Docker cache ${cache}`),
    rejected: createParameter(cell, "rejected", rejected, `Contents of ${cache} that are not built or promoted again`),
  };
}

function createParameter(
  { scope, tags }: CellScope<SnapshotRotationProps>,
  id: string,
  name: string,
  description: string,
): SsmParameter {
  const parameter = new SsmParameter(scope, `${id}.parameter`, {
    name,
    description,
    type: "String",
    insecureValue: POINTER_NONE,
    tags: tags(),
    lifecycle: { ignoreChanges: ["insecure_value"] },
  });
  return comment(parameter, "Written outside Terraform from the first promotion on.", "lifecycle");
}
