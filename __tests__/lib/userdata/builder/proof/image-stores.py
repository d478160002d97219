# Writes a small image store as Docker or containerd would, for tests of what verifies one; prints `NAME ID` of its image.
#
#     image-stores.py overlay2|containerd FOLDER [zstd] [386] [otherwise]
#
# One image of a few layers; with `zstd`, the second one says by its first bytes that it is packed so. With `386` the image is for that architecture alone.
# With `otherwise` a second image has the same layers, of which the first is packed otherwise: containerd never fetched that blob.
# Of what hides something below, only what needs no privilege is there: no device, and no mark of a folder.
import base64, gzip, hashlib, io, json, os, struct, sys, tarfile

store, root = sys.argv[1:3]
NAME = "registry.lab/a:1"
CACHE_IDS = ["lowerlayer", "upperlayer"]
LINKS = ["A" * 26, "B" * 26]
# A place outside of the store, which an absolute link of a layer names, too.
HOST = os.path.join(os.path.dirname(os.path.abspath(root)), "host")
BIG = bytes(range(250)) * 2000


def write(content, *names):
    path = os.path.join(root, *names)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


LONG = "long/" * 30 + "file"
# Files by name: bytes, a link's target, or None for a folder.
LAYERS = [
    {
        **{"./": None, "./bin/": None, "./bin/big": BIG, "./bin/small": b"small", "./empty": b"", "./link": "bin/small", f"./{LONG}": b"long"},
        **{"far": LONG, "Főtan.pem": "Főtanúsítvány.crt", f".{HOST}/": None, "second": HOST, "first": "second", "first/file": b"chain"},
        **{"nothing/": None, "nothing/.wh.below": b"", "nothing/.wh..wh..opq": b""},
    },
    {"upper": b"upper", "link2": "/bin/small", "hard": b"upper", ".wh.again": b"", "again": b"again"},
]
if store == "overlay2":
    LAYERS[1].update({".wh.absent": b"", "fresh/": None, "fresh/.wh..wh..opq": b"", "fresh/own": b"own"})
else:
    LAYERS[1].update({"./twice": b"one", "twice": b"two!"})
    LAYERS.append({})
# Where a file is that is packed behind links.
PLACES = {"first/file": f".{HOST}/file"}


def pack(files):
    packed = io.BytesIO()
    if not files:
        return b""
    # What counts for all files, in front of them; and a link's target that is not ASCII, as Go packs it.
    common = tarfile.TarInfo.create_pax_global_header({"comment": "for all"})
    packed.write(common)
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if content is None else tarfile.SYMTYPE if isinstance(content, str) else tarfile.REGTYPE
            member.size = len(content) if isinstance(content, bytes) else 0
            member.linkname = content if isinstance(content, str) else ""
            archive.format = tarfile.GNU_FORMAT if name.isascii() else tarfile.PAX_FORMAT
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return packed.getvalue()


def unpack(files, *folder):
    for name, content in files.items():
        if os.path.basename(name).startswith(".wh."):
            continue
        path = os.path.join(root, *folder, PLACES.get(name, name))
        os.makedirs(path if content is None else os.path.dirname(path), exist_ok=True)
        if isinstance(content, str):
            os.symlink(content, path)
        elif content is not None:
            write(content, path)


# The record that Docker keeps of an archive.
def record(archive):
    lines = []
    # A header for all files stands for one, and Docker's reader gives no padding behind it.
    common = 512 + int(archive[124:135], 8)
    lines.append({"type": 2, "payload": base64.b64encode(archive[:common]).decode()})
    lines.append({"type": 1, "name": "pax_global_header"})
    at = common
    for member in tarfile.open(fileobj=io.BytesIO(archive)):
        lines.append({"type": 2, "payload": base64.b64encode(archive[at : member.offset_data]).decode()})
        name = {"name_raw": base64.b64encode(member.name.encode()).decode()} if member.name == "upper" else {"name": member.name}
        lines.append({"type": 1, "size": member.size, **name})
        at = member.offset_data + member.size
    lines.append({"type": 2, "payload": base64.b64encode(archive[at:]).decode()})
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())


archives = [pack(files) for files in LAYERS]
diff_ids = [digest_of(archive) for archive in archives]
chains = diff_ids[:1]
for diff_id in diff_ids[1:]:
    chains.append(digest_of(f"{chains[-1]} {diff_id}".encode()))
config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()


def write_overlay2():
    image = "docker/image/overlay2"
    for index, chain in enumerate(chains):
        write(diff_ids[index], image, "layerdb/sha256", chain[7:], "diff")
        write(CACHE_IDS[index], image, "layerdb/sha256", chain[7:], "cache-id")
        write("1", image, "layerdb/sha256", chain[7:], "size")
        write(record(archives[index]), image, "layerdb/sha256", chain[7:], "tar-split.json.gz")
        write(LINKS[index], "docker/overlay2", CACHE_IDS[index], "link")
        unpack(LAYERS[index], "docker/overlay2", CACHE_IDS[index], "diff")
        os.makedirs(os.path.join(root, "docker/overlay2/l"), exist_ok=True)
        os.symlink(f"../{CACHE_IDS[index]}/diff", os.path.join(root, "docker/overlay2/l", LINKS[index]))
    write(chains[0], image, "layerdb/sha256", chains[1][7:], "parent")
    write("l/" + LINKS[0], "docker/overlay2", CACHE_IDS[1], "lower")
    write(config, image, "imagedb/content/sha256", digest_of(config)[7:])
    write(json.dumps({"Repositories": {"registry.lab/a": {NAME: digest_of(config)}}}), image, "repositories.json")
    return digest_of(config)


# A page of a database, whose entries are bytes or buckets; as a bucket it stands within an entry's value.
def page(number, entries):
    items = [(key.encode(), bytes(16) + page(0, value) if isinstance(value, dict) else value, isinstance(value, dict)) for key, value in sorted(entries.items())]
    head, body, at = b"", b"", 16 * len(items)
    for index, (key, value, is_bucket) in enumerate(items):
        head += struct.pack("<4I", is_bucket, at + len(body) - 16 * index, len(key), len(value))
        body += key + value
    return struct.pack("<Q2HI", number, 2, len(items), 0) + head + body


def fnv(content):
    total = 14695981039346656037
    for byte in content:
        total = (total ^ byte) * 1099511628211 % (1 << 64)
    return total


# A database whose root is a branch with one leaf.
def database(entries):
    leaf = page(3, entries)
    branch = struct.pack("<Q2HI", 2, 1, 1, 0) + struct.pack("<2IQ", 16, 2, 3) + b"v1"
    pages = 3 + -(-len(leaf) // 4096)
    metas = b""
    for number in range(2):
        meta = struct.pack("<4I6Q", 0xED0CDAED, 2, 4096, 0, 2, 0, 9, pages, number, 0)[:56]
        metas += (struct.pack("<Q2HI", number, 4, 0, 0) + meta + struct.pack("<Q", fnv(meta))).ljust(4096, b"\0")
    return metas + branch.ljust(4096, b"\0") + leaf.ljust((pages - 3) * 4096, b"\0")


def write_containerd():
    put_blobs = {}

    def put(content):
        put_blobs[digest_of(content)] = {"size": bytes([1])}
        write(content, "containerd/io.containerd.content.v1.content/blobs/sha256", digest_of(content)[7:])
        return {"digest": digest_of(content), "size": len(content)}

    packed = [gzip.compress(archives[0]), b"\x28\xb5\x2f\xfd" + archives[1] if "zstd" in sys.argv else archives[1], gzip.compress(archives[2])]
    packed_layers = [put(layer) for layer in packed]
    manifest = put(json.dumps({"config": put(config), "layers": packed_layers}).encode())
    others = [{"digest": digest_of(b"not pulled"), "platform": {"architecture": other, "os": "linux"}} for other in ("arm64", "amd64")]
    ours = {**manifest, "platform": {"architecture": "386" if "386" in sys.argv else "amd64", "os": "linux"}}
    # Where an image came from: no image itself, though it is there.
    origin = {**put(b"no manifest"), "platform": {"architecture": "unknown", "os": "unknown"}}
    index = put(json.dumps({"manifests": [origin, others[0], ours] + ([] if "386" in sys.argv else others[1:])}).encode())
    known, stored = {}, {}
    for number, chain in enumerate(chains, 300):
        key = f"moby/{number}/{chain}"
        known[chain] = {"name": key.encode()}
        stored[key] = {"id": bytes([number & 127 | 128, number >> 7]), "kind": b"\3"}
        folder = f"containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/{number}/fs"
        os.makedirs(os.path.join(root, folder))
        unpack(LAYERS[number - 300], folder)
    for number in (1, 2):
        stored[f"moby/{300 + number}/{chains[number]}"]["parent"] = f"moby/{299 + number}/{chains[number - 1]}".encode()
    images = {NAME: {"target": {"digest": index["digest"].encode()}}}
    if "otherwise" in sys.argv:
        unfetched = {"digest": digest_of(b"packed otherwise"), "size": 16}
        second = put(json.dumps({"config": put(config), "layers": [unfetched, *packed_layers[1:]]}).encode())
        images["registry.lab/b:1"] = {"target": {"digest": second["digest"].encode()}}
    content = {"blob": put_blobs}
    write(database({"v1": {"moby": {"content": content, "images": images, "snapshots": {"overlayfs": known}}}}), "containerd/io.containerd.metadata.v1.bolt/meta.db")
    write(database({"v1": {"snapshots": stored}}), "containerd/io.containerd.snapshotter.v1.overlayfs/metadata.db")
    return index["digest"]


print(NAME, {"overlay2": write_overlay2, "containerd": write_containerd}[store](), sep="\t")
