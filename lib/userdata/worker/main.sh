# shellcheck shell=bash
# A worker: Docker on the cache volume if that is possible in time, else on the root disk. Then the consumer's script runs in any case.

# main USER-DATA [boot]: from user data at launch; from our service, before Docker, at later boots.
main() {
  local mode="${2:-launch}"
  USER_DATA="$1"
  STARTED_MS=$((${EPOCHREALTIME//[.,]/} / 1000))
  decode_settings "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}" || log "settings are not whole"
  install -d -m 700 "$WORKER_HOME"
  mkdir -p "$RUN"
  # A child: no failure in it keeps Docker from being started and the consumer's script from running. Not behind `if` or `||`, in which bash forgets
  # errexit.
  prepare_docker "$mode" &
  wait "$!" || log "Docker was not prepared"
  [[ "$mode" == boot ]] || {
    [[ -s "$RUN/status.json" ]] || start_docker || log "Docker does not start"
    run_user_script
  }
}

# prepare_docker MODE
prepare_docker() {
  local mapped=0
  : >"$RUN/facts"
  rm -f "$RUN"/{status.json,reason,failed,warm,hydration,hot-set}
  # Asked now, read when it is wanted: a tenth of a second.
  exec {ENGINE}< <(read_engine_major)
  configure_docker_proxy
  find_docker_roots
  [[ "$1" == boot ]] || is_cache_mapped || mapped=$?
  if ((mapped == 1)); then
    start_docker_cold "no cache device was mapped at launch"
    return
  fi
  attempt_warm "$1" $((mapped ? 0 : TIMEOUT_SECONDS))
  if [[ -e "$RUN/warm" ]]; then
    write_status warm ""
    # Nothing waits for it.
    [[ "$1" == boot ]] || install_boot_service &
    return
  fi
  if [[ "$1" == boot ]]; then
    undo_move
    write_status cold "$(<"$RUN/reason")"
  else
    # The time is nearly up: one that hangs gets little of it.
    [[ ! -e "$WORKER_HOME/moved" ]] || stop_docker 5
    undo_move
    start_docker_cold "$(<"$RUN/reason")"
  fi
  # Nothing waits for it.
  put_metric "$FALLBACK_METRIC" 1 &>/dev/null &
}

# attempt_warm MODE SECONDS: start_warm, killed with all it started when the time is up. A part of the time is kept for the way back.
attempt_warm() {
  local limit=$((TIMEOUT_SECONDS < 40 ? TIMEOUT_SECONDS * 3 / 4 : TIMEOUT_SECONDS - 10)) warm timer
  # With job control each child leads its own process group.
  set -o monitor
  start_warm "$1" $(($2 < limit ? $2 : limit - 1)) &
  warm=$!
  sleep "$limit" &
  timer=$!
  set +o monitor
  wait -n "$warm" "$timer" || true
  if kill "$timer" 2>/dev/null; then give_reason "$(read_text "$RUN/failed")"; else give_reason "not ready within $TIMEOUT_SECONDS s"; fi
  # Its children in the background go too.
  [[ -e "$RUN/warm" ]] || kill -KILL -- "-$warm" 2>/dev/null || true
}

# start_warm MODE SECONDS: the steps, in a process of their own; leaves $RUN/warm, or a reason.
start_warm() {
  local facts disks stopped
  trap 'echo "failed: $BASH_COMMAND" >"$RUN/failed"' ERR
  # If the image was made from a running worker, its service has mounted the volume.
  if is_on_cache_volume "$MOUNT_POINT"; then
    [[ "$1" == boot ]] || stop_docker 20
    unmount_cache
  fi
  read -r -u "$ENGINE" ENGINE_MAJOR || refuse "this image has no Docker"
  command -v python3 >/dev/null || refuse "this image has no python3"
  [[ "$IMAGE_STORE" == overlay2 ]] || ((ENGINE_MAJOR >= 24)) || refuse "containerd's image store needs Docker 24, this is $ENGINE_MAJOR"
  disks="$(wait_for_disks "$2")"
  # While the disk is looked at.
  if [[ "$1" != boot ]]; then
    {
      check_containers
      stop_docker 20
    } &
    stopped=$!
  fi
  find_disk "$2" "$disks"
  read -r -a facts <"$RUN/manifest"
  note device "$DISK" buildId "${facts[0]}" content "${facts[1]}" store "${facts[2]}" foundMs "$(elapsed_ms)"
  hydrate </dev/null &>/dev/null &
  [[ "$1" == boot ]] || wait "$stopped"
  mount_cache
  note mountedMs "$(elapsed_ms)"
  move_docker
  if [[ "$1" != boot ]]; then
    # Something else may have started it meanwhile, on the root disk.
    check_containers
    stop_docker 20
    start_docker || refuse "Docker does not start on the cache volume"
    check_docker_root || refuse "Docker does not keep its images on the cache volume"
    check_images || refuse "Docker does not know all images of the manifest"
  fi
  note readyMs "$(elapsed_ms)"
  touch "$RUN/warm"
}
