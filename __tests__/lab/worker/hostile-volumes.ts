/**
 * Volumes as somebody who can write to them would leave them, each made by a script over a good one. Scripts run in the volume's root folder, with bash's
 * functions `facts`, `manifest` and `layers` before them. Everything of theirs that is executed leaves a file at /run/evil*. Files of the host that links
 * may reach are below /srv/canary. SELinux in enforcing mode is not tried: the lab's images are Debian's.
 */
import { MANIFEST_VERSION } from "../../../lib/contract";
import type { WorkerSetting } from "../../../lib/userdata/settings";

export interface HostileVolume {
  readonly what: string;
  readonly script: string;
  /** Why the worker starts cold; without it, it starts warm, and nothing is left of what the script did. */
  readonly cold?: RegExp;
  readonly settings?: Partial<Record<WorkerSetting, string>>;
}

/** Where links point to: a folder of the host that is there, with a file. */
export const CANARY = "/srv/canary";

/** Bash that scripts may call. `facts LINE REFERENCE...` writes facts and a manifest that knows them. */
export const FUNCTIONS = `
facts() {
  printf '%s\\n' "$@" >.docker-cache/facts
  manifest
}
manifest() {
  local hash
  hash="$(sha256sum <.docker-cache/facts)"
  printf '{"facts": {"sha256": "%s"}}\\n' "\${hash%% *}" >.docker-cache/manifest.json
}
good="${MANIFEST_VERSION} trixie x86_64 overlay2 20 i-9 abc"
layers=docker/image/overlay2/layerdb/sha256
removed=$(printf 'a%.0s' {1..64})-1-removing
`;

const evil = "PATH[$(touch /run/evil)]";
/** Without blanks and slashes that would end a word. */
const dense = "x/PATH[$(touch${IFS}/run/evil)]";
const MANIFEST = /no usable manifest/;
const LEFT = /holds what no build leaves there$/;
const UNKNOWN = /^Docker does not know all images of the manifest$/;

const isReadLast = 'facts "$good" registry.lab/small:1; rm .docker-cache/$NAME';
/** Facts, manifest or hot set replaced. */
const replaced = (name: string, by: string) => `${isReadLast.replace("$NAME", name)}; ${by} .docker-cache/${name}`;
const link = (name: string) => `rm -rf ${name}; ln -s ${CANARY} ${name}`;
const device = 'mknod_zero() { mknod "$1" c 1 5; }; ';

const links: HostileVolume[] = [
  { what: "its own folder is a link", script: link(".docker-cache"), cold: MANIFEST },
  { what: "the manifest is a link", script: replaced("manifest.json", `ln -s ${CANARY}/file`), cold: MANIFEST },
  { what: "the facts are a link", script: replaced("facts", `ln -s ${CANARY}/file`), cold: MANIFEST },
  { what: "the hot set is a link to what never ends", script: replaced("hot-set", "ln -s /dev/zero") },
  { what: "a link where the worker once wrote", script: `ln -s ${CANARY}/file .docker-cache/written` },
  { what: "Docker's folder is a link", script: link("docker"), cold: LEFT },
  { what: "the folder of images is a link", script: link("docker/image"), cold: LEFT },
  { what: "the folder of layers is a link", script: link("docker/overlay2"), cold: LEFT },
  { what: "the folder of containers is a link", script: link("docker/containers") },
  { what: "containerd's folder is a link", script: link("containerd"), cold: LEFT },
  { what: "the device that dockerd makes on XFS", script: "mknod docker/overlay2/backingFsBlockDev b 259 1" },
  { what: "lost+found is a link", script: link("lost+found") },
];

const endless: HostileVolume[] = [
  { what: "the manifest is a pipe", script: replaced("manifest.json", "mkfifo"), cold: MANIFEST },
  { what: "the manifest is a device", script: device + replaced("manifest.json", "mknod_zero"), cold: MANIFEST },
  { what: "the manifest has 10 GiB", script: replaced("manifest.json", "truncate -s 10G"), cold: MANIFEST },
  { what: "the facts are a pipe", script: replaced("facts", "mkfifo"), cold: MANIFEST },
  { what: "the facts have 10 GiB", script: replaced("facts", "truncate -s 10G"), cold: MANIFEST },
  { what: "the hot set is a device", script: device + replaced("hot-set", "mknod_zero") },
  { what: "the hot set has 10 GiB", script: replaced("hot-set", "truncate -s 10G") },
  {
    what: "the list of images is a pipe",
    script: "rm docker/image/overlay2/repositories.json; mkfifo docker/image/overlay2/repositories.json",
    cold: LEFT,
  },
  {
    what: "the list of images has 10 GiB",
    script: "truncate -s 10G docker/image/overlay2/repositories.json",
    cold: LEFT,
  },
  { what: "the engine's id is a pipe", script: "rm -f docker/engine-id; mkfifo docker/engine-id" },
];

const ALL_WITH_RATE = { HYDRATE: "all", HYDRATE_RATE_MIBPS: "10" };
const texts: HostileVolume[] = [
  {
    what: "a hot set that is code to arithmetic",
    script: `printf '%s\\n' '${evil} 1' '0 ${dense}' '0 1' >.docker-cache/hot-set`,
    settings: ALL_WITH_RATE,
  },
  {
    what: "a hot set of numbers beyond all bounds",
    script:
      "printf '%s\\n' '-1 1' '0 -5' '99999999999999999999 1' '0 9223372036854775807' '08 1' >.docker-cache/hot-set",
    settings: ALL_WITH_RATE,
  },
  {
    what: "a hot set of a million lines",
    script: "awk 'BEGIN { for (i = 0; i < 1000000; i++) print \"0 1\" }' >.docker-cache/hot-set",
  },
  {
    what: "an engine that is code to arithmetic",
    script: `facts '${MANIFEST_VERSION} trixie x86_64 overlay2 ${evil} i-9 abc' registry.lab/small:1`,
    cold: MANIFEST,
  },
  {
    what: "a content that is code to arithmetic",
    script: `facts '${MANIFEST_VERSION} trixie x86_64 overlay2 20 i-9 abc ${dense}' registry.lab/small:1`,
    cold: MANIFEST,
  },
  { what: "an image named as an option", script: 'facts "$good" --help', cold: UNKNOWN },
  {
    what: "images named as commands",
    script: `facts "$good" '$(touch /run/evil)' '\`touch /run/evil\`' ';touch /run/evil'`,
    cold: UNKNOWN,
  },
  {
    what: "a cache named by control characters and quotes",
    script: `facts $'${MANIFEST_VERSION} a\\e[2J"\\\\\\a\\x7f x86_64 overlay2 20 i-9 abc'`,
    cold: /this worker for trixie\/x86_64\/overlay2$/,
  },
  {
    what: "a name that brings its own lines",
    script:
      'rm -f .docker-cache/facts; printf \'{"version": 1, "name": "trixie x86_64 overlay2 20 i-9 abc\\\\n--help", "architecture": "x", ' +
      '"store": "overlay2/20", "buildId": "i-9", "content": "c", "images": []}\' >.docker-cache/manifest.json',
    cold: UNKNOWN,
  },
];

const states: HostileVolume[] = [
  {
    what: "volumes, networks, a swarm, plugins, runtimes and an engine's id",
    script: `
mkdir -p docker/volumes/mine/_data docker/network/files docker/swarm/state docker/plugins/p/rootfs docker/runtimes docker/buildkit docker/tmp mine
echo x >docker/volumes/mine/_data/file
printf '{"plugin":{"Name":"evil"}}' >docker/plugins/p/config.json
printf '#!/bin/sh\\ntouch /run/evil\\n' | tee docker/runtimes/runc docker/runtimes/default >mine/evil
chmod 755 docker/runtimes/* mine/evil
rm -f docker/engine-id
echo stolen >docker/engine-id`,
  },
  { what: "folders of a user's", script: "chown -R 1000:1000 docker", cold: LEFT },
  { what: "folders that everybody may write to", script: "chmod -R a+rwX . || true" },
  {
    what: "programs that run as root",
    script: "cp /bin/cat su; cp /bin/cat .docker-cache/su; chmod 4755 su .docker-cache/su; chmod 755 . .docker-cache",
  },
  {
    what: "a container that cannot be removed",
    script: "mkdir -p docker/containers/c; touch docker/containers/c/config.v2.json; chattr -R +i docker/containers",
    cold: LEFT,
  },
  { what: "an ext4 that asks for a panic", script: 'tune2fs -e panic "$(findmnt -n -o SOURCE --target .)" >/dev/null' },
];

const paths: HostileVolume[] = [
  {
    what: "layers that lie elsewhere",
    script: `for file in $layers/*/cache-id; do printf ../../../..${CANARY} >"$file"; done`,
    cold: LEFT,
  },
  {
    what: "a layer to be deleted as Docker stops",
    script: `mkdir $layers/$removed; printf ../../../..${CANARY} >$layers/$removed/cache-id; touch $layers/$removed/{diff,size}`,
    cold: LEFT,
  },
  {
    what: "layers whose short names lie elsewhere",
    script: `for file in docker/overlay2/*/link; do printf ../../../../..${CANARY} >"$file"; done`,
    cold: LEFT,
  },
  {
    what: "layers upon the host's folders",
    script: `for folder in docker/overlay2/*/diff; do printf ../../../..${CANARY} >"\${folder%/diff}/lower"; done`,
    cold: LEFT,
  },
  {
    what: "short names that are links to the host",
    script: `for name in docker/overlay2/l/*; do ln -sfn ${CANARY} "$name"; done`,
    cold: LEFT,
  },
  {
    what: "layers that are links to the host",
    script: `for name in docker/overlay2/*/diff; do rm -r "$name"; ln -s ${CANARY} "$name"; done`,
    cold: LEFT,
  },
];

const apart = [...links, ...endless, ...texts, ...states, ...paths];
/** All that expect a warm start, on one volume. */
const together: HostileVolume = {
  what: "all that a worker removes or ignores",
  script: apart
    .filter(({ cold, script }) => !cold && !/facts "\$good"|hot-set/.test(script))
    .map(({ script }) => `(${script})`)
    .join("\n"),
};

export const HOSTILE_VOLUMES: readonly HostileVolume[] = [together, ...apart];

/** The most telling of them, which the gate tries. */
const GATE = [
  together.what,
  "a content that is code to arithmetic",
  "a hot set that is code to arithmetic",
  "the manifest is a device",
];
export const isTelling = ({ what }: HostileVolume) =>
  GATE.includes(what) || what === "a layer to be deleted as Docker stops";
