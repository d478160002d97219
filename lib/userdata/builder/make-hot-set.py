# Writes the hot set: what a worker reads ahead, in this order. Prints how it was found (`traced`, or `none`) and its bytes without the rest.
#
#     make-hot-set.py MOUNT-POINT DISK TRACE PERCENT OUT FILES REFERENCE...
#
# An empty REFERENCE is an image that was left out after its proof: what others share with it counts for the next one.
#
# TRACE holds the kernel's lines on the disk's requests. In it are two marks for each image: before its proof, and before all of its files are read (if
# they are). Two more stand before the first of these, and before all files are looked up. Sections of OUT are `# engine`, `# image REFERENCE`, `# files`
# (where files are, which every command asks) and `# rest`, with lines FIRST-BLOCK COUNT below. Each block stands once, where it is touched first. Blocks
# that nothing uses any more are left out: what the proof wrote. All but whole images get no more blocks than PERCENT of the used bytes.
#
# The rest is what else the file system uses; where it does not tell, there is no rest. FILES names all files. Blocks in which most of them begin come
# first, since a command that nobody traced most likely wants one of these: more than 1, 2, 4 and so on, since neighbours make one line. A worker reads
# no more than 8 MiB of OUT.
import fcntl, os, re, struct, sys

mount, disk, trace, percent, out, files, *references = sys.argv[1:]
UNIT = 512 << 10
# Never cut below this many blocks: 64 MiB.
LEAST = 128
# Room for the answer: of a file system in more parts than these the rest is not known.
PARTS = 999999


# A byte for each block, 0 where the file system uses none of it; None if it does not tell. By FS_IOC_GETFSMAP.
def map_used():
    used = bytearray(b"\1") * blocks
    flags = 0
    page = bytearray(192 + 64 * PARTS)
    struct.pack_into("=I", page, 8, PARTS)
    page[128:160] = b"\xff" * 32
    try:
        fcntl.ioctl(root, 0xC0C0583B, page)
    except OSError:
        pass
    end = 192 + 64 * struct.unpack_from("=I", page, 12)[0]
    for flags, first, owner, length in struct.iter_unpack("=4xI2Q8xQ24x", page[192:end]):
        # Of the special owner 1, nobody.
        if flags & 16 and owner == 1:
            free = range(-(-first // UNIT), min((first + length) // UNIT, blocks))
            used[free.start : free.stop] = bytes(len(free))
    return used if flags & 32 else None


# Blocks from mark to mark: until the first image ran, read or written; from then on, read.
def read_trace():
    touched = [[]]
    for line in open(trace, errors="replace"):
        if line.endswith("tracing_mark_write: docker-cache\n"):
            touched.append([])
        found = re.search(r"block_rq_issue: \d+,\d+ ([A-Z]+) \d+ \(.*\) (\d+) \+ ([1-9]\d*)", line)
        if found and "D" not in found[1] and ("R" in found[1] or len(touched) == 1):
            first = int(found[2]) * 512
            touched[-1] += range(first // UNIT, (first + int(found[3]) * 512 - 1) // UNIT + 1)
    return touched


# Blocks that follow each other become one line, up to so many.
def join(chosen, most):
    lines = []
    for block in chosen:
        if lines and block == sum(lines[-1]) and lines[-1][1] < most:
            lines[-1][1] += 1
        else:
            lines.append([block, 1])
    return [f"{first} {count}" for first, count in lines]


# Takes blocks that are in use and not taken yet, up to so many.
def take(wanted, most):
    taken = []
    for block in wanted:
        if block < blocks and fresh[block]:
            if len(taken) < most:
                fresh[block] = 0
                taken.append(block)
            else:
                cut.add(block)
    return taken


root = os.open(mount, os.O_RDONLY)
system = os.fstatvfs(root)
blocks = -(-os.lseek(os.open(disk, os.O_RDONLY), 0, os.SEEK_END) // UNIT)
left = max(LEAST, (system.f_blocks - system.f_bfree) * system.f_frsize * int(percent) // 100 // UNIT)
used = map_used()
fresh, cut = used or bytearray(b"\1") * blocks, set()
touched = read_trace() + [[]] * 2 * (len(references) + 2)
lines, total, shared = [], 0, []
for title, first, whole in zip(["engine", *(name and f"image {name}" for name in references), "files"], touched[::2], touched[1::2]):
    if not title:
        shared += first
        continue
    taken = take(shared + first, left)
    shared = []
    left -= len(taken)
    taken += take(whole, blocks)
    total += len(taken)
    lines += [f"# {title}", *join(taken, 8)]
if cut:
    print(f"docker-cache: hot set: {len(cut)} blocks above {percent} percent are left to the rest", file=sys.stderr)
if used:
    # How many files begin in each block, by FIBMAP.
    begins = [0] * blocks
    for path in open(files, "rb"):
        try:
            with open(path[:-1]) as file:
                begins[struct.unpack_from("=I", fcntl.ioctl(file, 1, bytes(4)))[0] * system.f_frsize // UNIT] += 1
        except OSError:
            pass
    lines += ["# rest", *join(sorted(filter(fresh.__getitem__, range(blocks)), key=lambda block: -begins[block].bit_length()), 64)]
with open(out, "w") as file:
    print(*lines, sep="\n", file=file)
print("traced" if total else "none", total * UNIT)
