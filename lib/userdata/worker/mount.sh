# shellcheck shell=bash
# Mounts the cache volume, and takes it away again.

# mount_cache: read-write, grown to the volume, with enough room.
mount_cache() {
  local free
  mount_read_write "$DISK" "$DISK_TYPE" || refuse "$DISK cannot be mounted read-write"
  grow_cache || log "the file system was not grown to the volume"
  free=$(($(df --output=avail -B 1M "$MOUNT_POINT" | tail -n 1)))
  # On a full volume Docker starts, but no container does.
  ((free >= MIN_FREE_GIB * 1024 && free >= 256)) || refuse "$free MiB are free on the cache volume, min_free is $MIN_FREE_GIB GiB"
  check_writing || refuse "$DISK cannot be written to"
}

# grow_cache: as grow_file_system, but on images without xfsprogs too (Debian's cloud images have none). It is what xfs_growfs does: XFS_IOC_FSGROWFSDATA
# with the number of blocks, and with the share of the disk that inodes may have as the superblock says it.
grow_cache() {
  if [[ "$DISK_TYPE" != xfs ]] || command -v xfs_growfs >/dev/null; then
    grow_file_system "$DISK" "$DISK_TYPE"
    return
  fi
  python3 - "$DISK" "$MOUNT_POINT" <<'PY'
import fcntl, os, struct, sys
disk = open(sys.argv[1], "rb")
superblock = disk.read(128)
blocks = disk.seek(0, os.SEEK_END) // struct.unpack_from(">I", superblock, 4)[0]
fcntl.ioctl(os.open(sys.argv[2], os.O_RDONLY), 0x4010586E, struct.pack("=QIxxxx", blocks, superblock[127]))
PY
}

# check_writing: a file system that lost its lists of free space can be mounted and read, and drops what is written to it. One block, to the device.
check_writing() {
  local path="$MOUNT_POINT/.docker-cache/written"
  dd if=/dev/zero of="$path" bs=4K count=1 conv=fsync 2>/dev/null && rm "$path"
}

# unmount_cache: unmounts everything from the cache volume, innermost first.
unmount_cache() {
  local folder
  umount -l "$RUN/probe" 2>/dev/null || true
  # Some twice: a dockerd that was killed has left its own mount over ours.
  for folder in "$CONTAINERD_ROOT" "$CONTAINERD_ROOT" "$DOCKER_ROOT" "$DOCKER_ROOT" "$MOUNT_POINT"; do
    ! is_on_cache_volume "$folder" || umount "$folder" || umount -l "$folder"
  done
}
