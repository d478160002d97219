# shellcheck shell=bash
# Mounts the cache volume, and takes it away again: before Docker runs on it, or after it has been stopped, and never from under it.

# mount_cache: read-write, with enough room, and with nothing on it but what a seal keeps. Docker waits, so these are done at once.
mount_cache() {
  is_on_cache_volume "$MOUNT_POINT" || mount_read_write "$DISK" "$DISK_TYPE" || refuse "$DISK cannot be mounted read-write"
  make_room &
  ROOM_MAKER=$!
  # Nothing is unmounted while it grows.
  trap 'wait "$ROOM_MAKER"' EXIT
  clean_cache
  wait "$ROOM_MAKER" || exit
  trap - EXIT
  check_writing || refuse "$DISK cannot be written to"
  # Not before: what was removed must be gone for good.
  printf '%s\n' "$INSTANCE_ID $DISK_UUID $DISK_SERIAL" >"$WORKER_HOME/mounted.new"
  mv "$WORKER_HOME/mounted.new" "$WORKER_HOME/mounted"
}

# make_room: grows the file system to the volume; refuses if it is full all the same.
make_room() {
  local free
  grow_cache || log "the file system was not grown to the volume"
  free=$(($(df --output=avail -B 1M "$MOUNT_POINT" | tail -n 1)))
  # On a full volume Docker starts, but no container does.
  ((free >= MIN_FREE_GIB * 1024 && free >= 256)) || refuse "$free MiB are free on the cache volume, min_free is $MIN_FREE_GIB GiB"
}

# clean_cache: at this instance's first mount of this file system, before Docker runs on it: removes containers and whatever else would become Docker's.
# At later boots they are this instance's own. The mark, which mount_cache sets, is on the root disk: the volume could say anything.
clean_cache() {
  ! is_marked "$DISK_UUID" "$DISK_SERIAL" || return 0
  # python3 comes up while things are removed, and waits for the end of that.
  check_store "$MOUNT_POINT" <(keep_sealed && remove_all_but .docker-cache "${MANIFEST_PATH##*/}" "${FACTS_PATH##*/}" "${HOT_SET_PATH##*/}" store && echo kept) ||
    refuse "$DISK holds what no build leaves there"
}

# grow_cache: as grow_file_system, but on images without xfsprogs too (Debian's cloud images have none).
grow_cache() {
  if [[ "$DISK_TYPE" != xfs ]] || command -v xfs_growfs >/dev/null; then
    grow_file_system "$DISK" "$DISK_TYPE"
    return
  fi
  grow_xfs "$DISK" "$MOUNT_POINT"
}

# check_writing: a file system that lost its lists of free space can be mounted and read, and drops what is written to it. One block, to the device,
# in a file that was not there before. What was removed until then is gone too.
check_writing() {
  local path
  path="$(mktemp "$MOUNT_POINT/.written.XXXXXXXX")" && dd if=/dev/zero of="$path" bs=4K count=1 conv=fsync 2>/dev/null && rm "$path"
}

# is_docker_alive any|keepers: true if a process lives that may have files open on the volume: Docker's, or the keeper of a container, which outlives it; by
# the kernel's list. With containerd's store also containerd, and keepers of others' containers. `keepers`: only they count.
is_docker_alive() {
  local path name
  local -a words
  for path in "$PROC"/[0-9]*; do
    read -r name 2>/dev/null <"$path/comm" || continue
    case "$name $IMAGE_STORE $1" in
      "dockerd $IMAGE_STORE any" | 'containerd containerd any' | containerd-shim\ containerd*) return 0 ;;
      containerd-shim*)
        mapfile -d '' -t words 2>/dev/null <"$path/cmdline" || continue
        [[ "${words[*]}" != *'-namespace moby'* ]] || return 0
        ;;
    esac
  done
  return 1
}

# unmount_cache: unmounts everything from the cache volume, innermost first: some folders twice, for a dockerd that was killed has left its own mount
# over ours. A file system that has failed cannot be unmounted but lazily; that is never done, nor anything else, while Docker may use it.
unmount_cache() {
  local folder
  [[ "$(<"$MOUNT_INFO")" != *" $RUN/probe "* ]] || umount "$RUN/probe" || umount -l "$RUN/probe" || true
  list_cache_mounts
  ((${#CACHE_MOUNTS[@]} <= 1)) || ! is_docker_alive any || return
  for folder in "${CACHE_MOUNTS[@]}"; do
    ! is_on_cache_volume "$folder" || umount "$folder" || {
      ! is_docker_alive any && umount -l "$folder"
    } || return
  done
}

# order_unmounts: Docker's folders are unmounted before swap is turned off. systemd wants that of a tmpfs alone, and drops the order as it unmounts one that
# somebody has mounted over ours; its job for swap.target then waits for ever (docs/decisions/0003-bind-mounts.md). A file's order is never dropped. It
# is read as systemd first sees our mount: nothing is reloaded.
order_unmounts() {
  local unit
  for unit in $(systemd-escape --path --suffix=mount "$DOCKER_ROOT" "$CONTAINERD_ROOT"); do
    mkdir -p "$RUNTIME_UNIT_FOLDER/$unit.d"
    printf '[Unit]\nAfter=swap.target\n' >"$RUNTIME_UNIT_FOLDER/$unit.d/docker-cache.conf"
  done
}

# unbind_docker_roots: the volume stays mounted at its own place. What somebody has mounted over a root stays, and is mounted over.
unbind_docker_roots() {
  local folder
  list_cache_mounts
  for folder in "${CACHE_MOUNTS[@]}"; do
    [[ "$folder" == "$MOUNT_POINT" ]] || ! is_on_cache_volume "$folder" || umount "$folder" || return
  done
}

# list_cache_mounts: sets CACHE_MOUNTS to the folders at which the file system at the mount point is mounted, the last one first.
list_cache_mounts() {
  local device point cache=''
  CACHE_MOUNTS=()
  while read -r _ _ device _ point _; do [[ "$point" != "$MOUNT_POINT" ]] || cache="$device"; done <"$MOUNT_INFO"
  [[ -n "$cache" ]] || return 0
  while read -r _ _ device _ point _; do
    [[ "$device" != "$cache" ]] || CACHE_MOUNTS=("${point//\\040/ }" "${CACHE_MOUNTS[@]}")
  done <"$MOUNT_INFO"
}
