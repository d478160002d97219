# shellcheck shell=bash
# Where Docker keeps its images, and how that comes to lie on the cache volume: by bind mounts over the folders that the daemons use anyway.
# No path in a configuration changes, so Docker runs on the root disk as ever where the volume is missing (docs/decisions/0003-bind-mounts.md).

DAEMON_JSON=/etc/docker/daemon.json
CONTAINERD_TOML=/etc/containerd/config.toml
DOCKER_FLAG_FILES=(/etc/sysconfig/docker /etc/sysconfig/docker-storage /etc/default/docker)

# read_text FILE: without a word where there is none.
read_text() { [[ ! -r "$1" ]] || cat "$1"; }

# read_docker_flags: the options that dockerd is started with: of its unit, and of the distribution's files, comments left out.
read_docker_flags() {
  local file line
  for file in "${DOCKER_FLAG_FILES[@]}"; do
    while read -r line; do [[ "$line" == \#* ]] || printf '%s ' "$line"; done < <(read_text "$file")
  done
  systemctl show -p ExecStart docker.service 2>/dev/null || true
}

# find_docker_root: Docker's data-root, by flag, by daemon.json, else the default.
find_docker_root() {
  local key='(data-root|graph)' flags config
  flags="$(read_docker_flags)"
  config="$(read_text "$DAEMON_JSON")"
  if [[ "$flags" =~ --${key}[=\ ]\"?([^\"\ ]+) || "$config" =~ \"${key}\"[[:space:]]*:[[:space:]]*\"([^\"]+)\" ]]; then
    printf %s "${BASH_REMATCH[2]}"
  else
    printf /var/lib/docker
  fi
}

# find_containerd_root: containerd's root, by its configuration, else the default.
find_containerd_root() {
  local config
  config="$(read_text "$CONTAINERD_TOML")"
  if [[ "$config" =~ (^|[[:space:]])root\ *=\ *[\"\']([^\"\']+) ]]; then printf %s "${BASH_REMATCH[2]}"; else printf /var/lib/containerd; fi
}

# bind_folder FROM ONTO: FROM, on the cache volume, appears at ONTO.
bind_folder() {
  mkdir -p "$1" "$2"
  mount --bind "$1" "$2"
}

# bind_docker_roots: Docker's data-root, and for containerd's image store containerd's root, from the mounted cache volume.
bind_docker_roots() {
  local root
  root="$(find_docker_root)"
  bind_folder "$MOUNT_POINT/docker" "$root"
  [[ "$IMAGE_STORE" == containerd ]] || return 0
  root="$(find_containerd_root)"
  bind_folder "$MOUNT_POINT/containerd" "$root"
}

# is_on_cache_volume FOLDER
is_on_cache_volume() { mountpoint -q "$MOUNT_POINT" && [[ "$(stat -c %d "$1")" == "$(stat -c %d "$MOUNT_POINT")" ]]; }

# read_engine_major: of the engine that is installed, whether it runs or not.
read_engine_major() {
  local version
  version="$(dockerd --version)"
  [[ "$version" =~ version\ ([0-9]+)\. ]]
  printf %s "${BASH_REMATCH[1]}"
}

# check_docker_root: whether the running Docker has the image store that is configured, on the cache volume; says what it has.
check_docker_root() {
  local info
  info="$(docker info --format '{{.DockerRootDir}}|{{.Driver}} {{.DriverStatus}}')"
  case "$IMAGE_STORE ${info#*|}" in
    overlay2\ overlay2\ * | containerd\ *io.containerd.snapshotter*) is_on_cache_volume "${info%%|*}" && return ;;
  esac
  log "Docker's root and image store: $info"
  return 1
}
