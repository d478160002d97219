# shellcheck shell=bash
# Docker's daemon.json: everything in it stays, except the image store.

# pin_image_store JSON [BEFORE]: merges the configured store, and what JSON says, into daemon.json. The file is never half-written: it is made beside
# it, the command BEFORE is called with its path, and it is moved. A storage driver that is set by a flag too must not be repeated in the file: dockerd
# would refuse to start.
pin_image_store() {
  local driver="$IMAGE_STORE" new="$DAEMON_JSON.new" is_containerd=false more=''
  [[ ! "$DOCKER_FLAGS" =~ (--storage-driver|\ -s)[=\ ] && "$driver" == overlay2 ]] || driver=
  [[ "$IMAGE_STORE" == overlay2 ]] || is_containerd=true
  mkdir -p "${DAEMON_JSON%/*}"
  if [[ -e "$DAEMON_JSON" || "$1" != '{}' ]]; then
    merge_daemon_json "$driver" "$1" >"$new" || return
  else
    [[ -z "$driver" ]] || printf -v more ',\n  "storage-driver": "%s"' "$driver"
    printf '{\n  "features": {\n    "containerd-snapshotter": %s\n  }%s\n}\n' "$is_containerd" "$more" >"$new" || return
  fi
  [[ ! -e "$DAEMON_JSON" ]] || chmod --reference="$DAEMON_JSON" "$new" || return
  [[ -z "${2:-}" ]] || "$2" "$new" || return
  mv "$new" "$DAEMON_JSON"
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
