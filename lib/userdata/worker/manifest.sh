# shellcheck shell=bash
# The manifest on the volume: the builder removes it first and writes it last, so that its presence means a complete cache.

# check_manifest FILE: prints, where this worker may use the cache, a line `BUILD-ID CONTENT STORE` and then one image reference a line; else the
# reason, and fails. Refused are another cache, architecture or image store, an engine newer than ours, and manifests that we cannot read.
check_manifest() {
  python3 - "$1" "$MANIFEST_VERSION" "$CACHE_NAME" "$CACHE_ARCHITECTURE" "$IMAGE_STORE" "$ENGINE_MAJOR" <<'PY'
import json, sys
path, version, name, architecture, store, engine = sys.argv[1:]
try:
    manifest = json.load(open(path, encoding="utf-8"))
    written = manifest["version"]
    if int(version) - written not in (0, 1):
        raise ValueError(f"version {written}, expected {version} or the one before")
    found_store, found_engine = manifest["store"].split("/")
    found = {"cache": manifest["name"], "architecture": manifest["architecture"], "image store": found_store}
    expected = {"cache": name, "architecture": architecture, "image store": store}
    wrong = [f"{key} {found[key]}, expected {expected[key]}" for key in found if found[key] != expected[key]]
    if int(found_engine) > int(engine):
        wrong.append(f"written by Docker {found_engine}, newer than this worker's {engine}")
    lines = [" ".join((manifest["buildId"], manifest["content"], manifest["store"]))]
    lines += [image["reference"] for image in manifest["images"]]
except Exception as error:
    wrong = [f"no usable manifest: {error}"]
print("\n".join(wrong or lines))
sys.exit(1 if wrong else 0)
PY
}
