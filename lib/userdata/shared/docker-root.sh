# shellcheck shell=bash
# Docker's images on the cache volume, by bind mounts over the folders that the daemons use anyway. No path in a configuration changes, so Docker runs
# on the root disk as ever if the volume is missing (docs/decisions/0003-bind-mounts.md).

DAEMON_JSON=/etc/docker/daemon.json
CONTAINERD_TOML=/etc/containerd/config.toml
MOUNT_INFO=/proc/self/mountinfo

# Mount options that Docker needs, with a comma in front.
DOCKER_QUOTA=''

# find_docker_roots: sets DOCKER_LOADED and DOCKER_STATE as systemd has them; DOCKER_FLAGS, in which dockerd's are; DOCKER_ROOT, its data-root: by flag, by
# daemon.json, else the default; CONTAINERD_ROOT; DAEMON_JSON if a flag names another; DOCKER_QUOTA; and DOCKER_UNFIT, why Docker cannot be on the
# cache, or nothing. python3, which takes a while to come up, is asked only if daemon.json may say something of these. Links are followed now: once
# mounted over, they cannot be asked.
find_docker_roots() {
  local settings
  local -a paths=()
  read_unit docker.service
  DOCKER_FLAGS="${DOCKER_FLAGS// -s/ --storage-driver }" DOCKER_UNFIT='' DOCKER_QUOTA=''
  [[ ! "$DOCKER_FLAGS" =~ \ --config-file[=\ ]([^\ ]+) ]] || DAEMON_JSON="${BASH_REMATCH[1]}"
  [[ ! "$(read_text "$DAEMON_JSON")" =~ \\|data-root|graph|userns|storage-opts ]] ||
    mapfile -t paths < <(docker_config "$DAEMON_JSON" "$IMAGE_STORE" "$DOCKER_FLAGS")
  DOCKER_ROOT="${paths[0]:-/var/lib/docker}" settings="$DOCKER_FLAGS${paths[1]:-}"
  [[ ! "$DOCKER_FLAGS" =~ \ (--data-root|--graph|-g)[=\ ]?([^\ ]+) ]] || DOCKER_ROOT="${BASH_REMATCH[2]}"
  [[ "$settings" != *--userns-remap* ]] || DOCKER_UNFIT='userns-remap is set: Docker then keeps its images in a folder of its own, with other owners'
  [[ "$IMAGE_STORE" != overlay2 || "$settings" != *overlay2.size* ]] || DOCKER_QUOTA=,pquota
  find_containerd_root
  mapfile -t paths < <(realpath -m -- "$DAEMON_JSON" "$DOCKER_ROOT" "$CONTAINERD_ROOT")
  DAEMON_JSON="${paths[0]}" DOCKER_ROOT="${paths[1]}" CONTAINERD_ROOT="${paths[2]}"
}

# find_containerd_root: by flag, by what containerd makes of its file, else the default. Without its image store it does not matter.
find_containerd_root() {
  # Of its unit.
  local config="$CONTAINERD_TOML" named=$'\n'" *[\"']?(root|imports)" dumped=$'\n'"root = [\"']([^\"']+)" DOCKER_LOADED DOCKER_STATE DOCKER_FLAGS
  CONTAINERD_ROOT=/var/lib/containerd
  [[ "$IMAGE_STORE" == containerd ]] || return 0
  read_unit containerd.service
  [[ ! "$DOCKER_FLAGS" =~ \ (--config|-c)[=\ ]([^\ ]+) ]] || config="${BASH_REMATCH[2]}"
  # It is asked only if the file may have something to say.
  [[ ! $'\n'"$(read_text "$config")" =~ $named || ! $'\n'"$(containerd --config "$config" config dump)" =~ $dumped ]] ||
    CONTAINERD_ROOT="${BASH_REMATCH[1]}"
  [[ ! "$DOCKER_FLAGS" =~ \ --root[=\ ]([^\ ]+) ]] || CONTAINERD_ROOT="${BASH_REMATCH[1]}"
}

# read_unit NAME: sets DOCKER_LOADED and DOCKER_STATE as systemd has them, and DOCKER_FLAGS, in which the command's flags are. The command is put together
# as systemd does it: with variables of the unit's own environment and of the files that it names, and of no others. A value with blanks comes out as words.
read_unit() {
  local name line text=''
  DOCKER_LOADED='' DOCKER_STATE='' DOCKER_FLAGS=''
  while IFS='=' read -r name line; do
    case "$name" in
      LoadState) DOCKER_LOADED="$line" ;;
      ActiveState) DOCKER_STATE="$line" ;;
      ExecStart) DOCKER_FLAGS="$line" ;;
      # Each variable that needs it is in quotes.
      Environment) text+="${line//[\" ]/$'\n'}"$'\n'"${line//\"/$'\n'}"$'\n' ;;
      EnvironmentFiles) for name in $line; do text+="$(read_text "$name")"$'\n'; done ;;
    esac
  done < <(systemctl show -p LoadState,ActiveState,ExecStart,Environment,EnvironmentFiles "$1" 2>/dev/null)
  # The last one counts.
  while IFS='= ' read -r name line; do
    line="${line//[\"\'\\]/}"
    DOCKER_FLAGS="${DOCKER_FLAGS//" \$$name "/" $line "}"
    DOCKER_FLAGS="${DOCKER_FLAGS//"\${$name}"/"$line"}"
  done < <(tac <<<"${text//\\$'\n'/}")
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
