# shellcheck shell=bash
# Docker on the builder: first on the root disk, to ask registries, then with its roots on the cache volume.

# check_engine: sets ENGINE_MAJOR, and finds Docker's roots.
check_engine() {
  find_docker_roots
  [[ "$DOCKER_LOADED $DOCKER_STATE" != not-found* ]] || fail "this image has no docker.service"
  [[ -z "$DOCKER_UNFIT" ]] || fail "$DOCKER_UNFIT: workers refuse it too"
  [[ -z "$DOCKER_QUOTA" || "$FILE_SYSTEM" == xfs ]] ||
    fail "storage-opts overlay2.size is set, which needs XFS, and the cache volume has $FILE_SYSTEM: leave it out, or take volume.file_system: xfs"
  ENGINE_MAJOR="$(read_engine_major)"
  [[ "$IMAGE_STORE" == overlay2 ]] || ((ENGINE_MAJOR >= 24)) ||
    fail "containerd's image store needs Docker 24 or later, this image has $ENGINE_MAJOR"
}

# stop_docker: everything, in one transaction: a client that connects would start the daemon again by its socket.
stop_docker() {
  systemctl stop docker.socket docker.service containerd.service
  ! systemctl is-active --quiet docker.service || fail "Docker does not stop"
}

# start_docker: on the mounted cache volume, checked.
start_docker() {
  local problem
  bind_docker_roots
  problem="$(pin_image_store "{\"max-concurrent-downloads\": $((3 * PARALLEL_PULLS))}" 2>&1)" ||
    fail "daemon.json cannot be changed: ${problem##*$'\n'}"
  [[ -z "$problem" ]] || log "$problem"
  launch_docker 'the cache volume'
  check_docker_root || fail "Docker does not keep its images on the cache volume"
}

# launch_docker WHERE: however often it was started before, and containerd with it: systemd counts starts of each.
launch_docker() {
  systemctl reset-failed docker.service docker.socket containerd.service 2>/dev/null || true
  systemctl start docker.service || fail "Docker does not start on $1: $(read_docker_reason)"
}

# read_docker_reason: the last line that dockerd itself has logged, of at most 500 characters. What systemd says of the unit is no line of the unit's.
read_docker_reason() {
  local line
  line="$(timeout 10 journalctl --quiet --no-pager --boot --lines 1 --output cat _SYSTEMD_UNIT=docker.service)" || true
  line="${line//[^[:print:]]/ }"
  printf %.500s "${line:-dockerd has logged nothing}"
}

# remove_unlisted_names: names that are no longer configured make room before the pulls. A tag's former image stays until its successor is there.
remove_unlisted_names() {
  local name
  while read -r name; do
    [[ "$name" == *'<none>'* ]] || is_local_name "$name" || docker image rm --force "$name" >/dev/null
  done < <(docker image ls --format '{{.Repository}}:{{.Tag}}'; docker image ls --digests --format '{{.Repository}}@{{.Digest}}')
}

# is_local_name NAME: true if a configured image has this name, or a digest in a configured repository.
is_local_name() {
  local index
  for index in "${!REFERENCES[@]}"; do
    [[ "$1" != "${LOCAL_NAMES[index]}" && ! ("$1" == *@* && "${LOCAL_NAMES[index]%%[@:]*}" == "${1%@*}") ]] || return 0
  done
  return 1
}

# remove_unlisted_images: after the pulls, every image that no configured reference names, also those without a name.
remove_unlisted_images() {
  local id wanted
  wanted="$(for_each_image docker image inspect --format '{{.Id}}' | sort -u)"
  while read -r id; do
    [[ -z "$id" ]] || docker image rm --force "$id" >/dev/null || log "not removed: $id"
  done < <(comm -13 <(printf '%s\n' "$wanted") <(docker image ls --all --quiet --no-trunc | sort -u))
}

# for_each_image COMMAND WORD...: with the local names of all images behind it.
for_each_image() {
  local index
  local -a names=()
  for index in "${!REFERENCES[@]}"; do names+=("${LOCAL_NAMES[index]}"); done
  "$@" "${names[@]}"
}

# read_engine_major: of the engine that is installed, running or not.
read_engine_major() {
  local version
  version="$(dockerd --version)"
  [[ "$version" =~ version\ ([0-9]+)\. ]]
  echo "${BASH_REMATCH[1]}"
}

# check_docker_root: true if the running Docker has the configured image store on the cache volume.
check_docker_root() { is_root_cached "$(docker info --format '{{.DockerRootDir}}|{{.Driver}} {{.DriverStatus}}')"; }
