/** Called by lab/setup: `build-images STORAGE BASE_ARCHIVE` fills the storage of the lab's registry. */
import { writeLabImages } from "./lab-images";

async function main(): Promise<void> {
  const [storage, baseArchive] = process.argv.slice(2);
  if (!storage || !baseArchive) throw new Error("expected two arguments: STORAGE BASE_ARCHIVE");
  await writeLabImages(storage, baseArchive, (line) => console.error(`lab setup: images: ${line}`));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
