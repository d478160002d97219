# Reads a disk before it is asked for: on a volume made from a snapshot, every first touch of a block waits for S3. With direct I/O: the aim is a
# loaded volume, not a filled page cache. What is on the disk is not trusted, and a block that cannot be read keeps no other from being read.
#
#     read-ahead.py heads DISK xfs|ext4
#     read-ahead.py ranges DISK HOT-SET hot|all RATE PROGRESS STOP BLOCKS
#
# heads: what a mount reads first. ranges: the hot set, and with `all` the rest: behind everything else, at RATE MiB/s (empty: as fast as it goes),
# until the file STOP is there. BLOCKS is how many came from the snapshot, PROGRESS a file that says how far it is. Fails if it was stopped.
import mmap, os, re, stat, struct, sys, threading, time

UNIT = 512 << 10
BEGAN = time.monotonic()
lock = threading.Lock()


# Starts threads that take turns at the items: each calls READ with a file, a buffer and an item, until one says that it is over.
def start(count, items, read):
    items = iter(items)

    def work():
        try:
            file = os.open(disk, os.O_RDONLY | os.O_DIRECT)
        except OSError:
            file = os.open(disk, os.O_RDONLY)
        buffer = memoryview(mmap.mmap(-1, 2 * UNIT))
        while True:
            with lock:
                item = next(items, None)
            if item is None or read(file, buffer, *item):
                return

    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


# Reads blocks at once; if one of them fails, those behind it by themselves.
def touch(file, buffer, block, count):
    end = block + count
    while block < end:
        try:
            got = os.preadv(file, [buffer[: (end - block) * UNIT]], block * UNIT) // UNIT
        except OSError:
            got = 0
        block += max(got, 1)


# Blocks that a mount reads one after the other. Of XFS: the heads of its groups, the root's inode, and the first steps of the log's bisection. Of ext4:
# the first group's head and tables, and the journal, whose place the superblock repeats.
def list_heads(kind):
    with open(disk, "rb") as file:
        head = file.read(8192)
        last = file.seek(0, os.SEEK_END) - 1
    if kind == "xfs":
        (size,) = struct.unpack_from(">I", head, 4)
        log, inode = struct.unpack_from(">2Q", head, 48)
        group, groups, _, length = struct.unpack_from(">4I", head, 84)
        shift = head[124]
        log, inode = (((at >> shift) * group + at % (1 << shift)) * size for at in (log, inode >> head[123]))
        places = [index * group * size for index in range(min(groups, 64))]
        places += [inode, log + length * size - 1]
        places += [log + length * size * index // 16 for index in range(16)]
    else:
        places = [0, *(at * 4096 for at in struct.unpack_from("<3I", head, 4096) + struct.unpack_from("<I", head, 1312))]
    return sorted({place // UNIT for place in places if place <= last})


# The hot set and the rest as ranges, clamped to the disk. None: the file does not name the rest.
def read_hot_set(path):
    hot, rest, left = [], None, 2 * blocks
    ranges, text = hot, b""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        state = os.fstat(file)
        if stat.S_ISREG(state.st_mode) and state.st_size <= 8 << 20:
            text = os.read(file, 8 << 20)
    except OSError:
        pass
    for line in text.decode("latin-1").split("\n"):
        if line == "# rest":
            ranges = rest = rest or []
        elif line[:1] == "#":
            ranges = hot
        elif re.fullmatch("[0-9]{1,9} [0-9]{1,6}", line):
            first, count = map(int, line.split())
            count = min(count, blocks - first, left)
            if count > 0:
                ranges.append((first, count))
                left -= count
    return hot, rest


# Writes how far it is, below what has come to its end.
def tell(line):
    with open(f"{progress}.new", "w") as file:
        file.write("".join(f"{text}\n" for text in (*told, f"{line} after {int((time.monotonic() - BEGAN) * 1000)} ms")))
    os.replace(f"{progress}.new", progress)


# Reads ranges and says how far it is. Ends the program where the file STOP is there.
def read_ranges(name, ranges, rate, stop):
    done, due, stopped = 0, 0, False

    def read(file, buffer, first, count):
        nonlocal done, due, stopped
        for block in range(first, first + count, 2):
            size = min(2, first + count - block)
            with lock:
                turn = max(due, time.monotonic())
                due = turn + size / 2 / rate if rate else 0
            while True:
                stopped = stopped or os.path.exists(stop)
                wait = turn - time.monotonic()
                if stopped or wait <= 0:
                    break
                time.sleep(min(wait, 0.2))
            if stopped:
                return True
            touch(file, buffer, block, size)
        with lock:
            done += 1

    threads = start(16, ranges, read)
    while threads:
        tell(f"{name}: {done} of {len(ranges)} ranges read")
        threads[0].join(0.2)
        threads = [thread for thread in threads if thread.is_alive()]
    if stopped:
        tell(f"{name}: stopped, {done} of {len(ranges)} ranges read")
        sys.exit(1)
    tell(f"{name}: {done} ranges read")
    with open(progress) as file:
        told[:] = file.read().splitlines()


task, disk, *words = sys.argv[1:]
told = []
if task == "heads":
    for thread in start(32, ((block, 1) for block in list_heads(words[0])), touch):
        thread.join()
else:
    path, mode, rate, progress, stop, blocks = words
    blocks = int(blocks)
    hot, rest = read_hot_set(path)
    read_ranges("hot", hot, 0, "")
    if mode == "all":
        if rest is None:
            rest = [(first, min(64, blocks - first)) for first in range(0, blocks, 64)]
        os.nice(10)
        read_ranges("rest", rest, int(rate or 0), stop)
    tell("done")
