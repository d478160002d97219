/** `image tag`: print the tag. Needs neither a configuration nor Docker nor AWS. */
import { runImage } from "../../image/run-script";
import type { Given } from "../../job/run-script";

export async function run(given: Given): Promise<number> {
  return runImage("tag", given);
}
