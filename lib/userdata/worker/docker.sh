# shellcheck shell=bash
# Docker on a worker: stopped, moved, started and checked, or put back.

# check_containers: refuses if a container other than the ECS agent runs: Docker is then in use and left alone. Waits if it is still starting.
check_containers() {
  local container
  case "$(systemctl is-active docker.service)" in
    active) ;;
    activating | reloading) systemctl start docker.service ;;
    *) return 0 ;;
  esac
  while read -r container; do
    [[ -z "$container" || "$container" == *ecs-agent* ]] || refuse "a container runs already, Docker is left alone: $container"
  done < <(docker ps --format '{{.Names}} {{.Image}}')
}

# stop_docker SECONDS: even if it hangs; it is killed then. Its socket first: a client that connects would start it again.
stop_docker() {
  local -a units=(docker.socket docker.service)
  [[ "$IMAGE_STORE" == overlay2 ]] || units+=(containerd.service)
  timeout "$1" systemctl stop "${units[@]}" || systemctl kill -s KILL "${units[@]}" || true
}

# start_docker: for this boot and later ones. Starts the ECS agent too, if the image has it: stopping Docker took back its start, which waits for the
# end of the user data. Stops and starts in quick succession count as failures to systemd unless they are forgotten.
start_docker() {
  systemctl reset-failed docker.service docker.socket 2>/dev/null || true
  timeout 120 systemctl start docker.service || return
  systemctl is-enabled -q docker.service docker.socket || systemctl enable -q docker.service
  ! systemctl is-enabled -q ecs.service 2>/dev/null || systemctl start --no-block ecs.service
}

# start_docker_cold REASON: on the root disk. A worker whose Docker does not even start there says so.
start_docker_cold() {
  start_docker || note docker 'does not start on the root disk either'
  write_status cold "$1"
}

# move_docker: Docker's roots to the mounted cache volume, its configuration kept for undo_move.
move_docker() {
  local problem
  if [[ ! -e "$WORKER_HOME/moved" ]]; then
    rm -f "$WORKER_HOME/daemon.json"
    [[ ! -e "$DAEMON_JSON" ]] || cp -p "$DAEMON_JSON" "$WORKER_HOME"
    touch "$WORKER_HOME/moved"
  fi
  bind_docker_roots
  problem="$(pin_image_store '{}' 2>&1)" || refuse "daemon.json cannot be changed: ${problem##*$'\n'}"
}

# check_images: fails unless Docker knows every image of the manifest.
check_images() {
  local references
  mapfile -t references < <(tail -n +2 "$RUN/manifest")
  docker image inspect --format x "${references[@]}" >/dev/null
}

# undo_move: everything as it was found, byte for byte. Parts that cannot be put back are said, and are no reason not to start Docker. A daemon.json
# that stays is whole, and right on the root disk too.
undo_move() {
  unmount_cache || log "the volume stays mounted"
  [[ -e "$WORKER_HOME/moved" ]] || return 0
  restore_daemon_json || log "daemon.json stays"
}

# restore_daemon_json: that which was found, or none.
restore_daemon_json() {
  if [[ -e "$WORKER_HOME/daemon.json" ]]; then
    cp -p "$WORKER_HOME/daemon.json" "$DAEMON_JSON.new" && mv "$DAEMON_JSON.new" "$DAEMON_JSON" || return
  else
    rm -f "$DAEMON_JSON" || return
  fi
  rm "$WORKER_HOME/moved"
}
