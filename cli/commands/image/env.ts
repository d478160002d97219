/** `image env`: print the variables of an image for a shell. */

import { imageSettings } from "../../image/entries";
import { runImage } from "../../image/run-script";
import type { Given } from "../../job/run-script";
import { print } from "../../output";

export async function run(given: Given): Promise<number> {
  try {
    return await runImage("env", given, imageSettings(given));
  } catch (error) {
    // `eval "$(…)"` hides how this ends: what it evaluates fails then.
    print("false");
    throw error;
  }
}
