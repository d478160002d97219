#!/usr/bin/env bats
# What verifies an image store: every way in which a part of it can be damaged is found, and said. On a real Docker: __tests__/lab/cloud/proof.lab.test.ts.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034 # code for `script` and of cases is quoted, with its variables; each test is a process of its own

load ../../helper

setup() {
  use builder
  rm -f "$T/bin/sync"
}

# store KIND [zstd|386]: a whole store on the volume, its image in $T/wanted.
store() {
  rm -rf "$T/volume" "$T/host"
  mkdir "$T/volume"
  python3 "$BATS_TEST_DIRNAME/image-stores.py" "$1" "$T/volume" ${2:+"$2"} >"$T/wanted"
  STORE="$1"
}

# verified [MODE]: how the store's verification ends.
verified() { run script "IMAGE_STORE=$STORE; verify_store ${1:-all} '$T/wanted'"; }

# whole [MODE]
whole() {
  verified "$@"
  equal "0 " "$status $output"
}

# damaged TEXT [MODE]: found, and said so; a pattern of bash.
damaged() {
  verified "${2:-all}"
  # shellcheck disable=SC2053 # a pattern is meant
  [[ "$status" == 1 && "$output" == *'docker-cache: damaged: '*$1* && "$output" != *Traceback* ]] || {
    printf 'expected damage: %s\nfound %s: %s\n' "$1" "$status" "$output" >&2
    return 1
  }
}

# spoil FILE: its last byte is another.
spoil() {
  local size
  size="$(wc -c <"$1")"
  printf '\377' | dd of="$1" bs=1 seek=$((size - 1)) conv=notrunc status=none
}

@test "verify_overlay2: a whole store is whole, and one that Docker has not begun too" {
  store overlay2
  whole
  whole sizes
  rm -r "$T/volume/docker"
  damaged 'registry.lab/a:1: it is None, expected sha256:'
  : >"$T/wanted"
  whole
}

@test "verify_overlay2: the files of a layer" {
  local lower="$T/volume/docker/overlay2/lowerlayer/diff" upper="$T/volume/docker/overlay2/upperlayer/diff" case code text modes mode top
  # A folder above $T/host.
  top="$(cut -d / -f 2 <<<"$T")"
  local -a cases=(
    'rm -r $lower|overlay2/lowerlayer/diff is no folder|all sizes'
    'rm -r $lower/*|/bin: No such file|all sizes'
    'rm $lower/bin/big|/bin/big: No such file|all sizes'
    'truncate -s 9 $lower/bin/big|/bin/big: it has 9 bytes, expected 500000|all sizes'
    'echo >>$lower/bin/small|/bin/small: it has 6 bytes, expected 5|all sizes'
    'spoil $lower/bin/big|registry.lab/a:1: layer *: its files make sha256:*, expected sha256:|all'
    'spoil $lower/bin/small|its files make|all'
    'ln -sf small $lower/bin/big|/bin/big: it is no file|all sizes'
    'rm $lower/empty|/empty: No such file|all sizes'
    'echo >$lower/empty|/empty: it is something else|all sizes'
    'rm $lower/link; echo >$lower/link|/link: it is something else|all sizes'
    'ln -sfn bin/big $lower/link|/link: it leads elsewhere|all sizes'
    'ln -sfn Ftanstvny.crt $lower/Főtan.pem|/Főtan.pem: it leads elsewhere|all sizes'
    'ln -sfn $(readlink $lower/far)x $lower/far|/far: it leads elsewhere|all sizes'
    'rm -r $lower/$top; ln -s $top $lower/$top|Too many levels of symbolic links|all sizes'
    'mv $lower$T/host $T/host; mkdir $lower$T/host|/first/file: No such file|all sizes'
    ': >$lower/absent|/.wh.absent: it does not hide what is below|all sizes'
    'mkdir $lower/fresh; : >$lower/fresh/old|/fresh/.wh..wh..opq: it does not hide what is below|all sizes'
    'mkdir -p {$lower,$upper}/fresh/inner; : >$lower/fresh/inner/old|/fresh/.wh..wh..opq: it does not hide what is below|all sizes'
    'rm -r $upper/fresh; : >$upper/fresh|/fresh: it is something else|all sizes'
  )
  for case in "${cases[@]}"; do
    IFS='|' read -r code text modes <<<"$case"
    store overlay2
    eval "$code"
    for mode in $modes; do damaged "${text/'$T'/$T}" "$mode"; done
  done
}

@test "verify_overlay2: where Docker removes what a layer hides, nothing is left behind if there was nothing, and files may be there again" {
  local lower="$T/volume/docker/overlay2/lowerlayer/diff" upper="$T/volume/docker/overlay2/upperlayer/diff"
  store overlay2
  mkdir -p {"$lower","$upper"}/fresh/{own-folder,emptied}
  echo below >"$lower/fresh/own"
  echo below >"$lower/fresh/own-folder/file"
  damaged '/fresh/.wh..wh..opq: it does not hide what is below'
  echo above >"$upper/fresh/own-folder/file"
  whole
}

@test "verify_overlay2: many files take little memory" {
  store overlay2
  local record
  record="$(find "$T/volume" -name tar-split.json.gz | head -n 1)"
  # Bytes alone, as much of them as the headers of 100,000 files.
  python3 -c 'import gzip, json, sys
gzip.open(sys.argv[1], "wt", 1).writelines(json.dumps({"type": 2, "payload": "A" * 700}) + "\n" for _ in range(100000))' "$record"
  local peak
  # In KiB.
  peak="$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' python3 -I -S "$USERDATA/builder/proof/verify-overlay2.py" "$T/volume" all "$T/wanted")"
  ((peak < 60000))
}

@test "verify_overlay2: what Docker knows of layers, images and names" {
  local image case upper
  image="$T/volume/docker/image/overlay2"
  local -a cases=(
    'rm $upper/diff|No such file'
    ': >$upper/diff|is not what its name says'
    'rm $upper/parent|is not what its name says'
    'spoil $upper/parent|is not what its name says'
    'printf ../evil >$upper/cache-id|cache-id says'
    'printf lowerlayer >$upper/cache-id|lower says'
    'printf x >$upper/size|its size'
    'rm $upper/tar-split.json.gz|No such file'
    'truncate -s 50 $upper/tar-split.json.gz|EOFError'
    'spoil $upper/tar-split.json.gz|BadGzipFile'
    'rm -r $upper|registry.lab/a:1: layer * is missing'
    'mkdir $upper-removing|layerdb/sha256 holds'
    'printf C >$overlay/upperlayer/link|link says'
    'rm $overlay/l/BBBBBBBBBBBBBBBBBBBBBBBBBB|leads to None'
    'ln -sfn ../lowerlayer/diff $overlay/l/BBBBBBBBBBBBBBBBBBBBBBBBBB|leads to '
    'rm $overlay/upperlayer/lower|lower says'
    'printf :l/x >>$overlay/upperlayer/lower|lower says'
    'rm $image/imagedb/content/sha256/*|expected sha256:'
    'spoil $image/imagedb/content/sha256/*|its configuration is not what its id says'
    'rm -r $image/imagedb|imagedb/content/sha256: No such file'
    'truncate -s 9 $image/repositories.json|repositories.json: JSONDecodeError'
    'echo {} >$image/repositories.json|repositories.json: KeyError'
    'rm $image/repositories.json|registry.lab/a:1: it is None'
  )
  local overlay="$T/volume/docker/overlay2"
  for case in "${cases[@]}"; do
    store overlay2
    upper="$(dirname "$(grep -l upperlayer "$image"/layerdb/sha256/*/cache-id)")"
    eval "${case%|*}"
    damaged "${case##*|}"
  done
}

@test "verify_containerd: a whole store is whole, and one that containerd has not begun too" {
  store containerd
  whole
  whole sizes
  rm -r "$T/volume/containerd"
  damaged 'registry.lab/a:1: it is None, expected sha256:'
  : >"$T/wanted"
  whole
}

@test "verify_containerd: folders, blobs and databases" {
  local case code text modes mode top
  top="$(cut -d / -f 2 <<<"$T")"
  local snapshots="$T/volume/containerd/io.containerd.snapshotter.v1.overlayfs" bolt="$T/volume/containerd/io.containerd.metadata.v1.bolt/meta.db"
  local lower="$snapshots/snapshots/300/fs" blobs="$T/volume/containerd/io.containerd.content.v1.content/blobs/sha256"
  local -a cases=(
    'rm -r $lower|300/fs is no folder|all sizes'
    'rm -r $lower/*|No such file or directory (and * more files)|all'
    'rm $lower/bin/big|registry.lab/a:1: layer sha256:*: /bin/big: No such file|all'
    'truncate -s 9 $lower/bin/big|/bin/big: it is not what was pulled|all'
    'spoil $lower/bin/big|/bin/big: it is not what was pulled|all'
    'ln -sfn bin/big $lower/link|/link: it is not what was pulled|all'
    'rm $lower/empty; mkdir $lower/empty|/empty: it is not what was pulled|all'
    'ln -sfn Ftanstvny.crt $lower/Főtan.pem|/Főtan.pem: it is not what was pulled|all'
    'mv $lower$T/host $T/host; mkdir $lower$T/host|$T/host/file: No such file|all'
    'rm -r $lower/$top; ln -s $top $lower/$top|Too many levels of symbolic links (and 1 more files)|all'
    'rm $snapshots/snapshots/301/fs/again|/.wh.again: it is not what was pulled (and 1 more files)|all'
    'echo -n one >$snapshots/snapshots/301/fs/twice|/twice: it is not what was pulled|all'
    'rm $(layer)|No such file|all sizes'
    'truncate -s 99 $(layer)|has 99 bytes, expected|all sizes'
    'spoil $(layer)|holds something else|all sizes'
    'rm $(grep -l \"manifests $blobs/*)|No such file|all sizes'
    'rm $(grep -l \"layers $blobs/*)|has nothing for amd64|all sizes'
    'spoil $(grep -l diff_ids $blobs/*)|holds something else|all sizes'
    'echo x >$blobs/$(printf 0%.0s {1..64})|blobs: blob * holds something else|all'
    'rm $bolt|meta.db: FileNotFoundError|all sizes'
    'truncate -s 8192 $bolt|ends at 8192 bytes|all sizes'
    'truncate -s 50 $bolt|is no database|all sizes'
    'head -c 20000 /dev/zero >$bolt|is no database|all sizes'
    'dd if=/dev/zero of=$bolt bs=1 seek=12288 count=99 conv=notrunc status=none|page 3 is another|all sizes'
    'rm $snapshots/metadata.db|no snapshot sha256:* is known|all sizes'
    'sed -i s,moby/300/,moby/399/, $snapshots/metadata.db|no snapshot|all sizes'
    'sed -i s,parent,qarent, $snapshots/metadata.db|lies upon|all sizes'
    'sed -i s,registry.lab,registry.lob, $bolt|registry.lab/a:1: it is None|all sizes'
  )
  # The larger one that is packed.
  layer() { LC_ALL=C grep -l -a -P '^\x1f\x8b' "$blobs"/* | xargs ls -S | head -n 1; }
  for case in "${cases[@]}"; do
    IFS='|' read -r code text modes <<<"$case"
    store containerd
    eval "$code"
    for mode in $modes; do damaged "${text/'$T'/$T}" "$mode"; done
  done
}

@test "verify_containerd: an image that has nothing for this architecture is that for another, which is there" {
  local blobs="$T/volume/containerd/io.containerd.content.v1.content/blobs/sha256"
  store containerd 386
  whole
  whole sizes
  spoil "$(grep -l '"layers":' "$blobs"/*)"
  damaged 'holds something else' sizes
  store containerd 386
  rm "$(grep -l '"layers":' "$blobs"/*)"
  damaged 'has nothing for amd64' sizes
}

@test "verify_containerd: a blob that containerd never fetched is not missing, if another blob proves the same layer" {
  local blobs="$T/volume/containerd/io.containerd.content.v1.content/blobs/sha256"
  store containerd otherwise
  whole
  whole sizes
  grep --recursive --files-with-matches --binary-files=text $'^\x1f\x8b' "$blobs" | xargs rm
  damaged 'FileNotFoundError'
}

@test "verify_containerd: a layer that zstd packed needs the program, and what it cannot unpack is damaged" {
  store containerd zstd
  run script "install_packages() { printf '%s\n' \"\$*\" >>'$T/installed'; }; IMAGE_STORE=containerd PATH='$T/bin'; verify_store all '$T/wanted'"
  equal 3 "$status"
  equal zstd "$(<"$T/installed")"
  stub zstd 'tail -c +5 "$2"'
  whole
  stub zstd 'tail -c +5 "$2"; exit 1'
  damaged 'cannot be unpacked'
}
