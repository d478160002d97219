# Writes the hot set: what a worker reads ahead, in this order. Prints how it was found (`traced` or `guessed`) and its bytes without the rest.
#
#     make-hot-set.py MOUNT-POINT DISK TRACE IMAGES PERCENT OUT
#
# TRACE holds the kernel's lines on the disk's requests, with a mark before each image's proof. IMAGES holds lines of a reference, a tab, and the folders
# whose files are read whole, separated by colons. Sections of OUT are `# engine`, `# image REFERENCE` and `# rest`, with lines FIRST-BLOCK COUNT below.
# Each block stands once, where it is touched first. Blocks that nothing uses any more are left out: what the proof wrote. Of the blocks that were
# traced no more are listed than PERCENT of the used bytes. The rest is what else the file system uses; where it does not tell, there is none.
import fcntl, os, re, struct, sys

mount, disk, trace, images, percent, out = sys.argv[1:]
UNIT = 512 << 10
# Never cut below this many blocks: 64 MiB.
LEAST = 128
# Room for answers: of a file system with more parts the rest is not known, and of a file only so many extents are.
PARTS = 999999
EXTENTS = 999


# Answers of FS_IOC_GETFSMAP or FS_IOC_FIEMAP, whose page has a head, a count in it, and room behind. None where the file system does not know.
def ask(file, request, page, count, head, form):
    try:
        fcntl.ioctl(file, request, page)
    except OSError:
        pass
    end = head + struct.unpack_from("=I", page, count)[0] * struct.calcsize(form)
    return struct.iter_unpack(form, page[head:end])


# A byte for each block, 0 where the file system uses none of it; None if it does not tell.
def map_used():
    used = bytearray(b"\1") * blocks
    flags = 0
    page = bytearray(192 + 64 * PARTS)
    struct.pack_into("=I", page, 8, PARTS)
    page[128:160] = b"\xff" * 32
    for flags, first, owner, length in ask(root, 0xC0C0583B, page, 12, 192, "=4xI2Q8xQ24x"):
        # Of the special owner 1, nobody.
        if flags & 16 and owner == 1:
            free = range(-(-first // UNIT), min((first + length) // UNIT, blocks))
            used[free.start : free.stop] = bytes(len(free))
    return used if flags & 32 else None


# Blocks of the files below a folder whose path has the pattern. A file that cannot be placed is no reason to fail.
def list_file_blocks(folder, pattern):
    for place, _, names in os.walk(folder):
        for path in (f"{place}/{name}" for name in names):
            if re.search(pattern, path) and os.path.isfile(path) and not os.path.islink(path):
                page = bytearray(32 + 56 * EXTENTS)
                struct.pack_into("=2Q3I", page, 0, 0, 1 << 62, 0, 0, EXTENTS)
                with open(path) as file:
                    for first, length, flags in ask(file, 0xC020660B, page, 20, 32, "=8x2Q16xI12x"):
                        # Neither unknown, nor to be placed later, nor inside of an inode.
                        if not flags & 0x206:
                            yield from range(first // UNIT, (first + length - 1) // UNIT + 1)


# Blocks that were touched until the first image ran, read or written; then those that each image's proof read.
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
touched = read_trace()
source = "traced"
if not any(touched):
    source = "guessed"
    # Docker's databases and the small files that describe layers.
    touched = [list_file_blocks(mount, r"/image/|\.db$|/link$|/lower$")]
lines, total = [], 0
for index, row in enumerate(["engine\t", *open(images, encoding="utf-8")]):
    title, folders = row.rstrip("\n").split("\t")
    taken = take((touched[index:] or [[]])[0], left)
    left -= len(taken)
    for folder in filter(None, folders.split(":")):
        taken += take(sorted(list_file_blocks(folder, "")), blocks)
    total += len(taken)
    lines += [f"# image {title}" if index else "# engine", *join(taken, 8)]
if cut:
    print(f"docker-cache: hot set: {len(cut)} blocks above {percent} percent are left to the rest", file=sys.stderr)
if used:
    lines += ["# rest", *join((block for block in range(blocks) if fresh[block]), 64)]
with open(out, "w", encoding="utf-8") as file:
    print(*lines, sep="\n", file=file)
print(source, total * UNIT)
