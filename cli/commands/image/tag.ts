/** `image tag`: print the tag. Needs neither a configuration nor Docker nor AWS. */
import { type Given, runImage } from "../../image/run-script";

export async function run(given: Given): Promise<number> {
  return runImage("tag", given);
}
