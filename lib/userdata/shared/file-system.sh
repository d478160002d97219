# shellcheck shell=bash
# The file system on the cache volume. It lies on the whole disk, without a partition, so that growing it is one step.

# name_mount_options TYPE: nouuid, since a clone of the same file system may be mounted on the host. What an ext4 says of errors itself may be `panic`.
name_mount_options() { if [[ "$1" == xfs ]]; then printf noatime,nouuid; else printf noatime,errors=remount-ro; fi; }

# mount_read_only DISK TYPE FOLDER: without recovery, so that not a byte is written; nothing on it is a program or a device.
mount_read_only() {
  mkdir -p -- "$3"
  mount --read-only --options "norecovery,nodev,nosuid,noexec,$(name_mount_options "$2")" --types "$2" "$1" "$3"
}

# mount_read_write DISK TYPE: at the mount point, closed to everybody but root. Fails on a disk that is write-protected. Private: what somebody mounts
# over one of its folders that is bound elsewhere shall not appear here as well, and be bound in its place.
mount_read_write() {
  mkdir -p "$MOUNT_POINT"
  mount --read-write --make-private --options "$(name_mount_options "$2")$DOCKER_QUOTA" --types "$2" "$1" "$MOUNT_POINT" && chmod 700 "$MOUNT_POINT"
}

# read_small FILE [MOST-BYTES]: prints at most so many bytes (1 MiB) of a regular file. Fails if it, or its folder, is a link or anything else.
read_small() { [[ -f "$1" && ! -L "$1" && ! -L "${1%/*}" ]] && head -c "${2:-1048576}" -- "$1"; }

# grow_file_system DISK TYPE: to the size of the volume; mounted at the mount point.
grow_file_system() {
  if [[ "$2" == xfs ]]; then xfs_growfs "$MOUNT_POINT" >/dev/null; else resize2fs "$1" &>/dev/null; fi
}
