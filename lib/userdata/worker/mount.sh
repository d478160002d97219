# shellcheck shell=bash
# Mounts the cache volume, and takes it away again.

# mount_cache: read-write, grown to the volume, with enough room.
mount_cache() {
  local free
  mount_read_write "$DISK" "$DISK_TYPE" || refuse "$DISK cannot be mounted read-write"
  grow_file_system "$DISK" "$DISK_TYPE" || log "the file system was not grown to the volume"
  free=$(($(df --output=avail -B 1M "$MOUNT_POINT" | tail -n 1)))
  # On a full volume Docker starts, but no container does.
  ((free >= MIN_FREE_GIB * 1024 && free >= 256)) || refuse "$free MiB are free on the cache volume, min_free is $MIN_FREE_GIB GiB"
}

# unmount_cache: what is mounted from the cache volume, innermost first.
unmount_cache() {
  local folder
  umount -l "$RUN/probe" 2>/dev/null || true
  for folder in "$CONTAINERD_ROOT" "$DOCKER_ROOT" "$MOUNT_POINT"; do
    ! is_on_cache_volume "$folder" || umount "$folder" || umount -l "$folder"
  done
}
