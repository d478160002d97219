# shellcheck shell=bash
# A worker: Docker on the cache volume where that is possible in time, else on the root disk, and then the consumer's script in any case.

# main [boot]: from user data at launch; from our service, before Docker, at later boots.
main() {
  local mode="${1:-launch}"
  STARTED_MS=$((${EPOCHREALTIME//[.,]/} / 1000))
  decode_settings "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}"
  install --directory --mode=700 "$WORKER_HOME"
  install --directory "$RUN"
  # A child: nothing that fails in it keeps the consumer's script from running. Not behind `if` or `||`, where bash forgets errexit.
  prepare_docker "$mode" &
  wait "$!" || log "Docker could not be prepared: see above"
  [[ "$mode" == boot ]] || run_user_script
}

# prepare_docker MODE
prepare_docker() {
  local mapped=0 reason
  : >"$RUN/facts"
  rm -f -- "$RUN/reason" "$RUN/warm" "$RUN/hydration" "$RUN/hot-set"
  configure_docker_proxy
  [[ "$1" == boot ]] || is_cache_mapped || mapped=$?
  if ((mapped == 1)); then
    start_docker
    write_status cold "no cache device was mapped at launch"
    return
  fi
  attempt_warm "$1" $((mapped == 2 ? 0 : TIMEOUT_SECONDS))
  if [[ -e "$RUN/warm" ]]; then
    write_status warm ""
    return
  fi
  reason="$(cat "$RUN/reason" 2>/dev/null)" || reason="not ready within $TIMEOUT_SECONDS s"
  undo_move "$1"
  [[ "$1" == boot ]] || start_docker
  write_status cold "$reason"
  report_fallback
}

# attempt_warm MODE SECONDS: start_warm, killed with all it started when the time is up. A part of the time is kept for the way back.
attempt_warm() {
  local limit=$((TIMEOUT_SECONDS - (TIMEOUT_SECONDS < 40 ? TIMEOUT_SECONDS / 4 : 10))) wait_seconds="$2" warm timer
  ((wait_seconds < limit)) || wait_seconds=$limit
  # With job control the child leads a process group of its own.
  set -o monitor
  start_warm "$1" "$wait_seconds" &
  warm=$!
  sleep "$limit" &
  timer=$!
  set +o monitor
  wait -n "$warm" "$timer" || true
  kill -KILL -- "-$timer" 2>/dev/null || true
  [[ -e "$RUN/warm" ]] || kill -KILL -- "-$warm" 2>/dev/null || true
}

# start_warm MODE SECONDS: the steps, in a process of their own; leaves $RUN/warm, or a reason.
start_warm() {
  local facts disks
  trap 'printf "failed: %s" "$BASH_COMMAND" >"$RUN/failed"; [[ -s "$RUN/reason" ]] || mv "$RUN/failed" "$RUN/reason"' ERR
  ENGINE_MAJOR="$(read_engine_major)"
  [[ "$IMAGE_STORE" == overlay2 ]] || ((ENGINE_MAJOR >= 24)) || refuse "containerd's image store needs Docker 24, this is $ENGINE_MAJOR"
  [[ "$1" == boot ]] || check_containers
  # Where the image was made from a running worker, its service has mounted the volume.
  if [[ "$1" != boot ]] && mountpoint --quiet "$MOUNT_POINT"; then
    stop_docker
    unmount_cache
  fi
  disks="$(wait_for_disks "$2")"
  choose_disk "$disks"
  read -r -a facts <"$RUN/manifest"
  note device "$DISK" && note buildId "${facts[0]}" && note content "${facts[1]}" && note store "${facts[2]}" && note foundMs "$(elapsed_ms)"
  hydrate </dev/null &>/dev/null &
  [[ "$1" == boot ]] || stop_docker
  mount_cache
  note mountedMs "$(elapsed_ms)"
  move_docker
  if [[ "$1" != boot ]]; then
    start_docker
    check_docker_root
    check_images
    install_boot_service
  fi
  note readyMs "$(elapsed_ms)"
  touch "$RUN/warm"
}
