/** Checks if this machine can run the lab's machines, and says how to get there if little is missing. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { labDirectory } from "../../lab/run/run";

/** Room that images, registry and one run take. */
const NEEDED_GB = 12;

interface Need {
  readonly met: () => boolean;
  /** One line: what is missing, and how to get it. */
  readonly missing: string;
}

const NEEDS: readonly Need[] = [
  { met: () => process.platform === "linux", missing: "the lab boots Linux machines: run it on Linux" },
  {
    met: () => process.getuid?.() === 0,
    missing: "the lab boots machines and makes loop devices: run it as root (sudo)",
  },
  { met: () => process.arch === "x64", missing: "the lab's images are for x86_64: run it there" },
  {
    met: () => existsSync("/usr/bin/apt-get"),
    missing: "the lab installs Debian packages: run it on Debian or Ubuntu (apt-get)",
  },
  {
    met: () => existsSync("/dev/loop-control"),
    missing: "there is no /dev/loop-control: run it on a whole machine, or in a privileged container",
  },
  {
    met: () => / - cgroup2 /.test(readFileSync("/proc/self/mountinfo", "utf8")),
    missing: "no unified control group hierarchy is mounted: mount -t cgroup2 none /sys/fs/cgroup/unified",
  },
  {
    met: () => isPrepared() || freeGb() >= NEEDED_GB,
    missing: `the lab needs ${NEEDED_GB} GB in ${labDirectory}: free some, or name another folder by DOCKER_CACHE_LAB_DIR`,
  },
];

/** Returns why no machine can be booted here, or undefined if one can. */
export function whyNoMachines(): string | undefined {
  return NEEDS.find(({ met }) => !met())?.missing;
}

/** True if lab/setup has run before, for a generation at least. */
export function isPrepared(generation = "trixie"): boolean {
  return existsSync(`${labDirectory}/images/${generation}.recipe`) && existsSync(`${labDirectory}/registry/current`);
}

function freeGb(): number {
  let folder = labDirectory;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1e9;
}
