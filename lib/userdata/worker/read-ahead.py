# Reads a disk before it is asked for: on a volume made from a snapshot, every first touch of a block waits for S3. With direct I/O: the aim is a
# loaded volume, not a filled page cache. What is on the disk is not trusted, and a block that cannot be read keeps no other from being read.
#
#     read-ahead.py heads DISK xfs|ext4
#     read-ahead.py ranges DISK HOT-SET hot|all RATE PROGRESS STOP BLOCKS
#
# heads: what a mount reads first. ranges: the hot set, and with `all` the rest: behind everything else, at RATE MiB/s (empty: as fast as it goes),
# until the file STOP is there. BLOCKS is how many came from the snapshot, PROGRESS a file that says how far it is. Fails if it was stopped.
import mmap, os, stat, struct, sys, threading, time

UNIT = 512 << 10
BEGAN = time.monotonic()
task, disk, *words = sys.argv[1:]
lock = threading.Lock()
told = ""


# Writes how far it is, below what has come to its end.
def tell(text):
    text = f"{told}{text} after {int((time.monotonic() - BEGAN) * 1000)} ms\n"
    if task == "ranges":
        with open(f"{progress}.new", "w") as file:
            file.write(text)
        os.replace(f"{progress}.new", progress)
    return text


# Reads ranges block by block, in so many threads that take turns, and says how far it is. Ends the program where the file STOP is there.
def read(name, ranges, count, rate=0, stop=""):
    global told
    total, due, done, stopped = sum(count for _, count in ranges), 0, 0, False
    blocks = (block for first, count in ranges for block in range(first, first + count))

    def work():
        nonlocal due, done, stopped
        try:
            file = os.open(disk, os.O_RDONLY | os.O_DIRECT)
        except OSError:
            file = os.open(disk, os.O_RDONLY)
        buffer = mmap.mmap(-1, UNIT)
        while True:
            with lock:
                block = next(blocks, None)
                turn = max(due, time.monotonic())
                due = turn + (0.5 / rate if rate else 0)
            time.sleep(max(0, turn - time.monotonic()))
            stopped = stopped or os.path.exists(stop)
            if stopped or block is None:
                return
            try:
                os.preadv(file, [buffer], block * UNIT)
            except OSError:
                pass
            with lock:
                done += 1

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            tell(f"{name}: {done} of {total} blocks read")
            thread.join(0.2)
    told = tell(f"{name}: stopped, {done} of {total} blocks read" if stopped else f"{name}: {done} blocks read")
    if stopped:
        sys.exit(1)


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
        places += [inode, log + length * size - 1, *(log + length * size * index // 16 for index in range(16))]
    else:
        places = [0, *(at * 4096 for at in struct.unpack_from("<3I", head, 4096) + struct.unpack_from("<I", head, 1312))]
    return sorted({place // UNIT for place in places if place <= last})


# The hot set and the rest as ranges, clamped to the disk: a file system says it is smaller than that. None: the file does not name the rest.
def read_hot_set(path):
    blocks = -(-os.lseek(os.open(disk, os.O_RDONLY), 0, os.SEEK_END) // UNIT)
    hot, rest, left, text = [], None, 2 * blocks, b""
    ranges = hot
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        state = os.fstat(file)
        if stat.S_ISREG(state.st_mode) and state.st_size <= 8 << 20:
            text = os.read(file, 8 << 20)
    except OSError:
        pass
    for line in text.split(b"\n"):
        first, _, count = line.partition(b" ")
        if line == b"# rest":
            ranges = rest = rest or []
        elif first[:1] == b"#":
            ranges = hot
        elif first.isdigit() and count.isdigit() and len(first) < 10 and len(count) < 7:
            first, count = int(first), min(int(count), blocks - int(first), left)
            if count > 0:
                ranges.append((first, count))
                left -= count
    return hot, rest


if task == "heads":
    read(task, [(block, 1) for block in list_heads(*words)], 32)
else:
    path, mode, rate, progress, stop, blocks = words
    hot, rest = read_hot_set(path)
    read("hot", hot, 32)
    if mode == "all":
        os.nice(10)
        read("rest", [(0, int(blocks))] if rest is None else rest, 32 if rate else 16, int(rate or 0), stop)
    tell("done")
