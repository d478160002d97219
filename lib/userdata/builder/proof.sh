# shellcheck shell=bash
# The proof that every image runs, from a cold mount and under the block tracer. The blocks that it touches are those of a worker's first start.

SMOKE_SECONDS=300
DEFAULT_RUN_SECONDS=10

# prove_images: traced from the mount on.
prove_images() {
  local index
  stop_docker
  # Nothing of the volume stays in memory. The kernel forgets a file system's files as it is unmounted, and then what it knows of the disk itself.
  unmount_volume
  blockdev --flushbufs "$DISK"
  start_trace
  mount_read_write "$DISK" "$FILE_SYSTEM"
  touch "$MOUNT_POINT/$UNFINISHED_PATH"
  start_docker
  for_each_image docker image inspect --format x >/dev/null
  # What the engine wrote is written, and traced, before the first image runs.
  sync --file-system "$MOUNT_POINT"
  mark_trace
  for index in "${!REFERENCES[@]}"; do
    mark_trace
    prove_image "$index"
    mark_trace
    read_whole "$index"
  done
  mark_trace
  list_files >/dev/null
  stop_trace
  collect_image_facts
  remove_containers
}

# read_whole INDEX: every file of an image that workers read ahead whole, for the tracer to see.
read_whole() { [[ -z "${WHOLE[$1]}" ]] || docker export "$(docker create --pull never "${LOCAL_NAMES[$1]}" x)" >/dev/null; }

# remove_containers: all of them.
remove_containers() { timeout 60 docker ps --all --quiet | timeout 120 xargs -r docker rm --force --volumes >/dev/null; }

# prove_image INDEX: its smoke command, which must succeed, else its own command, of which only the start must succeed. With no network, input,
# configuration or capability a correct image may well end with an error, or never.
prove_image() {
  local reference="${REFERENCES[$1]}" result
  if [[ -n "${SMOKE[$1]}" ]]; then
    result="$(prove_smoke "$1")" || fail "$reference: its smoke command failed: $result"
  else
    result="$(prove_start "$1")" || fail "$reference does not run: $result"
  fi
  log "proven: $reference: $result"
}

# prove_smoke INDEX: the command by the image's shell, or split at spaces if the image has none.
prove_smoke() {
  local image="${LOCAL_NAMES[$1]}" result
  local -a words
  read -r -a words <<<"${SMOKE[$1]}"
  result="$(run_once "$image" "$SMOKE_SECONDS" --entrypoint /bin/sh -- -c "${SMOKE[$1]}")" || [[ "$result" != *'/bin/sh'* ]] ||
    result="$(run_once "$image" "$SMOKE_SECONDS" --entrypoint "${words[0]}" -- "${words[@]:1}")" || true
  printf '%s' "$result"
  [[ "$result" == 'exit 0' ]]
}

# prove_start INDEX: the image's own command, or a shell if it has none that can be started. If there is no shell either, the image is data or made to
# be built upon. All there is to prove then is that its layers mount. A program for another processor is never correct.
prove_start() {
  local own shell
  own="$(run_once "${LOCAL_NAMES[$1]}" "$DEFAULT_RUN_SECONDS" --)" && { printf '%s' "$own"; return; }
  shell="$(run_once "${LOCAL_NAMES[$1]}" "$DEFAULT_RUN_SECONDS" --entrypoint /bin/sh --user 0 --workdir / -- -c :)" && { printf '%s' "$shell"; return; }
  printf '%s' "$own"
  [[ "$own" != *'exec format error'* && ("$shell" == *'no such file'* || "$shell" == *'not found'* || "$shell" == *'permission denied'*) ]]
}

# run_once IMAGE SECONDS OPTION... -- WORD...: prints `exit CODE` if the process started: 137 and `timeout` if it was still running at the end. Else
# prints what kept it from starting, and fails.
run_once() {
  local image="$1" seconds="$2" container code reason
  local -a options=()
  shift 2
  while [[ "$1" != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  # An image without any command cannot even be created without a word behind it.
  [[ "${options[*]}" == *entrypoint* || $# -gt 0 || -n "$(docker image inspect --format '{{join .Config.Entrypoint ""}}{{join .Config.Cmd ""}}' "$image")" ]] ||
    set -- /docker-cache-not-found
  container="$(docker create --pull never --network none --cap-drop ALL --security-opt no-new-privileges --memory 2g --pids-limit 512 \
    --restart no "${options[@]}" "$image" "$@" 2>&1)" || { printf '%s' "$container"; return 1; }
  container="${container##*$'\n'}"
  reason="$(docker start "$container" 2>&1)" || { printf '%s' "${reason//$'\n'/ }"; docker rm --force --volumes "$container" >/dev/null; return 1; }
  code="$(timeout "$seconds" docker wait "$container")" || code='still running'
  reason=
  if [[ "$code" != 0 ]]; then reason="$(docker logs --tail 20 "$container" 2>&1)" || true; fi
  docker rm --force --volumes "$container" >/dev/null
  printf '%s' "${reason:+$reason$'\n'}" >&2
  # Docker starts a program for another processor; only the log says that it never ran.
  [[ "$reason" != *'exec format error'* ]] || { printf '%s' "${reason//$'\n'/ }"; return 1; }
  printf 'exit %s' "$code"
}
