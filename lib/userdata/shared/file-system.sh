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
  case "$2" in
    ext4) resize2fs "$1" &>/dev/null ;;
    *) if command -v xfs_growfs >/dev/null; then xfs_growfs "$MOUNT_POINT" >/dev/null; else grow_xfs "$1"; fi ;;
  esac
}

# grow_xfs DISK: what xfs_growfs does, where a worker's image has no xfsprogs (Debian's have none): XFS_IOC_FSGROWFSDATA, with the number of blocks,
# and with the share of the disk that inodes may have as it is in the superblock.
grow_xfs() {
  python3 - "$1" "$MOUNT_POINT" <<'PY'
import fcntl, os, struct, sys
disk = open(sys.argv[1], "rb")
block, = struct.unpack(">I", disk.read(128)[4:8])
disk.seek(127)
share = disk.read(1)[0]
blocks = disk.seek(0, os.SEEK_END) // block
folder = os.open(sys.argv[2], os.O_RDONLY)
fcntl.ioctl(folder, 0x4010586E, struct.pack("=QIxxxx", blocks, share))
PY
}
