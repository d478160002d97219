#!/usr/bin/env bats
# The cache volume in a builder's hands: the mutex, the right disk, formatting only if there is nothing to keep, sealing, the snapshot.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use builder
  stub sleep
}

@test "attach_volume: takes the volume by id, for this instance" {
  stub aws 'echo attached'
  script attach_volume
  called 'aws attach vol-0123456789abcdef0 i-1 /dev/sdf'
}

# held_by INSTANCE STATE: the volume is attached to INSTANCE until the third attempt.
held_by() {
  stub aws 'case "$1" in
    attach) if (($(grep -c "aws attach" "$CALLS") > 2)); then echo attached; else echo VolumeInUse; fi ;;
    read-holder) echo '"$1"' ;;
    read-state) '"$2"' ;;
  esac'
}

@test "attach_volume: yields to a builder that is at work, and touches nothing" {
  local state
  for state in pending running stopping stopped; do
    : >"$CALLS"
    held_by i-2 "echo $state"
    run script 'trap '"'echo outcome \$OUTCOME'"' EXIT; attach_volume'
    equal 0 "$status"
    [[ "$output" == *'outcome yielded' ]]
    uncalled 'aws tag *'
  done
}

@test "attach_volume: waits for the attachment of an instance that is gone" {
  local answer
  for answer in 'echo terminated' 'echo shutting-down' 'echo'; do
    : >"$CALLS"
    held_by i-2 "$answer"
    script attach_volume
    equal 3 "$(grep -c "aws attach" "$CALLS")"
  done
}

@test "attach_volume: a volume that is already ours is taken" {
  held_by i-1 'exit 99'
  script attach_volume
  equal 1 "$(grep -c "aws attach" "$CALLS")"
}

@test "attach_volume: a volume that is being detached or made is waited for" {
  stub aws 'case "$1" in
    attach) if (($(grep -c "aws attach" "$CALLS") > 2)); then echo attached; else echo IncorrectState; fi ;;
    read-holder) echo ;;
  esac'
  script attach_volume
}

@test "attach_volume: anything else fails the build" {
  stub aws 'exit 1'
  run script 'trap '"'echo outcome \$OUTCOME'"' EXIT; attach_volume'
  equal 1 "$status"
  [[ "$output" == *'outcome failed' ]]
}

@test "find_disk: by the serial number, padded or not, whatever the name and order" {
  mkdir -p "$T/sys/"{loop0,null,zero}/device "$T/sys/sda"
  rmdir "$T/sys/loop0/device"
  printf 'vol0aaaaaaaaaaaaaaaa' >"$T/sys/zero/device/serial"
  printf 'vol0123456789abcdef0   \n' >"$T/sys/null/device/serial"
  equal /dev/null "$(script 'find_disk; echo "$DISK"' 2>/dev/null)"
}

@test "find_disk: fails where no disk is ours" {
  # Each sleep lasts a minute.
  run script 'sleep() { SECONDS=$((SECONDS + 60)); }; find_disk'
  equal 1 "$status"
  [[ "$output" == *'no disk has the serial number vol0123456789abcdef0'* ]]
}

@test "read_volume_tags: values with blanks survive" {
  stub aws 'printf "docker-cache:state\tready\nName\tmy cache volume\n"'
  equal 'ready my cache volume' "$(script 'read_volume_tags; echo "${VOLUME_TAGS[docker-cache:state]} ${VOLUME_TAGS[Name]}"')"
}

@test "tag_volume: all keys in one call" {
  script 'tag_volume state ready store overlay2/26'
  called 'aws tag vol-0123456789abcdef0 docker-cache:state=ready docker-cache:store=overlay2/26'
}

# found TYPE LABEL STORE: what is on the disk.
found() {
  stub blkid "printf 'DEVNAME=x\nLABEL=$2\nTYPE=$1\n'"
  mkdir -p "$T/run/probe/.docker-cache"
  printf %s "$3" >"$T/run/probe/.docker-cache/store"
  printf manifest >"$T/run/probe/.docker-cache/manifest.json"
}

reason() { script 'inspect_volume; echo "$FORMAT_REASON"' 2>/dev/null; }

@test "inspect_volume: a volume of ours is kept, and its manifest known" {
  found xfs docker-cache overlay2/26
  equal '' "$(reason)"
  equal "$(printf manifest | sha256sum | cut -d' ' -f1) " "$(script 'inspect_volume; echo "$MANIFEST_FOUND $ASKED_FOUND"')"
  printf %064d 7 >"$T/run/probe/.docker-cache/asked"
  equal "$(printf %064d 7)" "$(script 'inspect_volume; echo "$ASKED_FOUND"')"
  called 'mount --read-only --options norecovery,nodev,nosuid,noexec,noatime,nouuid *'
  called "umount $T/run/probe"
  uncalled 'mount --read-write*'
  uncalled 'mkfs*'
}

@test "inspect_volume: what an older engine wrote is kept" {
  found xfs docker-cache overlay2/20
  equal '' "$(reason)"
}

@test "inspect_volume: says why there is nothing to keep" {
  stub blkid 'exit 2'
  equal 'it is blank' "$(reason)"
  found ext4 docker-cache overlay2/26
  equal 'it holds no xfs of ours' "$(reason)"
  found xfs other overlay2/26
  equal 'it holds no xfs of ours' "$(reason)"
  found xfs docker-cache containerd/26
  equal 'it holds the image store containerd/26' "$(reason)"
  found xfs docker-cache overlay2/27
  equal 'it holds the image store overlay2/27' "$(reason)"
  rm "$T/run/probe/.docker-cache/store"
  equal 'it holds the image store of an unfinished build' "$(reason)"
  stub mount 'exit 32'
  equal 'it cannot be mounted' "$(reason)"
}

@test "inspect_volume: nothing that is on the volume is run, waited for or followed" {
  found xfs docker-cache overlay2/26
  local text
  for text in 'overlay2/a[$(touch $T/run/ran)]' 'overlay2/99999' 'overlay2/-1' 'overlay2/26 27' $'overlay2/26\n1' 'over lay2/26' '../26' ''; do
    printf %s "$text" >"$T/run/probe/.docker-cache/store"
    equal 'it holds the image store of an unfinished build' "$(reason)"
  done
  [[ ! -e "$T/run/ran" ]]
  # Each of these would be read for ever.
  found xfs docker-cache overlay2/26
  rm "$T/run/probe/.docker-cache/"*
  mkfifo "$T/run/probe/.docker-cache/store"
  ln -s /dev/zero "$T/run/probe/.docker-cache/manifest.json"
  equal 'it holds the image store of an unfinished build|' "$(script 'inspect_volume; echo "$FORMAT_REASON|$MANIFEST_FOUND"')"
  rm -r "$T/run/probe/.docker-cache"
  found xfs docker-cache overlay2/26
  mv "$T/run/probe/.docker-cache" "$T/elsewhere"
  ln -s "$T/elsewhere" "$T/run/probe/.docker-cache"
  equal 'it holds the image store of an unfinished build|' "$(script 'inspect_volume; echo "$FORMAT_REASON|$MANIFEST_FOUND"')"
}

@test "inspect_volume: an engine major with a zero in front is a number of ten" {
  found xfs docker-cache overlay2/09
  equal '' "$(reason)"
}

@test "read_small: of a regular file so many bytes, and of nothing else" {
  mkdir -p "$T/real"
  head -c 3000 /dev/zero >"$T/real/file"
  equal 3000 "$(script "read_small '$T/real/file' | wc -c")"
  equal 7 "$(script "read_small '$T/real/file' 7 | wc -c")"
  truncate -s 5M "$T/real/file"
  equal 1048576 "$(script "read_small '$T/real/file' | wc -c")"
  ln -s "$T/real" "$T/folder"
  ln -s "$T/real/file" "$T/link"
  mkfifo "$T/fifo"
  local path
  for path in "$T/folder/file" "$T/link" "$T/fifo" /dev/zero "$T/real" "$T/none"; do
    run script "read_small '$path'"
    equal "$path 1 " "$path $status $output"
  done
}

@test "reuse_volume: before Docker is on it, nothing is left that no seal keeps; a volume that hides links is formatted" {
  mkdir -p "$T/volume/docker/"{containers/x,image/overlay2,overlay2} "$T/volume/.docker-cache"
  equal '' "$(script 'reuse_volume; echo "$FORMAT_REASON"')"
  equal 'image overlay2' "$(cd "$T/volume/docker" && echo *)"
  rm -r "$T/volume/.docker-cache"
  mkdir "$T/elsewhere"
  ln -s "$T/elsewhere" "$T/volume/.docker-cache"
  equal 'it holds what no build left' "$(script 'reuse_volume; echo "$FORMAT_REASON"' 2>/dev/null)"
  equal '' "$(ls -A "$T/elsewhere")"
}

@test "mark_unfinished: writes through no link" {
  mkdir -p "$T/volume/.docker-cache"
  local name
  for name in store hot-set manifest.json manifest.json.new facts; do
    echo mine >"$T/$name"
    ln -s "$T/$name" "$T/volume/.docker-cache/$name"
  done
  script prepare_volume
  for name in store hot-set manifest.json manifest.json.new facts; do equal mine "$(<"$T/$name")"; done
  equal 'store unfinished' "$(cd "$T/volume/.docker-cache" && echo *)"
  # As a link, the mark of an unfinished build is one too.
  rm "$T/volume/.docker-cache/unfinished"
  ln -s "$T/none" "$T/volume/.docker-cache/unfinished"
  equal 'the last build on it was cut off' "$(script 'reuse_volume; echo "$FORMAT_REASON"')"
  [[ ! -e "$T/none" ]]
}

@test "inspect_volume: without a manifest there is no sum of one" {
  found xfs docker-cache overlay2/26
  rm "$T/run/probe/.docker-cache/manifest.json"
  equal '' "$(script 'inspect_volume; echo "$MANIFEST_FOUND"' 2>/dev/null)"
}

@test "prepare_volume: formats only with a reason" {
  script prepare_volume
  uncalled 'mkfs*'
  called 'mount --read-write *'
  called 'xfs_growfs *'
  rm "$T/volume/.docker-cache/unfinished"
  equal overlay2/26 "$(<"$T/volume/.docker-cache/store")"
  : >"$CALLS"
  stub mountpoint 'exit 1'
  script 'FORMAT_REASON="it is blank"; prepare_volume; [[ -z "$FORMAT_REASON" ]]'
  equal 'mkfs.xfs mount' "$(grep -e 'mkfs.xfs -q' -e '^mount ' "$CALLS" | cut -d' ' -f1 | xargs)"
  called 'mkfs.xfs -q -f -K -L docker-cache *'
}

@test "prepare_volume: the manifest goes first, and the mark of an unfinished build is on the device before anything else" {
  mkdir -p "$T/volume/.docker-cache"
  touch "$T/volume/.docker-cache/manifest.json" "$T/volume/.docker-cache/hot-set"
  stub sync '[[ -e "$T/volume/.docker-cache/unfinished" && ! -e "$T/volume/.docker-cache/manifest.json" && ! -e "$T/volume/.docker-cache/hot-set" ]]'
  stub xfs_growfs 'grep -q "^sync" "$CALLS"'
  script prepare_volume
}

@test "R11: prepare_volume: a volume whose last build was cut off is formatted, whatever a check would say" {
  mkdir -p "$T/volume/.docker-cache"
  touch "$T/volume/.docker-cache/unfinished"
  script prepare_volume
  equal 'mount umount mkfs.xfs mount' "$(grep -e 'mkfs.xfs -q' -e '^mount ' -e '^umount' "$CALLS" | cut -d' ' -f1 | xargs)"
}

@test "prepare_volume: a volume so full that nothing can be written is formatted" {
  stub touch '(($(grep -c "^touch" "$CALLS") > 1))'
  script prepare_volume
  called 'mkfs.xfs -q*'
}

@test "prepare_volume: what cannot be mounted read-write is formatted" {
  stub mount '(($(grep -c "^mount " "$CALLS") > 1))'
  script prepare_volume
  called 'mkfs.xfs -q*'
}

@test "unmount_volume: written out, then without the mark, then unmounted; a bind mount that is busy fails" {
  mkdir -p "$T/volume/.docker-cache"
  touch "$T/volume/.docker-cache/unfinished"
  stub sync '[[ -e "$T/volume/.docker-cache/unfinished" ]]'
  stub umount '[[ ! -e "$T/volume/.docker-cache/unfinished" ]]'
  script "DOCKER_ROOT=/proc CONTAINERD_ROOT=/proc; unmount_volume"
  equal "sync --file-system $T/volume|umount $T/volume|" "$(grep -e ^sync -e ^umount "$CALLS" | tr '\n' '|')"
  stub umount '[[ "$1" != */docker ]]'
  mkdir "$T/volume/docker"
  run script "DOCKER_ROOT='$T/volume/docker' CONTAINERD_ROOT=/proc; unmount_volume"
  [ "$status" -ne 0 ]
}

@test "leave_volume: after a failed build Docker stops and the volume is left in order, where it can be" {
  mkdir -p "$T/volume/.docker-cache"
  touch "$T/volume/.docker-cache/unfinished"
  script 'DOCKER_ROOT=/proc CONTAINERD_ROOT=/proc; leave_volume'
  [[ ! -e "$T/volume/.docker-cache/unfinished" ]]
  touch "$T/volume/.docker-cache/unfinished"
  # A store that is damaged may be why the build failed: the next one begins anew. Unless there is no time for a look.
  touch "$T/volume/.docker-cache/unfinished"
  mkdir -p "$T/volume/docker/image/overlay2/"{layerdb,imagedb/content}/sha256 "$T/volume/docker/image/overlay2/layerdb/sha256/x"
  run script 'DOCKER_ROOT=/proc CONTAINERD_ROOT=/proc; leave_volume'
  equal 0 "$status"
  [[ "$output" == *'the image store is damaged: the next build formats the volume' ]]
  [[ -e "$T/volume/.docker-cache/unfinished" ]]
  script 'DOCKER_ROOT=/proc CONTAINERD_ROOT=/proc STORE_DOUBT=; leave_volume'
  [[ ! -e "$T/volume/.docker-cache/unfinished" ]]
  touch "$T/volume/.docker-cache/unfinished"
  stub systemctl 'exit 1'
  run script 'DOCKER_ROOT=/proc CONTAINERD_ROOT=/proc; leave_volume'
  [ "$status" -ne 0 ]
  [[ -e "$T/volume/.docker-cache/unfinished" ]]
  stub mountpoint 'exit 1'
  script leave_volume
}

@test "open_volume: the first thing that is written is the tag" {
  stub systemctl '[[ "$1" != is-active ]]'
  script 'start_docker() { :; }; install_pigz() { :; }; open_volume'
  equal 'aws tag vol-0123456789abcdef0 docker-cache:state=building docker-cache:build-id=i-1' "$(head -n 1 "$CALLS")"
  stub aws 'exit 1'
  : >"$CALLS"
  run script 'start_docker() { :; }; install_pigz() { :; }; open_volume'
  [ "$status" -ne 0 ]
  equal 1 "$(wc -l <"$CALLS")"
}

@test "format_xfs: without the features that the installed mkfs knows and older kernels do not" {
  stub mkfs.xfs '[[ "$*" != *nrext64* && "$*" != *parent* && "$*" != *exchange* ]]'
  script format_xfs
  called 'mkfs.xfs -q -f -K -L docker-cache -m bigtime=0 -m inobtcount=0 -m reflink=0 -m rmapbt=0 /dev/nvme1n1'
}

@test "format_ext4: all tables are written at once, no discard" {
  stub mkfs.ext4 '[[ "$*" != *metadata_csum_seed* ]]'
  script format_ext4
  called 'mkfs.ext4 -q -F -L docker-cache -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 -O ^orphan_file /dev/nvme1n1'
}

@test "remove_identity: keeps images and nothing else (overlay2)" {
  mkdir -p "$T/volume/docker/"{image/overlay2,overlay2/l,containers/x,network/files,swarm,volumes,buildkit,plugins,tmp,runtimes,future} "$T/volume/.docker-cache" "$T/volume/stray"
  touch "$T/volume/docker/"{engine-id,image/identity-cache.db}
  script 'stop_docker() { :; }; remove_identity'
  equal './.docker-cache ./docker ./docker/image ./docker/image/overlay2 ./docker/overlay2 ./docker/overlay2/l' "$(cd "$T/volume" && find . -mindepth 1 | LC_ALL=C sort | xargs)"
}

@test "remove_identity: keeps images and nothing else (containerd)" {
  mkdir -p "$T/volume/docker/"{containers,image} "$T/volume/containerd/"{io.containerd.content.v1.content,io.containerd.metadata.v1.bolt,io.containerd.snapshotter.v1.overlayfs,io.containerd.runtime.v2.task,tmpmounts,io.containerd.grpc.v1.introspection} "$T/volume/.docker-cache"
  script 'IMAGE_STORE=containerd; stop_docker() { :; }; remove_identity'
  equal 'io.containerd.content.v1.content io.containerd.metadata.v1.bolt io.containerd.snapshotter.v1.overlayfs' "$(cd "$T/volume/containerd" && echo *)"
  equal '' "$(ls -A "$T/volume/docker")"
}

# proven: what the proof leaves behind.
proven() {
  mkdir -p "$T/volume/.docker-cache"
  printf '{"reference": "%s", "digest": "sha256:1", "id": "sha256:2", "size": 17, "optional": %s}\n' a:1 true b:2 false >"$T/run/image-facts"
  printf '# engine\n3 2\n' >"$T/run/hot-set"
}
known='REFERENCES=(a:1 b:2) CONTENT=abc ASKED=abcd ENGINE_VERSION=26.1.5 HOT_SET_SOURCE=traced HOT_SET_BYTES=1048576'

@test "write_manifest: is what the contract says, and the tag is its sum" {
  proven
  script "$known"'; write_manifest; echo "$MANIFEST_SHA"' >"$T/sha"
  equal "$(sha256sum <"$T/volume/.docker-cache/manifest.json" | cut -d' ' -f1)" "$(<"$T/sha")"
  equal '2 ci x86_64 overlay2 26 i-1 abc|a:1|b:2|' "$(tr '\n' '|' <"$T/volume/.docker-cache/facts")"
  cmp "$T/run/hot-set" "$T/volume/.docker-cache/hot-set"
  equal abcd "$(<"$T/volume/.docker-cache/asked")"
  local facts
  facts="$(sha256sum <"$T/volume/.docker-cache/facts" | cut -d' ' -f1)"
  # A worker looks for this text.
  grep -qF "\"sha256\": \"$facts\"" "$T/volume/.docker-cache/manifest.json"
  python3 - "$T/volume/.docker-cache/manifest.json" "$(sha256sum <"$T/run/hot-set" | cut -d' ' -f1)" "$facts" <<'PY'
import json, sys
manifest = json.load(open(sys.argv[1]))
manifest.pop("kernel"), manifest.pop("createdAt")
assert manifest == {
    "version": 2, "name": "ci", "architecture": "x86_64", "buildId": "i-1", "content": "abc", "store": "overlay2/26", "engine": "26.1.5", "fileSystem": "xfs",
    "images": [{"reference": "a:1", "digest": "sha256:1", "id": "sha256:2", "size": 17, "optional": True},
               {"reference": "b:2", "digest": "sha256:1", "id": "sha256:2", "size": 17, "optional": False}],
    "facts": {"path": ".docker-cache/facts", "sha256": sys.argv[3]},
    "hotSet": {"sha256": sys.argv[2], "source": "traced", "bytes": 2 * 512 * 1024}}, manifest
PY
}

@test "R17: what is published is the manifest, byte for byte, and holds no secret of the build" {
  proven
  mkdir -p "$T/docker-config"
  echo '{"auths": {"a": {"auth": "UzNDUkVU", "password": "S3CRET"}}}' >"$T/docker-config/config.json"
  stub aws 'cp "$4" "$T/published"'
  run script "$known; export DOCKER_CONFIG='$T/docker-config' HTTPS_PROXY_URL=http://me:S3CRET@proxy HTTPS_PROXY=http://me:S3CRET@proxy REGISTRY_LOGINS='a ci/S3CRET'; write_manifest; publish_manifest"
  equal 0 "$status"
  cmp "$T/published" "$T/volume/.docker-cache/manifest.json"
  [[ "$output$(<"$T/published")$(<"$CALLS")" != *S3CRET* && "$(<"$T/published")" != *UzNDUkVU* ]]
}

@test "write_manifest: a tool that fails leaves no manifest" {
  proven
  local tool
  for tool in cp sync sha256sum; do
    stub "$tool" 'printf half; exit 1'
    run script "$known; write_manifest"
    [ "$status" -ne 0 ]
    [[ ! -e "$T/volume/.docker-cache/manifest.json" ]]
    rm "$T/bin/$tool"
  done
}

sealed='remove_identity() { :; }; prove_store() { :; }; find_hot_set() { :; }; write_manifest() { MANIFEST_SHA=m; }; CONTENT=abc'

@test "seal_volume: checked unmounted, and only then tagged ready" {
  stub mountpoint 'exit 1'
  script "$sealed; seal_volume"
  equal "umount blockdev xfs_repair aws aws" "$(grep -e '^umount' -e '^blockdev' -e '^xfs_repair' -e '^aws' "$CALLS" | cut -d' ' -f1 | xargs)"
  equal 'aws publish aws tag' "$(grep '^aws' "$CALLS" | cut -d' ' -f1,2 | xargs)"
  called 'aws tag vol-0123456789abcdef0 docker-cache:state=ready docker-cache:build-id=i-1 docker-cache:content=abc docker-cache:store=overlay2/26 docker-cache:manifest=m'
}

@test "R11: seal_volume: what cannot be unmounted or is not clean is never tagged ready" {
  local tool
  for tool in umount blockdev xfs_repair; do
    stub "$tool" 'exit 1'
    run script "$sealed; seal_volume"
    equal 1 "$status"
    uncalled 'aws tag *'
    stub "$tool"
  done
  stub e2fsck 'exit 4'
  run script "$sealed; FILE_SYSTEM=ext4; seal_volume"
  equal 1 "$status"
  called 'e2fsck -f -n /dev/nvme1n1'
  uncalled 'aws tag *'
}

@test "seal_volume: the store is proven before anything is written, and a damaged one is never tagged ready" {
  run script "$sealed; prove_store() { fail damaged; }; find_hot_set() { systemctl find_hot_set; }; seal_volume"
  equal 1 "$status"
  uncalled 'aws tag *'
  uncalled 'systemctl find_hot_set'
}

@test "snapshot_volume: of this build, tried again until it is there" {
  stub aws '(($(grep -c "aws snapshot" "$CALLS") > 2)) && echo snap-1'
  run script 'snapshot_volume; echo "$OUTCOME $SNAPSHOT_ID"'
  [[ "$output" == *'ready snap-1' ]]
  called 'aws snapshot vol-0123456789abcdef0 i-1 docker-cache ci/x86_64'
  equal 3 "$(grep -c 'aws snapshot' "$CALLS")"
}

@test "snapshot_volume: one that cannot be created fails the build" {
  stub aws 'exit 1'
  run script 'trap '"'echo outcome \$OUTCOME'"' EXIT; snapshot_volume'
  equal 1 "$status"
  [[ "$output" == *'FAILED: no snapshot could be created'*'outcome failed' ]]
}
