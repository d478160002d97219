# shellcheck shell=bash
# Docker's images on the cache volume, by bind mounts over the folders that the daemons use anyway. No path in a configuration changes, so Docker runs
# on the root disk as ever if the volume is missing (docs/decisions/0003-bind-mounts.md).

DAEMON_JSON=/etc/docker/daemon.json
CONTAINERD_TOML=/etc/containerd/config.toml
DOCKER_FLAG_FILES=(/etc/sysconfig/docker /etc/sysconfig/docker-storage /etc/default/docker)
MOUNT_INFO=/proc/self/mountinfo

# find_docker_roots: sets DOCKER_FLAGS, DOCKER_ROOT, CONTAINERD_ROOT, and DAEMON_JSON if a flag names another; DOCKER_LOADED and DOCKER_STATE as
# systemd has them. DOCKER_FLAGS start dockerd: they come from its unit, and from the distribution's files, comments left out. DOCKER_ROOT is its
# data-root: by flag, by daemon.json, else the default. Links are followed now: once mounted over, they cannot be asked.
find_docker_roots() {
  local key='(data-root|graph)' file line paths
  DOCKER_FLAGS='' DOCKER_LOADED='' DOCKER_STATE=''
  while read -r line; do
    case "$line" in
      LoadState=*) DOCKER_LOADED="${line#*=}" ;;
      ActiveState=*) DOCKER_STATE="${line#*=}" ;;
      *) DOCKER_FLAGS+=" $line" ;;
    esac
  done < <(systemctl show -p LoadState,ActiveState,ExecStart docker.service 2>/dev/null)
  for file in "${DOCKER_FLAG_FILES[@]}"; do
    while read -r line; do [[ "$line" == \#* ]] || DOCKER_FLAGS+=" $line"; done < <(read_text "$file")
  done
  [[ ! "$DOCKER_FLAGS" =~ --config-file[=\ ]\"?([^\"\ ]+) ]] || DAEMON_JSON="${BASH_REMATCH[1]}"
  DAEMON_CONFIG="$(read_text "$DAEMON_JSON")"
  DOCKER_ROOT=/var/lib/docker
  if [[ "$DOCKER_FLAGS" =~ --${key}[=\ ]\"?([^\"\ ]+) || "$DAEMON_CONFIG" =~ \"${key}\"[[:space:]]*:[[:space:]]*\"([^\"]+)\" ]]; then
    DOCKER_ROOT="${BASH_REMATCH[2]}"
  fi
  CONTAINERD_ROOT=/var/lib/containerd
  if [[ "$(read_text "$CONTAINERD_TOML")" =~ (^|[[:space:]])root\ *=\ *[\"\']([^\"\']+) ]]; then CONTAINERD_ROOT="${BASH_REMATCH[2]}"; fi
  mapfile -t paths < <(realpath -m -- "$DAEMON_JSON" "$DOCKER_ROOT" "$CONTAINERD_ROOT")
  DAEMON_JSON="${paths[0]}" DOCKER_ROOT="${paths[1]}" CONTAINERD_ROOT="${paths[2]}"
}

# read_text FILE: prints the file, or nothing if there is none.
read_text() { [[ ! -r "$1" ]] || cat "$1"; }

# bind_folder FROM ONTO: FROM, on the cache volume, appears at ONTO.
bind_folder() {
  mkdir -p "$1" "$2"
  mount --bind "$1" "$2"
}

# bind_docker_roots: Docker's data-root, and for containerd's image store containerd's root, from the mounted cache volume.
bind_docker_roots() {
  is_on_cache_volume "$DOCKER_ROOT" || bind_folder "$MOUNT_POINT/docker" "$DOCKER_ROOT"
  [[ "$IMAGE_STORE" == overlay2 ]] || is_on_cache_volume "$CONTAINERD_ROOT" || bind_folder "$MOUNT_POINT/containerd" "$CONTAINERD_ROOT"
}

# is_on_cache_volume FOLDER: true if the file system mounted at FOLDER is the one mounted at the mount point. By the kernel's list: a file system that
# has failed answers no question about its folders, and must be unmounted all the same.
is_on_cache_volume() {
  local device point cache='' found=''
  while read -r _ _ device _ point _; do
    point="${point//\\040/ }"
    [[ "$point" != "$MOUNT_POINT" ]] || cache="$device"
    [[ "$point" != "$1" ]] || found="$device"
  done <"$MOUNT_INFO"
  [[ -n "$cache" && "$found" == "$cache" ]]
}

# is_root_cached ROOT|STORE: true if the running Docker, which has said so, has the configured image store on the cache volume; else says what it has.
is_root_cached() {
  case "$IMAGE_STORE ${1#*|}" in
    overlay2\ overlay2\ * | containerd\ *io.containerd.snapshotter*) is_on_cache_volume "$(realpath -m -- "${1%%|*}")" && return ;;
  esac
  log "Docker's root and image store: $1"
  return 1
}
