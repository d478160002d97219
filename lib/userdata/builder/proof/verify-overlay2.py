# Proves that Docker's own image store on the cache volume is whole. Reads only; Docker must not run on it.
#
#     verify-overlay2.py MOUNT-POINT all|sizes WANTED
#
# WANTED holds lines NAME ID of images that must be there, separated by a tab. Every image and layer that Docker would find is looked at, wanted or not:
# a worker that pulls another image reuses them. An image's configuration is hashed by its id, and names the layers. A layer's folder is hashed by its
# chain of layers. The layer's archive is put together again from Docker's record (tar-split) and the files themselves. Its sha256 is the layer's id, so
# no byte of a file can differ. `sizes` reads no file and compares sizes alone. Owners, modes and times are left to the check of the file system.
# What is damaged is printed, a line each, and fails.
import base64, collections, errno, gzip, hashlib, io, json, os, re, stat, sys, tarfile, zlib
from concurrent.futures import ThreadPoolExecutor

mount, mode, wanted = sys.argv[1:]
image_folder = os.path.join(mount, "docker/image/overlay2")
layer_folder = os.path.join(mount, "docker/overlay2")
# Files that are opened ahead, so that a disk has many requests at once, and the most bytes that are read of each meanwhile.
AHEAD, AHEAD_BYTES = 64, 256 << 10
readers = ThreadPoolExecutor(16)


# Something is not as it was pulled, or contradicts something else.
class Damage(Exception):
    pass


# Bytes of a file.
def read(*names):
    path = os.path.join(*names)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Damage(f"{os.path.relpath(path, mount)} is no file")
        return open(path, "rb").read()
    except OSError as error:
        raise Damage(f"{os.path.relpath(path, mount)}: {error.strerror}")


# Text of a file.
def read_text(*names):
    return read(*names).decode("ascii", "replace")


# Ids in a folder; none if Docker has not begun a store.
def list_ids(*names):
    if not os.path.lexists(image_folder):
        return []
    try:
        found = os.listdir(os.path.join(image_folder, *names))
    except OSError as error:
        raise Damage(f"{'/'.join(names)}: {error.strerror}")
    strange = [name for name in found if not re.fullmatch("[0-9a-f]{64}", name)]
    if strange:
        raise Damage(f"{'/'.join(names)} holds {ascii(strange[0])}, expected ids alone")
    return found


# Where a file of a layer lies: links on the way lead to places in the layer, as they did for Docker, which unpacked it in a root of its own. Never outside.
def place(root, name):
    *folders, last = os.path.normpath("/" + name).split("/")
    path, waiting, links = root, folders[::-1], 0
    while waiting:
        part = waiting.pop()
        step = os.path.join(path, part)
        if part == "..":
            path = path if path == root else os.path.dirname(path)
        elif part not in ("", ".") and os.path.islink(step):
            links += 1
            if links > 40:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            target = os.readlink(step)
            path = root if target.startswith("/") else path
            waiting += target.split("/")[::-1]
        elif part not in ("", "."):
            path = step
    return os.path.join(path, last)


# The first bytes of a file, and the open file if there may be more.
def open_ahead(path, size):
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise Damage("it is no file")
    if found.st_size != size:
        raise Damage(f"it has {found.st_size} bytes, expected {size}")
    if mode == "sizes":
        return b"", None
    file = open(path, "rb", buffering=0)
    head = file.read(min(size, AHEAD_BYTES))
    if size > AHEAD_BYTES:
        return head, file
    file.close()
    return head, None


# True if layers, the uppermost first, show something at a path.
def is_shown(layers, path):
    parts = path.split("/")
    for root in layers:
        for end in range(1, len(parts) + 1):
            here = os.path.join(root, *parts[:end])
            if not os.path.lexists(here):
                break
            found = os.lstat(here)
            if end == len(parts) or not stat.S_ISDIR(found.st_mode):
                return end == len(parts) and (found.st_rdev != 0 or not stat.S_ISCHR(found.st_mode))
    return False


# True if a layer's own files hide all that those below show at a path.
def is_hidden(root, below, path):
    own = os.path.join(root, path)
    if not is_shown(below, path):
        return True
    if os.path.islink(own) or not os.path.isdir(own):
        return os.path.lexists(own)
    if "trusted.overlay.opaque" in os.listxattr(own) and os.getxattr(own, "trusted.overlay.opaque") == b"y":
        return True
    lower = [os.path.join(layer, path) for layer in below]
    names = {name for folder in lower if os.path.isdir(folder) and not os.path.islink(folder) for name in os.listdir(folder)}
    return all(is_hidden(root, below, os.path.join(path, name)) for name in names)


# What hides a file or all of a folder: a device or a mark. Where overlayfs records moves, Docker removes what is to be hidden instead: nothing is left
# behind if nothing was there.
def check_hiding(root, below, folder, base):
    path = os.path.relpath(os.path.join(folder, base[4:]), root)
    own = os.path.join(root, path)
    if base == ".wh..wh..opq":
        is_right = is_hidden(root, below, os.path.relpath(folder, root))
    elif os.path.lexists(own):
        found = os.lstat(own)
        is_right = not stat.S_ISCHR(found.st_mode) or not found.st_rdev
    else:
        is_right = not is_shown(below, path)
    if not is_right:
        raise Damage("it does not hide what is below")


# True if a link leads where the archive says; if that cannot be told, too. Go packs letters other than ASCII in another header, before the link's own.
def leads_there(path, headers):
    try:
        with tarfile.open(fileobj=io.BytesIO(headers), mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
            member = archive.next()
    except tarfile.TarError:
        return True
    return not member or not member.issym() or os.readlink(os.fsencode(path)) == member.linkname.encode("utf-8", "surrogateescape")


# What a file of the archive without bytes of its own left behind.
def check_empty(root, below, path, headers):
    kind = headers[-512:][156:157]
    folder, base = os.path.split(path)
    if base.startswith(".wh."):
        if base == ".wh..wh..opq" or not base.startswith(".wh..wh."):
            check_hiding(root, below, folder, base)
        return
    found = os.lstat(path)
    expected = {b"2": stat.S_IFLNK, b"3": stat.S_IFCHR, b"4": stat.S_IFBLK, b"5": stat.S_IFDIR, b"6": stat.S_IFIFO}.get(kind)
    if expected and stat.S_IFMT(found.st_mode) != expected or kind in b"0\0" and kind and found.st_size:
        raise Damage("it is something else")
    if kind == b"2" and not leads_there(path, headers):
        raise Damage("it leads elsewhere")


# The record of an archive: bytes, or a file's name, its size and how it is read.
def parse_record(record, root, below):
    headers, is_global, at = b"", False, 0
    for line in gzip.GzipFile(fileobj=io.BytesIO(record)):
        entry = json.loads(line)
        if entry["type"] == 2:
            payload = base64.b64decode(entry.get("payload") or "")
            if len(payload) >= 512:
                # Padding of the file before is in front. A file's own header is last, but what counts for all files stands for a file, too.
                headers, start = payload[len(payload) % 512 :], -at % 512
                is_global = payload[start + 156 : start + 157] == b"g" and payload[start + 257 : start + 262] == b"ustar"
            at += len(payload)
            yield payload, None
            continue
        name = os.fsdecode(base64.b64decode(entry["name_raw"])) if entry.get("name_raw") else entry["name"]
        size = entry.get("size", 0)
        at += size
        if size or not is_global:
            yield name, (size, readers.submit(check_file, root, below, name, size, headers))


# Begins to read a file of the archive.
def check_file(root, below, name, size, headers):
    path = place(root, name)
    return open_ahead(path, size) if size else check_empty(root, below, path, headers)


# So many entries ahead of what is taken.
def look_ahead(entries):
    waiting = collections.deque()
    for entry in entries:
        waiting.append(entry)
        if len(waiting) > AHEAD:
            yield waiting.popleft()
    yield from waiting


# Puts a layer's archive together again and returns its sha256, or nothing if that says nothing.
def hash_archive(record, root, below):
    total, is_sparse = hashlib.sha256(), False
    for entry, file in look_ahead(parse_record(record, root, below)):
        if not file:
            total.update(entry)
            # Of a sparse file the record does not tell how it was packed: Docker itself cannot put it together again. (It refuses the older kind.)
            is_sparse = is_sparse or b"GNU.sparse." in entry
            continue
        size, future = file
        try:
            found = future.result()
            if not size or mode == "sizes":
                continue
            head, rest = found
            total.update(head)
            left = size - len(head)
            while rest and left:
                piece = rest.read(min(left, 1 << 20))
                if not piece:
                    break
                total.update(piece)
                left -= len(piece)
            if rest:
                rest.close()
            if left:
                raise Damage(f"{left} of its bytes are missing")
        except OSError as error:
            raise Damage(f"{os.path.normpath('/' + entry)}: {error.strerror}")
        except Damage as damage:
            raise Damage(f"{os.path.normpath('/' + entry)}: {damage}")
    return None if mode == "sizes" or is_sparse else "sha256:" + total.hexdigest()


# What overlayfs needs to mount a layer upon its parents: short names, as links, and the list of those below, which it returns as folders.
def check_links(cache_id, parent_cache_id):
    link = read_text(layer_folder, cache_id, "link")
    if not re.fullmatch("[A-Z0-9]{26}", link):
        raise Damage(f"overlay2/{cache_id}/link says {link!a}")
    short = os.path.join(layer_folder, "l", link)
    target = os.readlink(short) if os.path.islink(short) else None
    if target != f"../{cache_id}/diff":
        raise Damage(f"overlay2/l/{link} leads to {target!a}, expected ../{cache_id}/diff")
    lower = os.path.join(layer_folder, cache_id, "lower")
    found = read_text(lower) if os.path.lexists(lower) else ""
    expected = ""
    if parent_cache_id:
        below = os.path.join(layer_folder, parent_cache_id, "lower")
        expected = "l/" + read_text(layer_folder, parent_cache_id, "link") + (":" + read_text(below) if os.path.lexists(below) else "")
    if found != expected:
        raise Damage(f"overlay2/{cache_id}/lower says {found!a}, expected {expected!a}")
    return [os.path.join(layer_folder, short) for short in found.split(":") if short]


# Proves one layer, by the name of its folder.
def check_layer(chain):
    folder = os.path.join(image_folder, "layerdb/sha256", chain)
    diff_id = read_text(folder, "diff")
    parent = read_text(folder, "parent") if os.path.lexists(os.path.join(folder, "parent")) else ""
    known = hashlib.sha256(f"{parent} {diff_id}".encode()).hexdigest() if parent else diff_id[7:]
    if known != chain or not re.fullmatch("sha256:[0-9a-f]{64}", diff_id):
        raise Damage(f"its layer {diff_id!a} upon {parent!a} is not what its name says")
    cache_id = read_text(folder, "cache-id")
    if not re.fullmatch("[0-9a-z-]+", cache_id) or not read_text(folder, "size").isdigit():
        raise Damage(f"its cache-id says {cache_id!a}, its size {read_text(folder, 'size')!a}")
    below = check_links(cache_id, read_text(image_folder, "layerdb", parent.replace(":", "/"), "cache-id") if parent else "")
    root = os.path.join(layer_folder, cache_id, "diff")
    if os.path.islink(root) or not os.path.isdir(root):
        raise Damage(f"overlay2/{cache_id}/diff is no folder")
    found = hash_archive(read(folder, "tar-split.json.gz"), root, below)
    if found and found != diff_id:
        raise Damage(f"its files make {found}, expected {diff_id}")


# The layers that an image needs, as names of their folders.
def list_layers(image):
    text = read(image_folder, "imagedb/content/sha256", image)
    if hashlib.sha256(text).hexdigest() != image:
        raise Damage("its configuration is not what its id says")
    chain, chains = "", []
    for diff_id in json.loads(text)["rootfs"].get("diff_ids") or []:
        chain = "sha256:" + hashlib.sha256(f"{chain} {diff_id}".encode()).hexdigest() if chain else diff_id
        chains.append(chain[7:])
    return chains


# Images by name; Docker makes the file with the first.
def list_names():
    if not os.path.lexists(os.path.join(image_folder, "repositories.json")):
        return {}
    try:
        named = json.loads(read(image_folder, "repositories.json"))["Repositories"]
        return {name: target for names in named.values() for name, target in names.items()}
    except (ValueError, KeyError, AttributeError) as error:
        raise Damage(f"repositories.json: {error!r}")


problems = []


# Calls a function; what it finds damaged becomes a problem of this thing.
def attempt(what, function, *words):
    try:
        return function(*words)
    except Damage as damage:
        problems.append(f"{what}: {damage}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zlib.error) as error:
        problems.append(f"{what}: {error!r}")


names = attempt("names of images", list_names) or {}
layers = attempt("layers", list_ids, "layerdb/sha256") or []
images = {image: attempt(f"image {image}", list_layers, image) or [] for image in attempt("images", list_ids, "imagedb/content/sha256") or []}
users = collections.defaultdict(list)
for image, chains in images.items():
    known = sorted(name for name, target in names.items() if target == "sha256:" + image) or [image]
    for chain in chains:
        users[chain].append(known[0])
        if chain not in layers:
            problems.append(f"{known[0]}: layer {chain} is missing")
for line in open(wanted, encoding="utf-8"):
    name, image = line.rstrip("\n").split("\t")
    if names.get(name) != image or image[7:] not in images:
        problems.append(f"{name}: it is {names.get(name)}, expected {image}")
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda chain: attempt(f"{', '.join(users[chain][:3]) or 'no image'}: layer {chain}", check_layer, chain), layers))
for problem in problems:
    print("docker-cache: damaged:", problem, file=sys.stderr)
sys.exit(1 if problems else 0)
