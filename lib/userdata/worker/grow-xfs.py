# Grows a mounted XFS to its disk, as xfs_growfs does.
#
#     grow-xfs.py DISK MOUNT-POINT
import fcntl, os, struct, sys

disk = open(sys.argv[1], "rb")
superblock = disk.read(128)
blocks = disk.seek(0, os.SEEK_END) // struct.unpack_from(">I", superblock, 4)[0]
# XFS_IOC_FSGROWFSDATA: the number of blocks, and the share of the disk that inodes may have as the superblock says it.
fcntl.ioctl(os.open(sys.argv[2], os.O_RDONLY), 0x4010586E, struct.pack("=QIxxxx", blocks, superblock[127]))
