/**
 * Called by lab/buildkit/build: `write-image STORAGE ROOT TAG` writes the root file system in a folder into a registry's storage, as a tag of the
 * image that the docker-container driver of buildx takes.
 */
import { layerOfFolder } from "../registry/image-layer";
import { writeImage } from "../registry/image-store";

async function main(): Promise<void> {
  const [storage, root, tag] = process.argv.slice(2);
  if (!storage || !root || !tag) throw new Error("expected three arguments: STORAGE ROOT TAG");
  writeImage(storage, {
    name: "moby/buildkit",
    tag,
    layers: [await layerOfFolder(storage, root)],
    // As moby's own image has it: room for control groups of the containers that run what a Dockerfile says.
    environment: ["BUILDKIT_SETUP_CGROUPV2_ROOT=1"],
    entrypoint: ["/usr/bin/buildkitd"],
    command: [],
    multiPlatform: true,
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
