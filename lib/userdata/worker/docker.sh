# shellcheck shell=bash
# Docker on a worker: asked, moved and checked; and stopped only if nobody uses it, with all that depends on it, which is started again.

DOCKER_UNITS=(docker.socket docker.service)
# Not empty if it could only be asked to start later.
DOCKER_DEFERRED=

# check_docker_kind: refuses what cannot work on the cache volume, before anything is stopped (docs/worker.md, "Supported Docker settings").
check_docker_kind() {
  [[ "$DOCKER_LOADED" != not-found ]] || refuse "there is no docker.service: none is installed, or it is rootless or from a snap"
  [[ "$DOCKER_LOADED" != masked ]] || refuse "docker.service is masked"
  [[ -z "$DOCKER_UNFIT" ]] || refuse "$DOCKER_UNFIT"
}

# is_docker_running: any state that is not the end of it.
is_docker_running() { [[ "$DOCKER_STATE" != @(inactive|failed) ]]; }

# list_containers: the running ones, except for the ECS agent; fails if Docker does not say.
list_containers() {
  local name all
  all="$(timeout 10 docker ps --format '{{.Names}} {{.Image}}')" || return
  while read -r name; do [[ "$name" == *ecs-agent* || -z "$name" ]] || printf '%s\n' "$name"; done <<<"$all"
}

# check_containers: refuses if a container other than the ECS agent runs, whether Docker runs or not: it is left alone.
check_containers() {
  local containers
  # Asked only if it runs: its socket would start it.
  case "$(systemctl is-active docker.service)" in activating | reloading) timeout 10 systemctl start docker.service || true ;; esac
  if systemctl is-active -q docker.service && containers="$(list_containers 2>/dev/null)"; then
    [[ -z "$containers" ]] || refuse "a container runs already, Docker is left alone: ${containers%%$'\n'*}"
  else
    ! is_docker_alive keepers || refuse "a container runs already, without Docker: nothing is touched"
  fi
}

# stop_docker SECONDS: even if it hangs; it is killed then. Its socket first: a client that connects would start it again. systemd stops what depends on
# it too; that is written down before, for start_docker.
stop_docker() {
  local -a units=("${DOCKER_UNITS[@]}")
  [[ "$IMAGE_STORE" == overlay2 ]] || units+=(containerd.service)
  list_dependents "${units[@]}" >>"$RUN/dependents"
  timeout "$1" systemctl stop "${units[@]}" || systemctl kill -s KILL "${units[@]}" || true
}

# list_dependents UNIT...: units that run, or are about to, and that systemd stops together with these, or with one of those.
list_dependents() {
  local seen=" $* " key value id='' state='' job='' unit
  local -a queue=("$@") next
  while ((${#queue[@]})); do
    next=()
    # A unit's lines end with an empty one.
    while IFS='=' read -r key value; do
      case "$key" in
        Id) id="$value" ;;
        ActiveState) state="$value" ;;
        Job) job="$value" ;;
        '')
          [[ -z "$id" || " $* " == *" $id "* || ("$state" != @(active|activating|reloading) && "${job:-0}" == 0) ]] || printf '%s\n' "$id"
          id='' job=''
          ;;
        *)
          for unit in $value; do
            [[ "$seen" == *" $unit "* ]] || next+=("$unit")
            seen+="$unit "
          done
          ;;
      esac
    done < <(
      systemctl show -p Id,ActiveState,Job,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo "${queue[@]}"
      echo
    )
    queue=("${next[@]}")
  done
}

# start_docker: for this boot and later ones, with what was stopped together with it. Stops and starts in quick succession count as failures to systemd
# unless they are forgotten. A docker.service that is ordered after the end of cloud-init cannot be waited for: we are a part of that.
start_docker() {
  local -a dependents
  if ! systemctl is-active -q docker.service; then
    systemctl reset-failed "${DOCKER_UNITS[@]}" 2>/dev/null || true
    if [[ "$MODE" != boot && " $(systemctl show -p After --value docker.service) " == *" cloud-"@(final.service|init.target)" "* ]]; then
      DOCKER_DEFERRED=1
      note docker 'starts after cloud-init, and was not checked'
      systemctl start --no-block docker.service || return
    else
      timeout 120 systemctl start docker.service || return
    fi
    systemctl is-enabled -q "${DOCKER_UNITS[@]}" || systemctl enable -q docker.service
  fi
  mapfile -t dependents < <(read_text "$RUN/dependents")
  ((${#dependents[@]} == 0)) || systemctl start --no-block "${dependents[@]}" || log "not all is started again: ${dependents[*]}"
  rm -f "$RUN/dependents"
}

# start_on_cache: as start_docker, or refuses.
start_on_cache() { start_docker || refuse "Docker does not start on the cache volume"; }

# check_docker: refuses unless Docker, which has been started, runs on the cache volume with every image. Fails if it has another root or store.
check_docker() {
  local info major store images
  local -a facts references
  [[ -z "$DOCKER_DEFERRED" ]] || return 0
  { read -r -a facts && mapfile -t references; } <"$RUN/manifest"
  docker image inspect --format x -- "${references[@]}" >/dev/null &
  images=$!
  info="$(docker info --format '{{.ServerVersion}}|{{.DockerRootDir}}|{{.Driver}} {{.DriverStatus}}')" || refuse "Docker does not answer"
  major="${info%%.*}" store="${facts[2]}"
  [[ "$major" =~ ^[0-9]{1,4}$ ]] || refuse "Docker's version is no number: ${info%%|*}"
  ((${store#*/} <= major)) || refuse "Docker ${store#*/} wrote it, this is $major"
  [[ "$IMAGE_STORE" == overlay2 ]] || ((major >= 24)) || refuse "containerd's image store needs Docker 24, this is $major"
  is_root_cached "${info#*|}" || return
  wait "$images" || refuse "Docker does not know all images of the manifest"
}

# move_docker: its roots to the mounted cache volume, its configuration pinned to the store.
move_docker() {
  local problem
  order_unmounts || true
  bind_docker_roots
  problem="$(pin_image_store '{}' keep_daemon_json 2>&1)" || refuse "daemon.json cannot be changed: ${problem##*$'\n'}"
  [[ -z "$problem" ]] || log "$problem"
}

# keep_daemon_json NEW: before daemon.json is replaced by NEW, what is there is kept, and what will be there is written down. What we once wrote is not
# what was found.
keep_daemon_json() {
  local hash
  if ! is_daemon_json_ours; then
    rm -f "$WORKER_HOME/daemon.json"
    [[ ! -e "$DAEMON_JSON" ]] || cp -p "$DAEMON_JSON" "$WORKER_HOME/daemon.json"
  fi
  hash="$(sha256sum <"$1")" && printf '%s\n' "$hash" >"$WORKER_HOME/pinned"
}

# is_daemon_json_ours: true if it is what we wrote, byte for byte.
is_daemon_json_ours() { [[ -e "$DAEMON_JSON" && -s "$WORKER_HOME/pinned" && "$(sha256sum <"$DAEMON_JSON")" == "$(<"$WORKER_HOME/pinned")" ]]; }

# undo_move: everything as it was found. Parts that cannot be put back are said, and are no reason not to start Docker. A daemon.json that stays is
# whole, and right on the root disk too.
undo_move() {
  find_docker_roots
  unmount_cache || {
    log "the volume stays mounted"
    return 0
  }
  restore_daemon_json || log "daemon.json stays"
}

# restore_daemon_json: that which was found, or none; unless somebody has changed it since.
restore_daemon_json() {
  is_daemon_json_ours || return 0
  if [[ -e "$WORKER_HOME/daemon.json" ]]; then
    cp -p "$WORKER_HOME/daemon.json" "$DAEMON_JSON.new" && mv "$DAEMON_JSON.new" "$DAEMON_JSON"
  else
    rm -f "$DAEMON_JSON"
  fi && rm "$WORKER_HOME/pinned"
}

# has_proxy: false if Docker runs and does not have the proxy: it was started before the drop-in was there.
has_proxy() {
  local process
  local -a variables
  [[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
  process="$(systemctl show -p MainPID --value docker.service)"
  ((process > 0)) && mapfile -d '' variables <"/proc/$process/environ" || return 0
  [[ " ${variables[*]} " == *" HTTPS_PROXY=$HTTPS_PROXY_URL "* && " ${variables[*]} " == *" HTTP_PROXY=$HTTP_PROXY_URL "* ]]
}
