/** Times of day that only the plan of a module knows. */
import type { IResolvable } from "../terraform/cdktf";
import { hcl } from "../terraform/expression";

/** Minutes of the day of a time `HH:MM`. */
export function minutesOf(time: unknown): IResolvable {
  return hcl`tonumber(split(":", ${time})[0]) * 60 + tonumber(split(":", ${time})[1])`;
}
