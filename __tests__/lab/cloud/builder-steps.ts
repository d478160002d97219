/**
 * The builder's own functions, from the volume to its seal, on a real Docker: what a build does between reading the image list and taking the snapshot.
 * One machine does many of them, each on a volume of its own, so that a table of faults takes minutes. AWS is not asked: what the functions would tell it
 * of the volume is written down instead.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab } from "../../../lab/machine/lab";
import { bootMachine, type Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { attachVolume, detachVolume } from "../../../lab/machine/machine-volumes";
import { layerOf, layerOfArchive } from "../../../lab/registry/image-layer";
import { type Layer, writeImage } from "../../../lab/registry/image-store";
import { startRegistry } from "../../../lab/registry/lab-registry";
import { snapshotVolume, type Volume } from "../../../lab/volume/volume";
import { bundleScript } from "../../../lib/userdata/render";
import { metadata, newId } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { incompleteness, manifestOf, payloadNames } from "../product/completeness";
import { payloadsOf, writeSmallImage } from "../registry/small-image";

export type Store = "overlay2" | "containerd";
const FILE_SYSTEMS = { overlay2: "xfs", containerd: "ext4" } as const satisfies Record<Store, string>;

/** A machine with Docker and the builder's functions, and a registry with images by name. */
export interface Workshop {
  readonly lab: Lab;
  readonly machine: Machine;
  readonly digests: ReadonlyMap<string, string>;
}

/** What a build is told. */
export interface Task {
  readonly store: Store;
  /** Names of images of the registry, ` optional` behind those that are. */
  readonly images: readonly string[];
  /** Bash behind the functions, before the first step. */
  readonly before?: string;
  /** Docker's daemon.json before the build. Default: none. */
  readonly daemon?: object;
}

/** End of a build. */
export interface Built {
  readonly isReady: boolean;
  readonly text: string;
  /** Problems of a volume that is ready: see ../product/completeness.ts. */
  readonly problems: readonly string[];
  /** References in the manifest of a volume that is ready. */
  readonly references: readonly string[];
}

/** Starts a lab with one machine. */
export async function openWorkshop(image: string): Promise<Workshop> {
  const lab = await startLab();
  const { storage } = await startRegistry(lab.run);
  const machine = await bootMachine(lab, {
    id: newId("i"),
    image,
    rootVolumeId: newId("vol"),
    metadata,
    userData: "#!/bin/bash\n:",
  });
  const digests = await writeImages(storage);
  await waitForBoot(machine);
  const functions = bundleScript("boot").replace(/\nmain "\$@"\n$/, "\n") + bundleScript("build");
  await shellIn(machine, `cat >/root/functions.sh <<'END OF FUNCTIONS'\n${functions}END OF FUNCTIONS\n`);
  return { lab, machine, digests };
}

/** Small images, whose seeds are their names. */
const SMALL_IMAGES: readonly string[] = ["small", "moving"];

async function writeImages(storage: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const name of SMALL_IMAGES) digests.set(name, await writeSmallImage(storage, { name, seed: name }));
  const say = async (name: string, command: string[], ...write: ((folder: string) => void)[]) => {
    const layers = await Promise.all(write.map((one) => layerOf(storage, one)));
    // As some tools make them.
    if (name === "data") layers.push(await emptyLayer(storage), await sparseLayer(storage), await linkLayer(storage));
    digests.set(name, await writeImage(storage, { name, tag: "1", layers, command }));
  };
  await say("data", [], writeOddities, writeMoreOddities);
  await say("foreign", ["/program"], writeForeign);
  await say("fails", ["/bin/true"], writeTrueAlone);
  return digests;
}

/** A layer with a file that is packed without its holes. */
async function sparseLayer(storage: string): Promise<Layer> {
  const folder = mkdtempSync(join(storage, "sparse-"));
  const holes = Array.from(
    { length: 9 },
    (_, hole) => `echo ${hole} | dd of=holes bs=64k seek=${2 * hole} status=none`,
  );
  shell(
    folder,
    `${holes.join("; ")}; tar --create --sparse --hole-detection=raw --format=posix --file ../sparse.tar holes`,
  );
  return layerOfArchive(storage, join(storage, "sparse.tar"));
}

/**
 * A layer with links: one whose target is not ASCII, which Go and Python pack in another header than its own; and a chain of them on the way to a file. In
 * front stands a header for all files.
 */
async function linkLayer(storage: string): Promise<Layer> {
  const archive = join(storage, "links.tar");
  const program = `import io, sys, tarfile
packed = open(sys.argv[1], "wb")
packed.write(tarfile.TarInfo.create_pax_global_header({"comment": "for all"}))
with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
    for name, target in (("Főtan.pem", "Főtanúsítvány.crt"), ("deep", None), ("second", "/deep"), ("first", "second")):
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.mode = (tarfile.SYMTYPE, target, 0o777) if target else (tarfile.DIRTYPE, "", 0o755)
        archive.addfile(member)
    member = tarfile.TarInfo("first/file")
    member.size = 5
    archive.addfile(member, io.BytesIO(b"chain"))
packed.close()`;
  execFileSync("python3", ["-I", "-c", program, archive], { cwd: "/" });
  return layerOfArchive(storage, archive);
}

/** An archive without a file. */
async function emptyLayer(storage: string): Promise<Layer> {
  const archive = join(storage, "empty.tar");
  writeFileSync(archive, Buffer.alloc(1024));
  return layerOfArchive(storage, archive);
}

const shell = (folder: string, script: string) => execFileSync("bash", ["-ec", script], { cwd: folder });

/** Everything that a layer may hold and that is no plain file. */
function writeOddities(folder: string): void {
  const long = "long/".repeat(30);
  shell(
    folder,
    `mkdir -p full below/kept usr/lib "${long}" $'not\\xffutf'
     echo 1 >full/one; echo 2 >full/two; echo 3 >below/gone; echo 4 >usr/lib/library; echo 5 >"${long}/file"; echo 6 >$'not\\xffutf/\\xfe'; : >empty
     ln -s usr/lib lib; ln -s /usr/lib absolute; ln -s nowhere dangling; ln full/one hard; ln -s "/${long}file" far
     mkdir nothing; : >nothing/.wh.below; : >nothing/.wh..wh..opq
     mkfifo pipe; mknod device c 1 3; chmod 4755 full/two
     head -c 3000000 /dev/urandom >big`,
  );
}

/** A layer upon it that hides a file, and all of a folder. */
function writeMoreOddities(folder: string): void {
  shell(folder, "mkdir below full; : >below/.wh.gone; : >full/.wh..wh..opq; echo new >full/three; : >.wh.device");
}

/** A program for a processor that no machine of the lab has. */
function writeForeign(folder: string): void {
  const header = Buffer.alloc(4096);
  header.write("\x7fELF\x02\x01\x01", 0, "latin1");
  header.writeUInt16LE(2, 16);
  // EM_S390.
  header.writeUInt16LE(22, 18);
  writeFileSync(join(folder, "program"), header, { mode: 0o755 });
}

/** A program whose interpreter is missing. */
function writeTrueAlone(folder: string): void {
  mkdirSync(join(folder, "bin"));
  copyFileSync(realpathSync("/bin/true"), join(folder, "bin/true"));
}

/** Runs the steps of a build on a volume, which is attached meanwhile. */
export async function buildOn({ lab, machine, digests }: Workshop, volume: Volume, task: Task): Promise<Built> {
  const disk = await attachVolume(machine, { volume, deviceName: "/dev/sdf" });
  const name = (image: string) => image.replace(/ .*/, "");
  const array = (items: readonly string[]) => `(${items.map((item) => `'${item}'`).join(" ")})`;
  const local = array(task.images.map((image) => `registry.lab/${name(image)}:1`));
  const script = `
rm -f /root/tags /etc/docker/daemon.json; mkdir -p /etc/docker
${task.daemon ? `echo '${JSON.stringify(task.daemon)}' >/etc/docker/daemon.json` : ""}
cat >/root/build.sh <<'END OF BUILD'
. /root/functions.sh
tag_volume() { printf '%s\\n' "$@" >>/root/tags; }
# Between attempts.
sleep() { command sleep 1; }
CACHE_NAME=trial CACHE_ARCHITECTURE=x86_64 IMAGE_STORE=${task.store} FILE_SYSTEM=${FILE_SYSTEMS[task.store]} DISK=/dev/${disk} INSTANCE_ID=i-1
PULL_THROUGH= PARALLEL_PULLS=2 WATCHDOG_MINUTES=60 HOT_SET_PERCENT=20 DISTRIBUTION='debian 13' HTTP_PROXY_URL= HTTPS_PROXY_URL= MANIFEST_LOG_GROUP=
REFERENCES=${local} LOCAL_NAMES=${local} SOURCES=${local} DIGESTS=${array(task.images.map((image) => digests.get(name(image)) ?? ""))}
SOURCES=("\${SOURCES[@]%:1}") ORIGINALS=("\${SOURCES[@]}") NOTES=${array(task.images.map(() => ""))} OPTIONAL=${array(task.images.map((image) => (image.endsWith(" optional") ? "yes" : "")))}
WHOLE=${array(task.images.map(() => ""))} SMOKE=${array(task.images.map(() => ""))}
mkdir -p "$RUN"
trap 'code=$?; trap - EXIT ERR; set +o errexit; leave_volume; exit "$code"' EXIT
${task.before ?? ""}
check_engine
CONTENT="$(compute_content)"
inspect_volume
stop_docker
prepare_volume
start_docker
pull_all
prove_images
seal_volume
END OF BUILD
code=0
bash /root/build.sh >/root/build.log 2>&1 || code=$?
((code == 0)) || journalctl --unit docker --unit containerd --lines 30 --no-pager --output cat | grep -v level=info >>/root/build.log || true
systemctl stop docker.socket docker.service containerd.service || true
for folder in /var/lib/docker /var/lib/containerd /var/lib/docker-cache; do ! mountpoint -q "$folder" || umount "$folder"; done
cat /root/build.log; echo "exit $code"; cat /root/tags 2>/dev/null || true`;
  const text = await shellIn(machine, script, { timeoutSeconds: 300 });
  await detachVolume(machine, volume.id);
  const [, log = "", code, tags = ""] = /^([\s\S]*)^exit (\d+)\n([\s\S]*)$/m.exec(text) ?? [];
  if (code !== "0") return { isReady: false, text: log, problems: [], references: [] };
  const small = task.images.filter((image) => SMALL_IMAGES.includes(image));
  return { isReady: true, text: log, ...(await judge(lab, volume, tags, small)) };
}

async function judge(
  lab: Lab,
  volume: Volume,
  tags: string,
  small: readonly string[],
): Promise<Pick<Built, "problems" | "references">> {
  const words = tags.trimEnd().split("\n");
  const pairs = words.flatMap((word, index) => (index % 2 ? [] : [[`docker-cache:${word}`, words[index + 1]]]));
  const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
  const problems = await incompleteness(lab.run, snapshot, Object.fromEntries(pairs));
  const { images } = await manifestOf(lab.run, snapshot);
  const found = new Set(await payloadNames(lab.run, snapshot));
  const wanted = small.flatMap((seed) => payloadsOf({ seed }).flatMap((files) => [...files.keys()]));
  problems.push(...wanted.filter((name) => !found.has(name)).map((name) => `/payload/${name} is missing`));
  return { problems, references: images.map(({ reference }) => reference) };
}
