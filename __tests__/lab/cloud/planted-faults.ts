/**
 * Damage to a data-root that a build left in order: scripts that run in the volume's root folder, with bash's variables for its parts. The file system is
 * sound each time: nothing but the proof can see it.
 */
import type { Store } from "./builder-steps";

export interface PlantedFault {
  readonly store: Store;
  readonly what: string;
  readonly script: string;
  /** Tried in the gate, and on every generation. */
  readonly isTelling?: true;
}

/** A layer with a payload that lies below another one: `$lower`, and the image's top layer: `$top`; each a folder with the layer's files. */
const VARIABLES: Readonly<Record<Store, string>> = {
  overlay2: `
image=docker/image/overlay2; layerdb=$image/layerdb/sha256
for top in docker/overlay2/*/diff; do [[ ! -d $top/payload || $(tr -cd : <"\${top%/diff}/lower" | wc -c) != 1 ]] || break; done
link=$(cut -d: -f1 "\${top%/diff}/lower"); lower=docker/overlay2/$(readlink "docker/overlay2/$link" | cut -d/ -f2)/diff
[[ -d $top/payload && -d $lower/payload ]]
of_lower=$(grep -l "$(basename "\${lower%/diff}")" $layerdb/*/cache-id); of_lower=\${of_lower%/cache-id}
config=$(grep -l '"hello\\|echo hello' $image/imagedb/content/sha256/* | head -n 1)
`,
  containerd: `
content=containerd/io.containerd.content.v1.content; overlay=containerd/io.containerd.snapshotter.v1.overlayfs; bolt=containerd/io.containerd.metadata.v1.bolt/meta.db
folders=($overlay/snapshots/*/fs/payload); lower=\${folders[0]%/payload} top=\${folders[-1]%/payload}
blob=$(find $content/blobs -size +1M | sort | head -n 1)
document=$(grep -l '"layers"' $content/blobs/sha256/* | head -n 1)
config=$(grep -l diff_ids $content/blobs/sha256/* | head -n 1)
`,
};

const flip = (file: string, at: number) =>
  `printf '\\xff\\x00\\xff\\x00' | dd of="${file}" bs=1 seek=${at} conv=notrunc status=none`;
const payload = (layer: string) => `"$(find $${layer}/payload -type f | sort | head -n 1)"`;

const TELLING = { isTelling: true } as const;

const files = (store: Store): PlantedFault[] => [
  { store, what: "a lower layer's files are gone", script: "rm -r $lower", ...(store === "overlay2" && TELLING) },
  { store, what: "the top layer's files are gone", script: "rm -r $top" },
  { store, what: "a lower layer's whole folder is gone", script: "rm -r $(dirname $lower)" },
  { store, what: "the top layer's whole folder is gone", script: "rm -r $(dirname $top)" },
  { store, what: "a layer is empty", script: "rm -r $lower/*" },
  { store, what: "a file of a layer is gone", script: `rm ${payload("lower")}` },
  { store, what: "a file of a layer is truncated", script: `truncate -s 1000 ${payload("lower")}` },
  { store, what: "a file of a layer is longer", script: `echo >>${payload("top")}` },
  {
    store,
    what: "some bits of a file are others",
    script: `file=${payload("lower")}; ${flip("$file", 100)}`,
    ...TELLING,
  },
  { store, what: "a file of a layer is a link", script: `file=${payload("top")}; ln -sf /dev/null "$file"` },
];

const overlay2 = (what: string, script: string): PlantedFault => ({ store: "overlay2", what, script });
const containerd = (what: string, script: string): PlantedFault => ({ store: "containerd", what, script });

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...files("overlay2"),
  overlay2("all files of layers are gone", "rm -r docker/overlay2/*"),
  overlay2("the file of a short name is gone", "rm $(dirname $lower)/link"),
  overlay2("the file of a short name is empty", ": >$(dirname $lower)/link"),
  overlay2("a short name is gone", "rm docker/overlay2/$link"),
  overlay2("a short name leads to another layer", "ln -sfn ../$(basename $(dirname $top))/diff docker/overlay2/$link"),
  overlay2("the list of lower layers is gone", "rm $(dirname $top)/lower"),
  overlay2(
    "the list of lower layers is shorter",
    "file=$(dirname $top)/lower; cut -d: -f1 $file >x; truncate -s -1 x; mv x $file",
  ),
  overlay2("a layer's record is gone", "rm -r $of_lower"),
  overlay2("a layer's digest is empty", ": >$of_lower/diff"),
  overlay2("a layer's place is another's", 'basename -z $(dirname $top) | tr -d "\\0" >$of_lower/cache-id'),
  overlay2("a layer's parent is gone", "rm $of_lower/parent"),
  overlay2("the record of a layer's archive is gone", "rm $of_lower/tar-split.json.gz"),
  overlay2("the record of a layer's archive is truncated", "truncate -s 100 $of_lower/tar-split.json.gz"),
  overlay2("an image's configuration is gone", "rm $config"),
  overlay2("an image's configuration is truncated", "truncate -s 50 $config"),
  overlay2("all configurations are gone", "rm $image/imagedb/content/sha256/*"),
  overlay2("the names of images are truncated", "truncate -s 40 $image/repositories.json"),
  overlay2("the names of images are gone", "rm $image/repositories.json"),
  overlay2(
    "a name means another image",
    'ids=($(grep -o \'sha256:[0-9a-f]*"\' $image/repositories.json | sort -u)); sed -i "s/:1\\":\\"sha256:[0-9a-f]*/:1\\":\\"sha256:$(basename $config)/g" $image/repositories.json',
  ),
  ...files("containerd"),
  containerd("a blob of a layer is gone", "rm $blob"),
  containerd("a blob of a layer is truncated", "truncate -s 1000 $blob"),
  containerd("some bits of a blob are others", flip("$blob", 2000)),
  containerd("an image's manifest is gone", "rm $document"),
  containerd("an image's manifest is truncated", "truncate -s 100 $document"),
  containerd("an image's configuration is gone", "rm $config"),
  containerd("all blobs are gone", "rm -r $content/blobs/sha256/*"),
  containerd("containerd's database is gone", "rm $bolt"),
  containerd("containerd's database is truncated", "truncate -s 40000 $bolt"),
  containerd("containerd's database is garbage", "head -c 65536 /dev/urandom >$bolt"),
  containerd("the snapshots' database is gone", "rm $overlay/metadata.db"),
  containerd("the snapshots' database is truncated", "truncate -s 9000 $overlay/metadata.db"),
  containerd("the snapshots' database is garbage", "head -c 65536 /dev/urandom >$overlay/metadata.db"),
];

/** The bash that plants a fault. */
export const planting = ({ store, script }: PlantedFault): string => `${VARIABLES[store]}\n${script}`;
