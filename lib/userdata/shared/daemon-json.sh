# shellcheck shell=bash
# Docker's daemon.json: everything in it stays, except the image store.

# pin_image_store JSON: merges the configured store, and what JSON says, into daemon.json. The file is never half-written: it is made beside it and
# moved. A storage driver that is set by a flag too must not be repeated in the file: dockerd would refuse to start.
pin_image_store() {
  local driver="$IMAGE_STORE"
  [[ ! "$DOCKER_FLAGS" =~ (--storage-driver|\ -s)[=\ ] && "$driver" == overlay2 ]] || driver=
  mkdir -p "${DAEMON_JSON%/*}" && merge_daemon_json "$driver" "$1" >"$DAEMON_JSON.new" || return
  [[ ! -e "$DAEMON_JSON" ]] || chmod --reference="$DAEMON_JSON" "$DAEMON_JSON.new" || return
  mv "$DAEMON_JSON.new" "$DAEMON_JSON"
}

# merge_daemon_json DRIVER JSON: prints what daemon.json shall be.
merge_daemon_json() {
  python3 -S - "$DAEMON_JSON" "$IMAGE_STORE" "$1" "$2" <<'PY'
import json, os, sys
path, store, driver, more = sys.argv[1:]
text = open(path, encoding="utf-8-sig").read() if os.path.exists(path) else ""
try:
    config = json.loads(text or "{}")
except ValueError as error:
    sys.exit(f"{path} is no JSON: {error}")
config.setdefault("features", {})["containerd-snapshotter"] = store == "containerd"
config.pop("storage-driver", None)
if driver:
    config["storage-driver"] = driver
config.update(json.loads(more))
print(json.dumps(config, indent=2, sort_keys=True))
PY
}
