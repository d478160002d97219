/** Props of one rotation. */
import type { RotationProps } from "../../lib/config/cell";
import type { Wake } from "../../lib/contract";
import type { FunctionCode } from "./code";

/** Every value may be a literal or a Terraform expression; what may be null at plan time is marked with `mayBeNull`. */
export interface SnapshotRotationProps extends RotationProps {
  /** Its files travel with the stack or module. */
  readonly code: FunctionCode;
  /** What wakes the function between its scheduled runs. */
  readonly wake: Wake;
}
