"""An EBS volume made from a snapshot, as a file: the first touch of a block waits as if the block came from S3.

usage: lazy-blocks.py at=FILE file=VOLUME report=FILE first_touch_ms=MILLISECONDS [first_touch_mib=MEBIBYTES_PER_SECOND]
       [rate_mib=MEBIBYTES_PER_SECOND]

It is mounted over the file `at`, and prints `ready` once it is. VOLUME begins as a copy of the snapshot. Blocks are of 512 KiB. Those that the
snapshot does not hold (holes) never wait, nor does one that is written whole; a block that is written in part is loaded first. With
first_touch_mib, all first touches together get no more than that: blocks come one behind the other, each at the earliest when its own wait is over.
With rate_mib, blocks are also loaded in the background, in order, at that rate, which takes nothing from the touches.
REPORT is kept up to date as JSON: how many blocks there are to load, how many were loaded, and how many of these for a reader or writer.
"""

import io
import json
import os
import sys
import threading
import time

import fuse_file

BLOCK_BYTES = 512 * 1024

settings = {}
volume = None
size = 0
# One byte for each block: 1 while it is still to be loaded.
pending = bytearray()
loading = {}
lock = threading.Lock()
counts = {"blocks": 0, "loaded": 0, "touched": 0}
# When the throughput of first touches is free again.
free_at = 0.0


def find_blocks():
    global volume, size, pending
    volume = os.open(settings["file"], os.O_RDWR)
    size = os.fstat(volume).st_size
    pending = bytearray(-(-size // BLOCK_BYTES))
    position = 0
    while position < size:
        try:
            start = os.lseek(volume, position, os.SEEK_DATA)
        except OSError:
            break
        position = os.lseek(volume, start, os.SEEK_HOLE)
        for block in range(start // BLOCK_BYTES, -(-position // BLOCK_BYTES)):
            pending[block] = 1
    counts["blocks"] = sum(pending)


def start_threads():
    threading.Thread(target=report_always, daemon=True).start()
    if "rate_mib" in settings:
        threading.Thread(target=load_all, args=(float(settings["rate_mib"]),), daemon=True).start()


def report_always():
    reported = None
    while True:
        if counts != reported:
            reported = dict(counts)
            with io.open(settings["report"] + ".new", "w") as file:
                json.dump(reported, file)
            os.rename(settings["report"] + ".new", settings["report"])
        time.sleep(0.05)


def load_all(rate_mib):
    began = time.monotonic()
    for number, block in enumerate([block for block, is_pending in enumerate(pending) if is_pending]):
        time.sleep(max(0, began + number * BLOCK_BYTES / (rate_mib * 1024 * 1024) - time.monotonic()))
        with lock:
            mark_loaded(block)


def mark_loaded(block):
    if pending[block]:
        pending[block] = 0
        counts["loaded"] += 1


def load(block):
    """Waits for a block as for S3; a caller that comes while another waits for it waits along."""
    with lock:
        if not pending[block]:
            return
        arrival = loading.get(block)
        is_first = arrival is None
        if is_first:
            arrival = loading[block] = threading.Event()
    if not is_first:
        arrival.wait()
        return
    time.sleep(max(0, touch_ends_at() - time.monotonic()))
    with lock:
        if pending[block]:
            counts["touched"] += 1
        mark_loaded(block)
        del loading[block]
    arrival.set()


def touch_ends_at():
    """The moment at which a first touch that begins now has its block."""
    global free_at
    now = time.monotonic()
    ends_at = now + float(settings["first_touch_ms"]) / 1000
    if "first_touch_mib" not in settings:
        return ends_at
    with lock:
        free_at = max(now, free_at) + BLOCK_BYTES / (float(settings["first_touch_mib"]) * 1024 * 1024)
        return max(ends_at, free_at)


def touch(offset, count, is_write):
    for block in range(offset // BLOCK_BYTES, (offset + count - 1) // BLOCK_BYTES + 1):
        if not pending[block]:
            continue
        is_whole = offset <= block * BLOCK_BYTES and offset + count >= min((block + 1) * BLOCK_BYTES, size)
        if is_write and is_whole:
            with lock:
                mark_loaded(block)
        else:
            load(block)


class Volume(fuse_file.File):
    def read(self, offset, count):
        touch(offset, count, False)
        return os.pread(volume, count, offset)

    def write(self, offset, data):
        touch(offset, len(data), True)
        os.pwrite(volume, data, offset)

    def sync(self):
        os.fdatasync(volume)


def main():
    settings.update(argument.split("=", 1) for argument in sys.argv[1:])
    find_blocks()
    start_threads()
    served = Volume()
    served.size = size
    fuse_file.serve(settings["at"], served, lambda: print("ready", flush=True))


if __name__ == "__main__":
    main()
