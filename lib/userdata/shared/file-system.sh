# shellcheck shell=bash
# The file system on the cache volume. It lies on the whole disk, without a partition, so that growing it is one step.

# name_mount_options TYPE: nouuid, since a clone of the same file system may be mounted on the host.
name_mount_options() { if [[ "$1" == xfs ]]; then printf nouuid; else printf defaults; fi; }

# mount_read_only DISK TYPE FOLDER: without recovery, so that not a byte is written.
mount_read_only() {
  mkdir -p -- "$3"
  mount --read-only --options "norecovery,$(name_mount_options "$2")" --types "$2" "$1" "$3"
}

# mount_read_write DISK TYPE: at the mount point. Fails on a disk that is write-protected.
mount_read_write() {
  mkdir -p "$MOUNT_POINT"
  mount --read-write --options "$(name_mount_options "$2")" --types "$2" "$1" "$MOUNT_POINT"
}

# grow_file_system DISK TYPE: to the size of the volume; mounted at the mount point.
grow_file_system() {
  if [[ "$2" == xfs ]]; then xfs_growfs "$MOUNT_POINT" >/dev/null; else resize2fs "$1" &>/dev/null; fi
}
