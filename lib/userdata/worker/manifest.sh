# shellcheck shell=bash
# The manifest on the volume: the builder removes it first and writes it last, so that its presence means a complete cache.

# check_manifest FILE: prints, if this worker may use the cache, a line `BUILD-ID CONTENT STORE` and then one image reference a line. Else prints the
# reason, and fails. Refused are another cache, architecture or image store, an engine newer than ours, and manifests that we cannot read.
check_manifest() {
  python3 -S - "$1" "$MANIFEST_VERSION" "$ENGINE_MAJOR" "$CACHE_NAME" "$CACHE_ARCHITECTURE" "$IMAGE_STORE" <<'PY'
import json, sys
path, version, engine, *expected = sys.argv[1:]
wrong = []
try:
    manifest = json.load(open(path))
    store, major = manifest["store"].split("/")
    found = [manifest["name"], manifest["architecture"], store]
    if found != expected:
        wrong = [f"it is for {found}, this worker for {expected}"]
    if int(version) - manifest["version"] not in (0, 1):
        wrong.append(f"its manifest has version {manifest['version']}, this worker's {version}")
    if int(major) > int(engine):
        wrong.append(f"Docker {major} wrote it, this is {engine}")
    lines = [" ".join(manifest[key] for key in ("buildId", "content", "store"))]
    lines += [image["reference"] for image in manifest["images"]]
except Exception as error:
    wrong.append(f"no usable manifest: {error!r}")
print("; ".join(wrong) or "\n".join(lines))
sys.exit(len(wrong))
PY
}
