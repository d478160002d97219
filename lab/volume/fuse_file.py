"""One file, served to the kernel by the protocol of /dev/fuse (include/uapi/linux/fuse.h), by many threads, without a library.

libfuse's own tools answer ten requests at a time. A volume that is loaded answers beside one that waits, and so must a file that stands for it.
"""

import ctypes
import errno
import os
import stat
import struct
import threading
import traceback

THREADS = 128
REQUEST_BYTES = 512 * 1024
PAGE_BYTES = 4096

IN_HEADER = struct.Struct("=IIQQIIIHH")
OUT_HEADER = struct.Struct("=IiQ")
ACCESS = struct.Struct("=QQI")
# Offset, and length, of what READ and WRITE carry behind their header.
ACCESS_BYTES = 40

FORGET, GETATTR, SETATTR, OPEN, READ, WRITE, RELEASE, FSYNC, FLUSH, INIT, INTERRUPT, BATCH_FORGET = (
    2, 3, 4, 14, 15, 16, 18, 20, 25, 26, 36, 42,
)  # fmt: skip
UNANSWERED = (FORGET, INTERRUPT, BATCH_FORGET)

ASYNC_READ, BIG_WRITES, ASYNC_DIRECT_IO, MAX_PAGES = 1 << 0, 1 << 5, 1 << 15, 1 << 22
# The page cache of the file outlives an open; direct writes may go side by side.
KEEP_CACHE, PARALLEL_DIRECT_WRITES = 1 << 1, 1 << 6
SECONDS_KNOWN = 3600


class File:
    """What serves the file: override these. They are called by many threads at a time."""

    size = 0

    def read(self, offset, count):
        """The bytes at `offset`."""
        raise NotImplementedError

    def write(self, offset, data):
        """Writes all of `data` at `offset`."""
        raise NotImplementedError

    def sync(self):
        """Returns once all that was written is on the disk."""
        raise NotImplementedError


def serve(path, file, ready):
    """Stands for the file at `path`, which must exist, until it is unmounted. Calls `ready` once it does."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode={stat.S_IFREG:o},user_id=0,group_id=0,max_read={REQUEST_BYTES}"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"lazy", os.fsencode(path), b"fuse.lazy", 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {path}")
    workers = [threading.Thread(target=answer_all, args=(device, file)) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    ready()
    for worker in workers:
        worker.join()


def answer_all(device, file):
    request = bytearray(REQUEST_BYTES + PAGE_BYTES)
    while True:
        try:
            count = os.readv(device, [request])
        except OSError as error:
            if error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT):
                continue
            # Unmounted.
            return
        _, operation, unique, *_ = IN_HEADER.unpack_from(request)
        if operation in UNANSWERED:
            continue
        status, answer = 0, b""
        try:
            answer = perform(file, operation, memoryview(request)[IN_HEADER.size : count])
        except OSError as error:
            status = -(error.errno or errno.EIO)
        except Exception:
            traceback.print_exc()
            status = -errno.EIO
        reply(device, unique, status, answer)


def reply(device, unique, status, answer):
    try:
        os.writev(device, [OUT_HEADER.pack(OUT_HEADER.size + len(answer), status, unique), answer])
    except OSError as error:
        # Whoever asked has gone.
        if error.errno not in (errno.ENOENT, errno.ENODEV):
            raise


def perform(file, operation, body):
    """The answer to a request, behind its header."""
    if operation == READ:
        _, offset, count = ACCESS.unpack_from(body)
        return file.read(offset, count)
    if operation == WRITE:
        _, offset, count = ACCESS.unpack_from(body)
        file.write(offset, body[ACCESS_BYTES : ACCESS_BYTES + count])
        return struct.pack("=II", count, 0)
    if operation in (GETATTR, SETATTR):
        return attributes(file)
    if operation == OPEN:
        return struct.pack("=QIi", 0, KEEP_CACHE | PARALLEL_DIRECT_WRITES, 0)
    if operation == FSYNC:
        file.sync()
        return b""
    if operation in (RELEASE, FLUSH):
        return b""
    if operation == INIT:
        return greeting(body)
    raise OSError(errno.ENOSYS, "")


def greeting(body):
    _, _, read_ahead, offered = struct.unpack_from("=IIII", body)
    flags = offered & (ASYNC_READ | BIG_WRITES | ASYNC_DIRECT_IO | MAX_PAGES)
    sizes = struct.pack("=HHIIHHI", THREADS, THREADS, REQUEST_BYTES, 1, REQUEST_BYTES // PAGE_BYTES, 0, 0)
    return struct.pack("=IIII", 7, 31, read_ahead, flags) + sizes + bytes(28)


def attributes(file):
    known = struct.pack("=QII", SECONDS_KNOWN, 0, 0)
    numbers = struct.pack("=QQQQQQ", 1, file.size, file.size // 512, 0, 0, 0)
    return known + numbers + struct.pack("=IIIIIIIIII", 0, 0, 0, stat.S_IFREG | 0o600, 1, 0, 0, 0, PAGE_BYTES, 0)
