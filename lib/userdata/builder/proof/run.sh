# shellcheck shell=bash
# The proof that every image runs, from a cold mount and under the block tracer. The blocks that it touches are those of a worker's first start. What
# became of a process is read from Docker's state of its container, and never from the words of an error.

SMOKE_SECONDS=300
DEFAULT_RUN_SECONDS=10
# Images without a program: all there is to prove is that their files can be read.
declare -a DATA_IMAGES=()

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
  TRACED=("${!REFERENCES[@]}")
  for index in "${TRACED[@]}"; do
    mark_trace
    prove_image "$index"
    mark_trace
    read_whole "$index" || drop_unproven "$index" "its files cannot be read"
  done
  mark_trace
  list_files >/dev/null
  stop_trace
  # Not before: a worker does not read them.
  for index in "${DATA_IMAGES[@]}"; do
    [[ -z "${REFERENCES[$index]:-}" ]] || read_rootfs "$index" || drop_unproven "$index" "its files cannot be read"
  done
  remove_dropped
  collect_image_facts
  remove_containers
}

# prove_image INDEX: its smoke command, which must succeed, else its own command, of which only the start must succeed. With no network, input,
# configuration or capability a correct image may well end with an error, or never.
prove_image() {
  if [[ -n "${SMOKE[$1]}" ]]; then
    prove_smoke "$1" || drop_unproven "$1" "its smoke command failed: $ENDED"
  else
    prove_start "$1" || drop_unproven "$1" "it does not run: $ENDED"
  fi
  [[ -z "${REFERENCES[$1]:-}" ]] || log "proven: ${REFERENCES[$1]}: $ENDED"
}

# drop_unproven INDEX REASON: if the image is not optional, the build fails. It may be the store that is damaged, and not the image.
drop_unproven() {
  STORE_DOUBT=all
  drop_image "$1" "$2"
  STORE_DOUBT=sizes
}

# remove_dropped: images that were left out since they do not run, and their names. Content is another then.
remove_dropped() {
  ((${#REFERENCES[@]} > 0)) || fail "not one image runs"
  ((${#REFERENCES[@]} < ${#TRACED[@]})) || return 0
  remove_containers
  remove_unlisted_names
  remove_unlisted_images
  CONTENT="$(compute_content)"
}

# prove_smoke INDEX: the command by the image's shell, or split at spaces if the image has none. Sets ENDED.
prove_smoke() {
  local -a words
  run_once "$1" "$SMOKE_SECONDS" --entrypoint /bin/sh -- -c "${SMOKE[$1]}"
  if [[ "$ENDED" == missing\ * ]]; then
    read -r -a words <<<"${SMOKE[$1]}"
    run_once "$1" "$SMOKE_SECONDS" --entrypoint "${words[0]}" -- "${words[@]:1}"
  fi
  [[ "$ENDED" == 'exit 0' ]]
}

# prove_start INDEX: the image's own command, or a shell if it has none that can be started. If there is no shell either, the image is data or made to
# be built upon. A program for another processor is never correct. Sets ENDED.
prove_start() {
  local own
  run_once "$1" "$DEFAULT_RUN_SECONDS" --
  case "$ENDED" in
    exit\ *) return 0 ;;
    foreign\ *) return 1 ;;
  esac
  own="$ENDED"
  run_once "$1" "$DEFAULT_RUN_SECONDS" --entrypoint /bin/sh --user 0 --workdir / -- -c :
  [[ "$ENDED" != exit\ * ]] || return 0
  if [[ "$own $ENDED" == missing\ *\ missing\ /bin/sh ]]; then
    DATA_IMAGES+=("$1")
    return 0
  fi
  [[ "$own" == missing\ * ]] || ENDED="$own"
  return 1
}

# run_once INDEX SECONDS OPTION... -- WORD...: sets ENDED. `exit CODE`: a process ran; `exit still running` at the end. `missing PATH`, `foreign PATH` and
# `unknown PATH`: none ran, since the program is not there, is for another processor, or is of no format that the kernel knows. `failed: REASON`: none
# ran, and nobody knows whose fault it is.
run_once() {
  local container status code started index="$1" seconds="$2"
  shift 2
  container="$(create_container "$index" "$@" 2>"$RUN/run-error")" || {
    end_run 'failed:'
    return 0
  }
  docker start "$container" >/dev/null 2>"$RUN/run-error" || true
  read_state "$container"
  if [[ "$started" != 0001-* ]]; then
    timeout "$seconds" docker wait "$container" &>/dev/null || true
    read_state "$container"
    [[ "$code $status" == '0 exited' ]] || show_output "$container"
  fi
  ENDED="$(judge_end)"
  [[ "$ENDED" != failed: ]] || end_run failed:
  docker rm --force --volumes "$container" >/dev/null
}

# show_output CONTAINER: the last of what it said, as such: a line of its own could pass for the build's summary.
show_output() { docker logs --tail 20 "$1" 2>&1 | sed 's/^/container: /' >&2 || true; }

# read_state CONTAINER: sets the caller's status, code and started.
read_state() {
  local state
  state="$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.StartedAt}}' "$1")" || fail "Docker does not know its own container"
  read -r status code started <<<"$state"
}

# judge_end: of the caller's container. 126 and 127 are the runtime's codes for a program that it could not start; they alone do not prove that it is
# missing. A process that is started may end before the program is: by its files one knows.
judge_end() {
  local kind ran=''
  [[ "$started" == 0001-* ]] || ran=yes
  if [[ "$status" == running ]]; then
    printf 'exit still running'
  elif [[ "$ran$code" == yes0 ]]; then
    printf 'exit 0'
  elif [[ ! "$ran$code" =~ ^(yes.*|126|127)$ ]] || ! kind="$(find_program "$container" "$CACHE_ARCHITECTURE")"; then
    printf failed:
  elif [[ "$kind" != native\ * ]]; then
    printf %s "$kind"
  elif [[ -n "$ran" ]]; then
    printf 'exit %s' "$code"
  else
    printf failed:
  fi
}

# end_run WORD: sets ENDED, with what Docker said.
end_run() { ENDED="$1 $(tr '\n' ' ' <"$RUN/run-error")"; }

# create_container INDEX OPTION... -- WORD...: prints its id. It names all that the daemon's configuration could have otherwise: runtime, log and limits.
create_container() {
  local image="${LOCAL_NAMES[$1]}" own container
  local -a options=()
  shift
  while [[ "$1" != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  # An image without any command cannot even be created without a word behind it.
  own="$(docker image inspect --format '{{join .Config.Entrypoint ""}}{{join .Config.Cmd ""}}' "$image")" || return
  [[ -n "$own$*" || "${options[*]}" == *entrypoint* ]] || set -- /docker-cache-not-found
  container="$(docker create --pull never --runtime runc --network none --cap-drop ALL --security-opt no-new-privileges --memory 2g --pids-limit 512 \
    --restart no --ulimit nofile=1024:16384 --ulimit core=0 --log-driver json-file --log-opt max-size=1m --log-opt max-file=1 --log-opt compress=false \
    "${options[@]}" "$image" "$@")" || return
  printf %s "${container##*$'\n'}"
}

# read_rootfs INDEX: every file of an image, mounted as a container has them.
read_rootfs() {
  local container
  container="$(create_container "$1" -- x)" && docker export "$container" >/dev/null
}

# read_whole INDEX: if workers read the image ahead whole, for the tracer to see.
read_whole() { [[ -z "${REFERENCES[$1]:-}" || -z "${WHOLE[$1]}" ]] || read_rootfs "$1"; }

# remove_containers: all of them.
remove_containers() { timeout 60 docker ps --all --quiet | timeout 120 xargs -r docker rm --force --volumes >/dev/null; }
