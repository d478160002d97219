# shellcheck shell=bash
# Where Docker keeps its images, and how that comes to lie on the cache volume: by bind mounts over the folders that the daemons use anyway.
# No path in a configuration changes, so Docker runs on the root disk as ever where the volume is missing (docs/decisions/0003-bind-mounts.md).

DAEMON_JSON=/etc/docker/daemon.json
CONTAINERD_TOML=/etc/containerd/config.toml

# read_docker_flags: the options that the distribution starts dockerd with, comments left out.
read_docker_flags() {
  local file line
  for file in /etc/sysconfig/docker /etc/sysconfig/docker-storage /etc/default/docker; do
    [[ -r "$file" ]] || continue
    while IFS= read -r line || [[ -n "$line" ]]; do [[ "$line" == '#'* ]] || printf '%s\n' "$line"; done <"$file"
  done
  systemctl show --property=ExecStart docker.service 2>/dev/null || true
}

# find_docker_root: Docker's data-root, by flag, by daemon.json, else the default.
find_docker_root() {
  local flags config=
  flags="$(read_docker_flags)"
  [[ ! -r "$DAEMON_JSON" ]] || config="$(<"$DAEMON_JSON")"
  if [[ "$flags" =~ --(data-root|graph)[=\ ]\"?([^\"\ ]+) ]]; then
    printf %s "${BASH_REMATCH[2]}"
  elif [[ "$config" =~ \"(data-root|graph)\"[[:space:]]*:[[:space:]]*\"([^\"]+)\" ]]; then
    printf %s "${BASH_REMATCH[2]}"
  else
    printf /var/lib/docker
  fi
}

# find_containerd_root: containerd's root, by its config.toml, else the default.
find_containerd_root() {
  local config=
  [[ ! -r "$CONTAINERD_TOML" ]] || config=$'\n'"$(<"$CONTAINERD_TOML")"
  if [[ "$config" =~ $'\n'[[:space:]]*root[[:space:]]*=[[:space:]]*[\"\']([^\"\']+) ]]; then
    printf %s "${BASH_REMATCH[1]}"
  else
    printf /var/lib/containerd
  fi
}

# list_docker_units: what must be down while the roots move. The socket first: a client that connects would start the daemon again.
list_docker_units() {
  printf '%s\n' docker.socket docker.service
  [[ "$IMAGE_STORE" == overlay2 ]] || printf 'containerd.service\n'
}

# bind_folder FROM ONTO: FROM, on the cache volume, appears at ONTO.
bind_folder() {
  mkdir -p -- "$1" "$2"
  mount --bind -- "$1" "$2"
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

# read_engine_major: of the engine that is installed, whether it runs or not.
read_engine_major() {
  local version
  version="$(dockerd --version)"
  [[ "$version" =~ version\ ([0-9]+)\. ]]
  printf %s "${BASH_REMATCH[1]}"
}

# check_docker_root: whether the running Docker has the image store that is configured, on the cache volume.
check_docker_root() {
  local info root driver status
  info="$(docker info --format '{{.DockerRootDir}}|{{.Driver}}|{{.DriverStatus}}')"
  IFS='|' read -r root driver status <<<"$info"
  if [[ "$IMAGE_STORE" == containerd ]]; then
    [[ "$status" == *io.containerd.snapshotter* ]] || { log "docker does not use containerd's image store: $info"; return 1; }
    is_on_cache_volume "$(find_containerd_root)" || return 1
  else
    [[ "$driver" == overlay2 ]] || { log "docker's storage driver is $driver, not overlay2"; return 1; }
  fi
  is_on_cache_volume "$root"
}

# is_on_cache_volume FOLDER
is_on_cache_volume() {
  local source expected
  source="$(df --output=source -- "$1" | tail -n 1)"
  expected="$(df --output=source -- "$MOUNT_POINT" | tail -n 1)"
  [[ "$source" == "$expected" ]] && mountpoint --quiet "$MOUNT_POINT" && return 0
  log "$1 lies on $source, not on the cache volume $expected"
  return 1
}
