/** `image ensure`: make the image available on this machine. */
import { imageSettings } from "../../image/entries";
import { runImage } from "../../image/run-script";
import type { Given } from "../../job/run-script";

export async function run(given: Given): Promise<number> {
  return runImage("ensure", given, imageSettings(given));
}
