# What Docker and containerd know of the images on a volume: fails unless it stays on the volume.
#
#     check-store.py MOUNT-POINT SEALED
#
# SEALED is a file that says `kept` once nothing else lies there; it is read first. Docker and containerd join what stands in these files to paths of their
# own, mount what is there, and delete it with the image or as they stop; they check none of it (docs/security.md). Each level of folders at once: on a
# volume that is being loaded, each look waits.
import os, re, sys
from threading import Thread

TEXTS = {
    "docker/overlay2/[^/]+/(link|lower)": "(l/)?[A-Z0-9]{26}(:l/[A-Z0-9]{26})*",
    ".*/layerdb/sha256/[^/]+/cache-id": "[0-9a-z-]+",
}


# All of the text, also if it has lines.
def fits(pattern, text):
    return re.fullmatch(pattern, text, re.S)


# An entry of a folder that is looked into.
def is_good(entry, path):
    if entry.is_symlink():
        return fits("docker/overlay2/l/[^/]+", path) and fits(r"\.\./[0-9a-z-]+/diff", os.readlink(path))
    if entry.is_dir():
        # dockerd deletes what others name, as it stops.
        return not fits(".*/layerdb/sha256/[^/]+", path) or fits("[0-9a-f]{64}", entry.name)
    if not entry.is_file() or "content.v1" not in path and entry.stat().st_size > 1 << 28:
        return False
    for pattern, text in TEXTS.items():
        if fits(pattern, path):
            return fits(text, open(path, newline="").read())
    # containerd starts containers that have its label for that.
    return "v1.bolt" not in path or b"containerd.io/restart." not in open(path, "rb").read()


# Looks into folders: leaves what is bad, and folders in them that are to be looked into.
def check_folders(folders):
    try:
        for entry in (entry for folder in folders for entry in os.scandir(folder)):
            if not is_good(entry, entry.path):
                bad.append(entry.path)
            # Files of images are their own affair.
            elif entry.is_dir() and not fits("docker/overlay2/[^/]+/.*|containerd/[^/]+/snapshots/[^/]+/.*", entry.path):
                inner.append(entry.path)
    except (OSError, ValueError) as error:
        bad.append(error)


if open(sys.argv[2]).read() != "kept\n":
    sys.exit(1)
os.chdir(sys.argv[1])
folders, bad = [name for name in ("docker", "containerd") if os.path.isdir(name)], []
while folders:
    inner = []
    threads = [Thread(target=check_folders, args=(folders[lane::16],)) for lane in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    folders = inner
    if bad:
        sys.exit(ascii(bad[0]))
