# shellcheck shell=bash
# A worker: Docker on the cache volume if that is possible in time, else on the root disk (docs/worker.md).
#
#   early   in cloud-init's network stage, before Docker: puts the volume in its place. Starts and stops no unit.
#   finish  at every boot, from a script that `early` left: checks Docker, or does what `early` could not, and says what became of the cache.
#   late    both in one, for user data that runs after Docker.
#   boot    after `late`, at later boots, from our service before Docker.

# main MODE [INSTANCE-ID]: always ends well.
main() {
  MODE="$1"
  STARTED_MS=$((${EPOCHREALTIME//[.,]/} / 1000))
  mkdir -p "$RUN"
  install -d -m 700 "$WORKER_HOME" || log "$WORKER_HOME cannot be made"
  if [[ "$MODE" == @(early|late) ]]; then
    decode_settings "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}" || log "settings are not whole"
    keep_settings || log "settings are not kept"
  else
    eval "$(<"$SETTINGS_FILE")"
  fi
  read_instance_id
  if [[ -n "${2:-}" && "$2" != "$INSTANCE_ID" ]]; then
    # This disk is a copy of that instance's.
    find_docker_roots
    is_docker_running || restore_daemon_json
    return 0
  fi
  # One at a time, whoever calls.
  exec 9>"$RUN/lock"
  case "$MODE" in
    early) run_early ;;
    # A service that is left from user data with `late` finds nothing to do.
    boot) ! declare -F run_boot >/dev/null || run_boot ;;
    *) run_late ;;
  esac
}

# attempt SECONDS FUNCTION [ARGUMENT...]: runs it as a child, killed with all it started when the time is up; $RUN/done says that it did its work, and
# TIMED_OUT that it did not in time. Nothing waits for a child that cannot be killed since the kernel is mounting for it: it ends by itself. Never
# behind `if` or `||`, in which bash forgets errexit.
attempt() {
  local child timer
  rm -f "$RUN"/{done,failed}
  # With job control each child leads its own process group.
  set -o monitor
  {
    trap 'echo "failed: $BASH_COMMAND" >"$RUN/failed"' ERR
    "${@:2}"
    touch "$RUN/done"
  } &
  child=$!
  sleep "$1" 9>&- &
  timer=$!
  set +o monitor
  wait -n "$child" "$timer" || true
  TIMED_OUT=
  kill "$timer" 2>/dev/null || TIMED_OUT=1
  # Its children in the background stay only if it did its work.
  [[ -e "$RUN/done" ]] || kill -KILL -- "-$child" 2>/dev/null || true
}

# run_early: whatever it leaves undone, `finish` decides by what is mounted.
run_early() {
  local limit=10 wait_ms=2000
  # Another way in is at work.
  flock -n 9 || return 0
  [[ "$MODE" == boot ]] || install_finish || log "finish is not installed"
  rm -f "$RUN"/{facts,reason,early,unmapped,dependents}
  note way early
  # A mount on a volume that is known, at a later boot, may take longer.
  ! is_marked '' '' || limit=15 wait_ms=10000
  configure_docker_proxy || log "Docker does not get the proxy"
  attempt "$limit" prepare_early "$wait_ms"
  [[ -z "$TIMED_OUT" ]] || log "not ready within $limit s"
  [[ -e "$RUN/done" || ! -s "$RUN/reason" ]] || attempt 5 undo_move
  elapsed_ms >"$RUN/early"
}

# prepare_early MS: refuses, or puts Docker's roots on the volume; or ends before, if `finish` can still do it.
prepare_early() {
  find_docker_roots
  if is_docker_running; then
    log "Docker is $DOCKER_STATE"
    exit 0
  fi
  # A package may bring it before `finish`. Containers may run without it.
  [[ "$DOCKER_LOADED" != not-found ]] && ! is_docker_alive any || exit 0
  check_docker_kind
  # Its files would be mounted over while it has them open.
  [[ "$IMAGE_STORE" == overlay2 || "$(systemctl show -p ActiveState --value containerd.service)" == inactive ]] || exit 0
  check_former
  # Containers that the image brings may start with Docker: `finish` sees if they do, and then leaves it alone.
  was_warm || ! compgen -G "$DOCKER_ROOT/containers/*" >/dev/null || exit 0
  open_cache "$1"
  move_docker
}

# was_warm: true if this instance has been warm before.
was_warm() { [[ "$(read_text "$WORKER_HOME/warm")" == "$INSTANCE_ID" ]]; }

# check_former: refuses if this instance has started cold, and never warm: what Docker keeps is on the root disk, and stays there.
check_former() {
  was_warm || [[ "$(read_text "$WORKER_HOME/cold")" != "$INSTANCE_ID" ]] || refuse "this instance has started cold before, and its images and containers are on the root disk"
}

# open_cache MS: finds the volume and mounts it, unless an attempt before has come so far, and takes it over.
open_cache() {
  local -a facts
  if is_on_cache_volume "$MOUNT_POINT" && [[ -s "$RUN/disk" ]]; then
    read -r DISK DISK_TYPE DISK_UUID DISK_BLOCKS DISK_SERIAL <"$RUN/disk"
  else
    unmount_cache
    find_disk "$1"
  fi
  read -r -a facts <"$RUN/manifest"
  note device "$DISK" buildId "${facts[0]}" content "${facts[1]}" store "${facts[2]}" foundMs "$(elapsed_ms)"
  # Nothing waits for it. An attempt that was killed has taken its own along.
  MARK="$INSTANCE_ID $DISK_UUID $DISK_SERIAL" hydrate </dev/null &>/dev/null 9>&- &
  mount_cache
  note mountedMs "$(elapsed_ms)" mountedAt "${EPOCHREALTIME/,/.}"
}

# run_late: `late` and `finish`: ends with Docker checked, and a status.
run_late() {
  local limit=$((TIMEOUT_SECONDS < 40 ? TIMEOUT_SECONDS * 3 / 4 : TIMEOUT_SECONDS - 10)) early hangs=''
  flock -w "$limit" 9 || hangs=1
  [[ "$MODE" == late ]] || read_text "$RUN/early.log" >&2
  find_docker_roots
  if [[ "$DOCKER_STATE" == active ]] && { [[ -s "$RUN/status.json" ]] || { [[ ! -e "$RUN/disk" ]] && is_on_cache_volume "$DOCKER_ROOT"; }; }; then
    log "nothing to do"
    return 0
  fi
  if [[ "$MODE" == finish ]]; then
    # The times go on where those of `early` ended.
    early="$(read_text "$RUN/early")"
    [[ -z "$early" ]] || note earlyMs "$early"
    STARTED_MS=$((STARTED_MS - ${early:-0})) limit=$((limit - ${early:-0} / 1000))
    ((limit >= 5)) || limit=5
  else
    rm -f "$RUN"/{facts,reason,unmapped,dependents}
    configure_docker_proxy || log "Docker does not get the proxy"
    note way late
  fi
  rm -f "$RUN/warm"
  [[ -z "$hangs" ]] || give_reason "what began before still hangs"
  attempt "$limit" start_warm $((limit * 1000 - 1000))
  [[ -z "$TIMED_OUT" ]] || give_reason "not ready within $TIMEOUT_SECONDS s"
  if [[ -e "$RUN/warm" ]]; then
    write_status warm ""
    [[ "$MODE" == finish ]] || install_boot_service || log "later boots are cold"
    return 0
  fi
  give_reason "$(read_text "$RUN/failed")"
  start_cold
}

# start_warm MS: Docker on the cache volume, checked; leaves $RUN/warm, or a reason.
start_warm() {
  [[ ! -s "$RUN/reason" ]] || exit 1
  if ! is_on_cache_volume "$DOCKER_ROOT" || [[ ! -s "$RUN/disk" ]]; then
    check_docker_kind
    check_former
    note way late
    # `early` had put it in its place: somebody has named another root since, or mounted over it.
    list_cache_mounts
    ((${#CACHE_MOUNTS[@]} <= 1)) || note repinned 1
    settle_docker "$1"
  else
    [[ "$DOCKER_STATE" == active ]] || start_on_cache
    # Somebody has changed its configuration, or mounted over its root, since.
    check_docker || {
      note repinned 1
      settle_docker "$1"
    }
  fi
  note readyMs "$(elapsed_ms)" readyAt "${EPOCHREALTIME/,/.}"
  touch "$RUN/warm"
}

# settle_docker MS: moves a Docker that may run already. It is stopped only once the volume is known to be good, and if it runs no container.
settle_docker() {
  open_cache "$1"
  check_containers
  stop_docker 20
  ! is_docker_alive any || refuse "Docker does not stop"
  unbind_docker_roots || refuse "the cache volume is in use"
  move_docker
  start_on_cache
  check_docker || refuse "Docker does not keep its images on the cache volume"
}

# start_cold: Docker on the root disk, with its configuration as it was found. If a container runs, everything stays as it is.
start_cold() {
  local in_use=0
  list_cache_mounts
  if ((${#CACHE_MOUNTS[@]} > 1)) || { ! has_proxy && systemctl is-active -q docker.service; }; then
    if (check_containers); then
      # The time is nearly up: one that hangs gets little of it.
      stop_docker 5
    else
      log "Docker is left alone: a container runs"
      in_use=1
    fi
  fi
  ((in_use && ${#CACHE_MOUNTS[@]} > 1)) || attempt 10 undo_move
  [[ "$DOCKER_LOADED" == not-found ]] || start_docker || note docker 'does not start on the root disk either'
  write_status cold "$(<"$RUN/reason")"
}
