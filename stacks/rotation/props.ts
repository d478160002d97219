/** Props of one rotation. */
import type { RotationProps } from "../../lib/config/cell";
import type { Wake } from "../../lib/contract";

/** Every value may be a literal or a Terraform expression; what may be null at plan time is marked with `mayBeNull`. */
export interface SnapshotRotationProps extends RotationProps {
  /** Folder of the bundled functions, whose files travel with the stack or module. */
  readonly codeFolder: string;
  /** What wakes the function between its scheduled runs. */
  readonly wake: Wake;
}
