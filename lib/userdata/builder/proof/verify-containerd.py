# Proves that containerd's image store on the cache volume is whole. Reads only; containerd must not run on it.
#
#     verify-containerd.py MOUNT-POINT all|sizes WANTED ARCHITECTURE
#
# WANTED holds lines NAME ID of images that must be there, separated by a tab. What containerd knows is read from its two databases, without containerd.
# Each blob is hashed by its name. Of each image, for this architecture, every layer's folder is compared with the layer's blob, byte by byte. `sizes`
# hashes small blobs alone, and compares sizes and whether folders are there. Owners, modes and times are left to the check of the file system.
# What is damaged is printed, a line each, and fails. Exit code 3 says that the program zstd is needed for a layer, and is not there.
import collections, contextlib, errno, gzip, hashlib, json, os, re, shutil, stat, struct, subprocess, sys, tarfile, zlib
from concurrent.futures import ThreadPoolExecutor

mount, mode, wanted, architecture = sys.argv[1:]
root = os.path.join(mount, "containerd")
blobs = os.path.join(root, "io.containerd.content.v1.content/blobs/sha256")
snapshots = os.path.join(root, "io.containerd.snapshotter.v1.overlayfs")
problems = []


# Something is not as it was pulled, or contradicts something else.
class Damage(Exception):
    pass


# A database of bbolt as nested dictionaries. Format: github.com/etcd-io/bbolt, page.go, bucket.go and meta.go.
class Bolt:
    def __init__(self, path):
        self.data = open(path, "rb").read()
        metas = []
        for size in (4096, 8192, 16384, 32768, 65536):
            for page in (0, size):
                found = self.data[page + 16 : page + 80]
                if len(found) == 64 and self.is_meta(found):
                    metas.append(found)
        if not metas:
            raise Damage(f"{os.path.relpath(path, mount)} is no database")
        # The newer of two.
        meta = max(metas, key=lambda found: struct.unpack_from("<Q", found, 48)[0])
        self.page_bytes, = struct.unpack_from("<I", meta, 8)
        self.pages, = struct.unpack_from("<Q", meta, 40)
        if len(self.data) < self.pages * self.page_bytes:
            raise Damage(f"{os.path.relpath(path, mount)} ends at {len(self.data)} bytes, expected {self.pages * self.page_bytes}")
        self.root = dict(self.read_page(struct.unpack_from("<Q", meta, 16)[0]))

    # By magic, version, and FNV-1a of what stands before it.
    def is_meta(self, found):
        total = 14695981039346656037
        for byte in found[:56]:
            total = (total ^ byte) * 1099511628211 % (1 << 64)
        return struct.unpack_from("<2I", found) == (0xED0CDAED, 2) and struct.unpack_from("<Q", found, 56)[0] == total

    # Entries of a page, which says its own number, and of those below it.
    def read_page(self, page):
        if not 2 <= page < self.pages:
            raise Damage(f"a database names page {page} of {self.pages}")
        at = page * self.page_bytes
        if struct.unpack_from("<Q", self.data, at)[0] != page:
            raise Damage(f"a database's page {page} is another")
        return self.read_elements(self.data, at)

    # Entries behind a page's header.
    def read_elements(self, data, at):
        flags, count = struct.unpack_from("<2H", data, at + 8)
        if flags not in (1, 2):
            raise Damage(f"a database has a page of kind {flags}")
        for element in range(at + 16, at + 16 + 16 * count, 16):
            if flags == 1:
                yield from self.read_page(struct.unpack_from("<Q", data, element + 8)[0])
                continue
            kind, place, key_bytes, value_bytes = struct.unpack_from("<4I", data, element)
            start = element + place
            key, value = data[start : start + key_bytes], data[start + key_bytes : start + key_bytes + value_bytes]
            if len(key) + len(value) != key_bytes + value_bytes:
                raise Damage("a database ends within an entry")
            yield key.decode("utf-8", "replace"), self.read_bucket(value) if kind & 1 else value

    # A bucket is a page of its own, or stands within the value.
    def read_bucket(self, value):
        page, = struct.unpack_from("<Q", value)
        return dict(self.read_page(page) if page else self.read_elements(value, 16))


# A bucket in a bucket; an empty one if there is none.
def walk(bucket, *path):
    for name in path:
        bucket = bucket[name] if name in bucket else {}
    return bucket


# Where a blob lies.
def blob_path(digest):
    if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise Damage(f"{digest!a} is no digest")
    return os.path.join(blobs, digest[7:])


# Hashes a blob by its name, as long as its descriptor says.
def check_blob(digest, size=None):
    path = blob_path(digest)
    found = os.lstat(path)
    if size is not None and found.st_size != size:
        raise Damage(f"blob {digest} has {found.st_size} bytes, expected {size}")
    if mode == "sizes" and found.st_size > 1 << 20:
        return
    total = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            total.update(piece)
    if total.hexdigest() != digest[7:]:
        raise Damage(f"blob {digest} holds something else")


# A blob that is JSON.
def read_blob(digest):
    check_blob(digest)
    return json.load(open(blob_path(digest), "rb"))


# The manifests of an image for this architecture, as far as they were pulled. If it has none, those for others: this processor may run an older one's.
def list_manifests(digest):
    document = read_blob(digest)
    if "manifests" not in document:
        return [document]
    parts = collections.defaultdict(list)
    for part in document["manifests"]:
        platform = part.get("platform") or {}
        if platform.get("os", "linux") == "linux":
            parts[platform.get("architecture", architecture) == architecture].append(part["digest"])
    return [found for part in parts[True] or parts[False] if os.path.lexists(blob_path(part)) for found in list_manifests(part)]


# The folder of a layer's files, by its chain of layers.
def find_folder(chain, parent):
    name = walk(known, "v1", "moby", "snapshots", "overlayfs", chain).get("name", b"").decode()
    entry = walk(stored, "v1", "snapshots", name) if name else {}
    if not entry:
        raise Damage(f"no snapshot {chain} is known")
    above = walk(known, "v1", "moby", "snapshots", "overlayfs", parent).get("name", b"") if parent else b""
    if entry.get("parent", b"") != above:
        raise Damage(f"snapshot {chain} lies upon {entry.get('parent')!a}, expected {above!a}")
    number = shift = 0
    for byte in entry["id"]:
        number, shift = number | (byte & 127) << shift, shift + 7
    folder = os.path.join(snapshots, "snapshots", str(number), "fs")
    if os.path.islink(folder) or not os.path.isdir(folder):
        raise Damage(f"{os.path.relpath(folder, mount)} is no folder")
    return folder


@contextlib.contextmanager
# A layer's archive, unpacked as it is read.
def open_archive(path):
    with open(path, "rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic[:2] == b"\x1f\x8b":
            yield gzip.GzipFile(fileobj=file)
        elif magic != b"\x28\xb5\x2f\xfd":
            yield file
        elif not shutil.which("zstd"):
            sys.exit(3)
        else:
            with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as unpacker:
                yield unpacker.stdout
                # What is behind the archive's end.
                unpacker.stdout.read()
            if unpacker.returncode:
                raise Damage(f"{os.path.basename(path)} cannot be unpacked")


# Where a file of a layer lies: links on the way lead to places in the layer, as they did for containerd. Never outside.
def place(folder, name):
    *folders, last = os.path.normpath("/" + name).split("/")
    path, waiting, links = folder, folders[::-1], 0
    while waiting:
        part = waiting.pop()
        step = os.path.join(path, part)
        if part == "..":
            path = path if path == folder else os.path.dirname(path)
        elif part not in ("", ".") and os.path.islink(step):
            links += 1
            if links > 40:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            target = os.readlink(step)
            path = folder if target.startswith("/") else path
            waiting += target.split("/")[::-1]
        elif part not in ("", "."):
            path = step
    return os.path.join(path, last)


# True if a file is what the archive has under this name.
def is_whole(archive, member, path, is_lowest):
    above, base = os.path.split(path)
    # Nothing is below the lowest layer: containerd leaves nothing of what hides it.
    if is_lowest and base.startswith(".wh."):
        return True
    if base == ".wh..wh..opq":
        return os.getxattr(above, "trusted.overlay.opaque", follow_symlinks=False) == b"y"
    if base.startswith(".wh."):
        return base.startswith(".wh..wh.") or os.path.lexists(os.path.join(above, base[4:]))
    found = os.lstat(path)
    if member.issym():
        return stat.S_ISLNK(found.st_mode) and os.readlink(path) == member.linkname
    if member.isdir():
        return stat.S_ISDIR(found.st_mode)
    if not member.isreg():
        return member.islnk() or not stat.S_ISREG(found.st_mode)
    if not stat.S_ISREG(found.st_mode) or found.st_size != member.size:
        return False
    packed = archive.extractfile(member)
    with open(path, "rb", buffering=0) as file:
        for piece in iter(lambda: packed.read(1 << 20), b""):
            if file.read(len(piece)) != piece:
                return False
    return True


# Compares a layer's folder with its blob. A name that stands twice counts as it stands last.
def check_layer(layer):
    digest, size, folder, is_lowest = layer
    check_blob(digest, size)
    if mode == "sizes":
        return
    bad = {}
    with open_archive(blob_path(digest)) as file:
        # Not a byte: an archive without a file, for containerd.
        if not file.peek(1):
            return
        with tarfile.open(fileobj=file, mode="r|", errors="surrogateescape") as archive:
            for member in archive:
                path = os.path.join(folder, member.name)
                try:
                    path = place(folder, member.name)
                    bad.pop(path, None)
                    if not is_whole(archive, member, path, is_lowest):
                        bad[path] = "it is not what was pulled"
                except OSError as error:
                    bad[path] = error.strerror
    for path, reason in bad.items():
        raise Damage(f"layer {digest}: /{os.path.relpath(path, folder)}: {reason}" + (f" (and {len(bad) - 1} more files)" if len(bad) > 1 else ""))


# Proves an image but for its layers, which it adds to those to be proven.
def check_image(digest):
    manifests = list_manifests(digest)
    if not manifests:
        raise Damage(f"{digest} has nothing for {architecture}")
    for manifest in manifests:
        diff_ids = read_blob(manifest["config"]["digest"])["rootfs"].get("diff_ids") or []
        if len(diff_ids) != len(manifest["layers"]):
            raise Damage(f"{digest} has {len(manifest['layers'])} layers, expected {len(diff_ids)}")
        chain = parent = ""
        for diff_id, layer in zip(diff_ids, manifest["layers"]):
            chain = "sha256:" + hashlib.sha256(f"{parent} {diff_id}".encode()).hexdigest() if parent else diff_id
            layers.setdefault((layer["digest"], layer["size"], find_folder(chain, parent), not parent), []).append(digest)
            parent = chain


# True if containerd never had this layer's blob: it fetches none for a layer that it has unpacked from another blob, as when two registries compress it
# otherwise. That blob proves the folder.
def is_spared(layer):
    digest, _, folder, _ = layer
    return not walk(known, "v1", "moby", "content", "blob", digest) and any(
        other[2] == folder and walk(known, "v1", "moby", "content", "blob", other[0]) for other in layers
    )


# Calls a function; what it finds damaged becomes a problem of this thing.
def attempt(what, function, *words):
    try:
        return function(*words)
    except Damage as damage:
        problems.append(f"{what}: {damage}")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError, struct.error, tarfile.TarError, zlib.error) as error:
        problems.append(f"{what}: {error!r}")


# A database's content; none if containerd has not begun a store.
def open_database(*names):
    found = attempt(names[-1], Bolt, os.path.join(root, *names)) if os.path.lexists(root) else None
    return found.root if found else {}


# The name under which containerd knows an image that Docker shows by this one.
def full_name(name):
    head, slash, _ = name.partition("/")
    if slash and (re.search("[.:A-Z]", head) or head == "localhost"):
        return name
    return "docker.io/" + (name if slash else "library/" + name)


known = open_database("io.containerd.metadata.v1.bolt/meta.db")
stored = open_database("io.containerd.snapshotter.v1.overlayfs/metadata.db")
layers = {}
names = {name: walk(image, "target").get("digest", b"").decode("ascii", "replace") for name, image in walk(known, "v1", "moby", "images").items()}
for name, digest in names.items():
    attempt(name, check_image, digest)
for line in open(wanted, encoding="utf-8"):
    name, digest = line.rstrip("\n").split("\t")
    if names.get(full_name(name)) != digest:
        problems.append(f"{name}: it is {names.get(full_name(name))}, expected {digest}")
layers = {layer: users for layer, users in layers.items() if not is_spared(layer)}
others = [] if mode == "sizes" or not os.path.lexists(root) else ["sha256:" + name for name in attempt("blobs", os.listdir, blobs) or []]
with ThreadPoolExecutor(4) as pool:
    proven = [pool.submit(attempt, ", ".join(sorted(name for name in names if names[name] in users)[:3]), check_layer, layer) for layer, users in layers.items()]
    proven += [pool.submit(attempt, "blobs", check_blob, digest) for digest in others if digest not in {layer[0] for layer in layers}]
for one in proven:
    one.result()
for problem in problems:
    print("docker-cache: damaged:", problem, file=sys.stderr)
sys.exit(1 if problems else 0)
