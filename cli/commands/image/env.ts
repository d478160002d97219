/** `image env`: print the variables of an image for a shell. */
import { imageSettings } from "../../image/entries";
import { type Given, runImage } from "../../image/run-script";

export async function run(given: Given): Promise<number> {
  return runImage("env", given, imageSettings(given));
}
