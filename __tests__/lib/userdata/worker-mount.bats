#!/usr/bin/env bats
# How a worker mounts the cache volume, takes what is not an image's from it, and unmounts it.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  mkdir -p "$T/proc"
}

# refused_with REASON CODE
refused_with() {
  run script "$2"
  equal 1 "$status"
  equal "$1" "$(<"$T/run/reason")"
}

# sealed: a volume as a build leaves it, with two layers in one image store and one in the other.
sealed() {
  LAYER="$T/volume/docker/overlay2/$(printf 'c%.0s' {1..64})" CHAIN="$T/volume/docker/image/overlay2/layerdb/sha256/$(printf 'a%.0s' {1..64})"
  LINK=ABCDEFGHIJKLMNOPQRSTUVWXYZ
  rm -rf "$T/volume" "$T/home/mounted" "$T/run/reason"
  mkdir -p "$T/volume/"{lost+found,.docker-cache/store} "$CHAIN" "$T/volume/docker/overlay2/l" "$LAYER/"{diff/etc,work} \
    "$T"/volume/containerd/io.containerd.{metadata.v1.bolt,content.v1.content/blobs/sha256,snapshotter.v1.overlayfs/snapshots/1/{fs,work}}
  touch "$T/volume/.docker-cache/"{manifest.json,facts,hot-set} "$T/volume/docker/image/overlay2/repositories.json" \
    "$T"/volume/containerd/io.containerd.{metadata.v1.bolt/meta.db,content.v1.content/blobs/sha256/b1,snapshotter.v1.overlayfs/metadata.db}
  ln -s /etc/passwd "$LAYER/diff/etc/link"
  printf %s "${LAYER##*/}" >"$CHAIN/cache-id"
  printf %s "$LINK" >"$LAYER/link"
  printf %s "l/$LINK:l/${LINK/A/0}" >"$LAYER/lower"
  ln -s "../${LAYER##*/}/diff" "$T/volume/docker/overlay2/l/$LINK"
}

@test "mount_cache: refuses a disk that is write-protected" {
  stub mount 'exit 32'
  refused_with '/dev/nvme1n1 cannot be mounted read-write' mount_cache
  called 'mount --read-write *'
}

@test "mount_cache: closed to everybody but root, before anything else is done" {
  chmod 777 "$T/volume"
  script 'grow_cache() { stat -c %a $MOUNT_POINT >$RUN/mode; }; MIN_FREE_GIB=0; mount_cache'
  equal 700 "$(<"$T/run/mode")"
}

@test "mount_cache: refuses too little free space" {
  stub df 'printf "Avail\n 5000\n"'
  refused_with '5000 MiB are free on the cache volume, min_free is 5 GiB' 'MIN_FREE_GIB=5; mount_cache'
}

@test "mount_cache: refuses a full volume whatever min_free is" {
  stub df 'printf "Avail\n 100\n"'
  refused_with '100 MiB are free on the cache volume, min_free is 0 GiB' 'MIN_FREE_GIB=0; mount_cache'
}

@test "mount_cache: a file system that does not grow is used as it is, and nothing is left from trying to write" {
  stub xfs_growfs 'exit 1'
  script 'MIN_FREE_GIB=0; mount_cache'
  equal '' "$(ls -A "$T/volume")"
}

@test "mount_cache: refuses what cannot be written to, though it is mounted" {
  stub dd 'exit 1'
  refused_with '/dev/nvme1n1 cannot be written to' 'MIN_FREE_GIB=0; mount_cache'
  called 'dd if=/dev/zero * conv=fsync'
}

@test "grow_cache: by the file system's tool, and an XFS without it by python3 alone" {
  script 'grow_cache; DISK_TYPE=ext4 grow_cache'
  called "xfs_growfs $T/volume"
  called 'resize2fs /dev/nvme1n1'
  : >"$CALLS"
  stub python3
  script 'command() { false; }; grow_cache'
  called "python3 -I -S */grow-xfs.py /dev/nvme1n1 $T/volume"
}

mount="MIN_FREE_GIB=0; mount_cache"

# list FOLDER: names of what is in it.
list() { find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs; }

@test "clean_cache: at the first mount, what no seal keeps is removed, and the mark is on the root disk" {
  sealed
  mkdir -p "$T/volume/"{mine,docker/containers/c1,docker/volumes/v1,docker/plugins,docker/runtimes,docker/swarm,docker/image/btrfs,.docker-cache/old}
  touch "$T/volume/"{su,docker/engine-id,.docker-cache/written}
  script "$mount"
  equal '.docker-cache containerd docker lost+found' "$(list "$T/volume")"
  equal 'image overlay2' "$(list "$T/volume/docker")"
  equal 'overlay2' "$(ls -A "$T/volume/docker/image")"
  equal 'facts hot-set manifest.json store' "$(list "$T/volume/.docker-cache")"
  equal 'i-1 u-1 vol1' "$(<"$T/home/mounted")"
  equal 700 "$(stat -c %a "$T/volume")"
}

@test "clean_cache: removes nothing if this instance has had this disk before, and all if another instance or another disk was" {
  local mark
  sealed
  mkdir "$T/volume/docker/containers"
  echo 'i-1 u-1 vol1' >"$T/home/mounted"
  script "$mount"
  [[ -d "$T/volume/docker/containers" ]]
  for mark in 'i-2 u-1 vol1' 'i-1 u-2 vol1' 'i-1 u-1 vol2'; do
    mkdir -p "$T/volume/docker/containers"
    echo "$mark" >"$T/home/mounted"
    script "$mount"
    [[ ! -e "$T/volume/docker/containers" ]]
    equal 'i-1 u-1 vol1' "$(<"$T/home/mounted")"
  done
}

@test "clean_cache: refuses what it cannot remove, and does not mark it" {
  local name
  for name in docker/containers mine .docker-cache/old docker/image/btrfs; do
    sealed
    mkdir -p "$T/volume/$name"
    # As a file that chattr has made immutable.
    stub rm "[[ \"\$*\" != *'/$name' ]] && /bin/rm \"\$@\""
    refused_with '/dev/nvme1n1 holds what no build leaves there' "$mount"
    [[ ! -e "$T/home/mounted" ]]
  done
}

@test "clean_cache: refuses links and pipes in the place of what is kept, and nothing is changed where they point" {
  local name kind
  mkdir "$T/host"
  touch "$T/host/canary"
  for name in docker docker/image docker/image/overlay2 docker/image/overlay2/repositories.json docker/image/overlay2/layerdb docker/overlay2 \
    .docker-cache containerd containerd/io.containerd.{metadata.v1.bolt,content.v1.content,snapshotter.v1.overlayfs}; do
    for kind in "ln -s $T/host" "ln -s $T/nowhere" mkfifo; do
      sealed
      rm -r "${T:?}/volume/$name"
      $kind "$T/volume/$name"
      refused_with '/dev/nvme1n1 holds what no build leaves there' "$mount"
      equal canary "$(ls -A "$T/host")"
      [[ ! -e "$T/nowhere" ]]
    done
  done
}

@test "clean_cache: refuses what would lead Docker or containerd elsewhere, make them read without end, or start something" {
  local -a evil=(
    'printf ../../../../etc >"$CHAIN/cache-id"'
    'printf "x\n../../../../etc" >"$CHAIN/cache-id"'
    'rm "$CHAIN/cache-id"; mkfifo "$CHAIN/cache-id"'
    'mv "$CHAIN" "$CHAIN-1-removing"'
    'mv "$CHAIN" "$CHAIN"$'"'\n'"'-removing'
    'printf ../../../../../etc >"$LAYER/link"'
    'printf "l/$LINK:../../../../etc" >"$LAYER/lower"'
    'printf "l/$LINK\n:../../../../etc" >"$LAYER/lower"'
    'rm "$LAYER/lower"; ln -s /etc/passwd "$LAYER/lower"'
    'rm -r "$LAYER/diff"; ln -s /etc "$LAYER/diff"'
    'rm -r "$LAYER"; ln -s /etc "$LAYER"'
    'ln -sfn /etc "$T/volume/docker/overlay2/l/$LINK"'
    'ln -sfn ../../../../../etc "$T/volume/docker/overlay2/l/$LINK"'
    'rm "$T/volume/docker/overlay2/l/$LINK"; mkfifo "$T/volume/docker/overlay2/l/$LINK"'
    'truncate -s 10G "$T/volume/docker/image/overlay2/repositories.json"'
    'truncate -s 10G "$LAYER/lower"'
    'echo "x containerd.io/restart.status x" >"$T/volume/containerd/io.containerd.metadata.v1.bolt/meta.db"'
    'ln -sf /etc/passwd "$T/volume/containerd/io.containerd.content.v1.content/blobs/sha256/b1"'
    'ln -sf /etc/passwd "$T/volume/containerd/io.containerd.snapshotter.v1.overlayfs/metadata.db"'
    'rmdir "$T/volume/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs"; ln -s / "$T/volume/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs"'
  )
  local one store
  for one in "${evil[@]}"; do
    sealed
    eval "$one"
    store=overlay2
    [[ "$one" != *containerd* ]] || store=containerd
    ! script "IMAGE_STORE=$store; $mount" 2>/dev/null || { echo "not refused: $one" && return 1; }
    equal '/dev/nvme1n1 holds what no build leaves there' "$(<"$T/run/reason")"
    [[ ! -e "$T/home/mounted" ]]
  done
  sealed
  script 'clean_cache; IMAGE_STORE=containerd clean_cache'
}

@test "mount_cache: a volume that takes no writes, or is full, is not marked: what was removed may come back" {
  sealed
  stub dd 'exit 1'
  refused_with '/dev/nvme1n1 cannot be written to' "$mount"
  [[ ! -e "$T/home/mounted" ]]
  stub dd
  rm "$T/run/reason"
  # The disk of the tests is written to by others meanwhile.
  stub df 'printf "Avail\n4321\n"'
  refused_with '4321 MiB are free on the cache volume, min_free is 9000000 GiB' 'MIN_FREE_GIB=9000000; mount_cache'
  [[ ! -e "$T/home/mounted" ]]
}

@test "mount_cache: nothing is refused while the file system is still being grown" {
  sealed
  mkfifo "$T/volume/docker/image/overlay2/repositories.json.fifo"
  script "grow_cache() { sleep 0.3; touch \$RUN/grown; }; $mount" 2>/dev/null || [[ -e "$T/run/grown" ]]
  equal '/dev/nvme1n1 holds what no build leaves there' "$(<"$T/run/reason")"
}

@test "clean_cache: closes to others what was open" {
  sealed
  chmod -R 777 "$T/volume/docker" "$T/volume/containerd"
  script "$mount"
  equal '' "$(find "$T/volume/docker" "$T/volume/containerd" -maxdepth 1 -perm /077)"
}

@test "unmount_cache: only what comes from the cache volume, the last one first, lazily if it is busy" {
  stub umount '[[ "$1" == -l ]]'
  # None of these folders is there to be asked: the file system may have failed.
  mounted "$T/volume" '/a\040b' /gone
  printf '40 22 0:5 / /proc rw - proc proc rw\n' >>"$T/mounts"
  script unmount_cache
  equal "umount /gone umount -l /gone umount /a b umount -l /a b umount $T/volume umount -l $T/volume" "$(xargs <"$CALLS")"
}

@test "unmount_cache: nothing while Docker or one of its containers may use it" {
  local name
  mounted "$T/volume" /var/lib/docker
  mkdir "$T/proc/7"
  printf '/usr/bin/containerd-shim-runc-v2\0-namespace\0moby\0' >"$T/proc/7/cmdline"
  for name in dockerd containerd-shim; do
    echo "$name" >"$T/proc/7/comm"
    run script unmount_cache
    equal 1 "$status"
    uncalled 'umount *'
  done
}

@test "unmount_cache: never lazily if Docker has come up meanwhile" {
  mounted "$T/volume"
  stub umount 'mkdir $T/proc/7; echo dockerd >$T/proc/7/comm; exit 1'
  run script unmount_cache
  equal 1 "$status"
  uncalled 'umount -l *'
}

@test "list_cache_mounts: none if no volume is mounted at its place" {
  mounted /var/lib/docker
  equal 0 "$(script 'list_cache_mounts; echo ${#CACHE_MOUNTS[@]}')"
}

@test "order_unmounts: for each root of Docker's, under the name of its mount unit" {
  local drop_in
  stub systemd-escape 'printf "%s " "srv-my\\x2ddocker.mount" var-lib-containerd.mount'
  script 'DOCKER_ROOT=/srv/my-docker; order_unmounts'
  called 'systemd-escape --path --suffix=mount /srv/my-docker /var/lib/containerd'
  for drop_in in 'srv-my\x2ddocker' var-lib-containerd; do
    equal $'[Unit]\nAfter=swap.target' "$(<"$T/runtime-units/$drop_in.mount.d/docker-cache.conf")"
  done
}

@test "move_docker: the order is there before systemd sees the mount; without it Docker is moved all the same" {
  stub systemd-escape 'echo var-lib-docker.mount'
  script 'bind_docker_roots() { ls "$RUNTIME_UNIT_FOLDER"; }; pin_image_store() { :; }; move_docker' >"$T/seen"
  equal 'var-lib-docker.mount.d' "$(<"$T/seen")"
  stub systemd-escape 'exit 1'
  script 'bind_docker_roots() { echo bound; }; pin_image_store() { :; }; move_docker' >"$T/seen" 2>/dev/null
  equal bound "$(<"$T/seen")"
}
