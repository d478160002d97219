/** `image ensure`: make the image available on this machine. */
import { imageSettings } from "../../image/entries";
import { type Given, runImage } from "../../image/run-script";

export async function run(given: Given): Promise<number> {
  return runImage("ensure", given, imageSettings(given));
}
