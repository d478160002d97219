"""`describe-image.py ARCHIVE`: prints what an image in an OCI archive is made of, as JSON, without any time. See BuiltImage in buildx-job.ts."""
import hashlib
import io
import json
import sys
import tarfile


def read(archive, digest):
    return archive.extractfile(f"blobs/{digest.replace(':', '/')}").read()


def manifest_of(archive, index):
    """The first manifest of an image: what is said about an image stands beside it in the index."""
    for one in index["manifests"]:
        if "vnd.docker.reference.type" in one.get("annotations", {}):
            continue
        found = json.loads(read(archive, one["digest"]))
        return manifest_of(archive, found) if "manifests" in found else found
    raise ValueError("no manifest of an image")


def describe(layer, ids):
    lines = []
    with tarfile.open(fileobj=io.BytesIO(layer)) as files:
        for entry in files:
            content = files.extractfile(entry).read() if entry.isfile() else b""
            said = hashlib.sha256(content).hexdigest() if entry.isfile() else entry.linkname
            if entry.name.endswith(".id"):
                ids[entry.name] = content.decode().strip()
                said = "an id"
            kind = {tarfile.REGTYPE: "f", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.LNKTYPE: "h"}.get(entry.type, "?")
            lines.append(f"{kind} {entry.mode:o} {entry.uid}:{entry.gid} {entry.size} {entry.name} {said}")
    return sorted(lines)


def main():
    with tarfile.open(sys.argv[1]) as archive:
        manifest = manifest_of(archive, json.load(archive.extractfile("index.json")))
        config = json.loads(read(archive, manifest["config"]["digest"]))
        ids = {}
        layers = [describe(read(archive, layer["digest"]), ids) for layer in manifest["layers"]]
    config.pop("created", None)
    config.pop("rootfs")
    for one in config["history"]:
        one.pop("created", None)
    print(json.dumps({"layers": layers, "config": config, "ids": ids}))


main()
