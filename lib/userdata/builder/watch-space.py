# Notes that a file system was nearly full at a moment: looks often, since what takes the space may give it back at once.
#
#     watch-space.py FOLDER GOING-ON FULL
#
# Ends when the file GOING-ON is gone. Makes the file FULL if there was less room than is written between two looks, for bytes or for files: of a small
# file system a twentieth.
import os, sys, time

folder, going_on, full = sys.argv[1:]
LEAST_BYTES, LEAST_FILES = 256 << 20, 10_000


# True if so little of something is free.
def is_low(free, total, least):
    return free < min(least, total // 20)

while os.path.exists(going_on):
    now = os.statvfs(folder)
    if is_low(now.f_bfree * now.f_frsize, now.f_blocks * now.f_frsize, LEAST_BYTES) or is_low(now.f_ffree, now.f_files, LEAST_FILES):
        open(full, "w").close()
        break
    time.sleep(0.05)
