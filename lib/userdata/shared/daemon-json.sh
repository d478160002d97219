# shellcheck shell=bash
# Docker's daemon.json: everything in it stays, except the image store and options of other storage drivers.

# pin_image_store JSON [BEFORE]: merges the configured store, and what JSON says, into daemon.json. The file is never half-written: it is made beside
# it, dockerd is asked what it thinks of it, the command BEFORE is called with its path, and it is moved. A storage driver that a flag sets is not
# repeated: dockerd would refuse to start. If there was no file, and there is no such flag, python3 is not needed.
pin_image_store() {
  local new="$DAEMON_JSON.new" is_containerd=true more=''
  mkdir -p "${DAEMON_JSON%/*}"
  if [[ -e "$DAEMON_JSON" || "$1" != '{}' || "$DOCKER_FLAGS" == *" --"@(storage-driver|feature)* ]]; then
    docker_config "$DAEMON_JSON" "$IMAGE_STORE" "$DOCKER_FLAGS" "$1" >"$new" || return
  else
    [[ "$IMAGE_STORE" == containerd ]] || is_containerd=false more=$',\n  "storage-driver": "overlay2"'
    printf '{\n  "features": {\n    "containerd-snapshotter": %s\n  }%s\n}\n' "$is_containerd" "$more" >"$new" || return
  fi
  if [[ -e "$DAEMON_JSON" ]]; then
    # Docker 23 and later can tell.
    cmp -s "$new" "$DAEMON_JSON" || [[ "$(dockerd --help)" != *--validate* ]] || dockerd --validate --config-file "$new" || return
    chmod --reference="$DAEMON_JSON" "$new" || return
  fi
  [[ -z "${2:-}" ]] || "$2" "$new" || return
  mv "$new" "$DAEMON_JSON"
}
