/** What workers run first, all of it from the language image of the lab's registry (lab/registry/lab-images.ts), 1 GB in 36,000 files. */
import type { CommandKind } from "./results";

export const LANGUAGE = "registry.lab/language:1";

/**
 * As large as the image's own command, which imports 40 modules of each of the packages 0 to 7, but of other packages. Python itself, and what a
 * container needs to start, both read: about a third of what this one reads is in the hot set.
 */
const OTHER = `
import importlib
for number in range(8, 24):
    name = f"language{number:02}"
    for module in range(0, 320, 16):
        importlib.import_module(f"{name}.part0.m{module}")
    open(f"/opt/lab/{name}/data/0.bin", "rb").read(1 << 19)
print("hello from another command")`;

/** Arguments of `docker run` behind its options, as bash reads them. */
export const RUN_ARGUMENTS: Readonly<Record<CommandKind, string>> = {
  traced: LANGUAGE,
  other: `${LANGUAGE} python3 -c '${OTHER}'`,
  all: `${LANGUAGE} sh -c 'exec find / -xdev -type f -exec cat {} + >/dev/null'`,
};
