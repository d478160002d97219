#!/usr/bin/env bats
# A worker's ways: warm if that is possible, cold in any other case; and nothing is taken from under a Docker that runs.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  mkdir -p "$T/volume/docker" "$T/volume/.docker-cache"
  echo inactive >"$T/docker"
  : >"$T/containers"
  # Mounts are kept in the test's own list, as the kernel does.
  stub mount 'case "$*" in *--bind* | *--read-write*) echo "40 22 259:1 / ${*: -1} rw - xfs /dev/nvme1n1 rw" >>"$T/mounts" ;; esac'
  stub umount 'place="${*: -1}"; line="$(grep -nF " / $place rw" "$T/mounts" | tail -n 1 | cut -d: -f1)"; [[ -n "$line" ]] && sed -i "${line}d" "$T/mounts"'
  # Docker is one word in a file. Any command line that reads it is systemd.
  stub systemctl 'case "$*" in
    "show -p LoadState,"*) printf "LoadState=loaded\nActiveState=%s\nExecStart=\n" "$(<"$T/docker")" ;;
    "show -p Id,"*) shift 3; for unit in "$@"; do cat "$T/depending/$unit" 2>/dev/null || printf "Id=%s\nActiveState=inactive\n" "$unit"; echo; done ;;
    "show -p After "*) echo basic.target ;;
    "show -p ActiveState --value containerd.service") echo inactive ;;
    "is-active -q docker.service") [[ "$(<"$T/docker")" == active ]] ;;
    "start docker.service") echo active >"$T/docker" ;;
    "stop "*) echo inactive >"$T/docker" ;;
  esac'
  stub docker 'case "$1" in
    ps) [[ "$(<"$T/docker")" == active ]] && cat "$T/containers" ;;
    info) grep -q " /var/lib/docker " "$T/mounts" && echo "26.1.5|/var/lib/docker|overlay2 [[Backing xfs]]" || echo "26.1.5|/root-disk|overlay2 x" ;;
  esac'
  # Found and good, unless a test says otherwise. No process of this machine is Docker's.
  warm='is_cache_mapped() { return 0; }; list_labelled_disks() { echo "/dev/nvme1n1 xfs u-1 vol1"; }
    choose_disk() { DISK=/dev/nvme1n1 DISK_TYPE=xfs DISK_UUID=u-1 DISK_SERIAL=vol1 DISK_BLOCKS=64; printf "i-9 abc overlay2/25\na:1\n" >"$RUN/manifest"
      printf "%s\n" "$DISK $DISK_TYPE $DISK_UUID $DISK_BLOCKS $DISK_SERIAL" >"$RUN/disk"; }
    grow_cache() { :; }; hydrate() { :; }; is_docker_alive() { [[ -e $T/alive ]]; }; MIN_FREE_GIB=0; read_instance_id() { :; }; decode_settings() { :; }'
  mkdir "$T/depending"
}

# run_mode MODE [CODE] [INSTANCE-ID]
run_mode() { script "$warm; ${2:-:}; main $1 ${3:-}"; }

state() { python3 -c "import json; s = json.load(open('$T/run/status.json')); print(s['state'], s['reason'])"; }
field() { python3 -c "import json; print(json.load(open('$T/run/status.json')).get('$1', ''))"; }
order() { grep -e '^systemctl \(start\|stop\)' -e '^mount' -e '^umount' "$CALLS" | sed "s#$T#T#g" | xargs -d '\n' -n 1; }

@test "early: the volume is in its place before Docker, and no unit is started or stopped" {
  run_mode early
  equal "/var/lib/docker" "$(cut -d' ' -f5 "$T/mounts" | tail -n 1)"
  [[ "$(<"$T/etc/daemon.json")" == *'"containerd-snapshotter": false'*'"storage-driver": "overlay2"'* ]]
  equal "i-1 u-1 vol1" "$(<"$T/home/mounted")"
  uncalled 'systemctl start*'
  uncalled 'systemctl stop*'
  uncalled 'systemctl daemon-reload'
  uncalled 'dockerd *'
  [[ ! -e "$T/run/status.json" ]]
}

@test "early, then finish: Docker that came up on the cache is checked and not touched" {
  run_mode early
  : >"$CALLS"
  echo active >"$T/docker"
  run_mode finish '' i-1
  equal 'warm ' "$(state)"
  equal early "$(field way)"
  uncalled 'systemctl start*'
  uncalled 'systemctl stop*'
  uncalled 'mount *'
  called 'docker image inspect --format x -- a:1'
  python3 -c "
import json
status = json.load(open('$T/run/status.json'))
assert status['buildId'] == 'i-9' and status['content'] == 'abc' and status['store'] == 'overlay2/25', status
assert all(isinstance(status[key], int) for key in ('foundMs', 'mountedMs', 'earlyMs', 'readyMs', 'endedMs')), status
assert status['readyMs'] >= status['earlyMs'], status"
}

@test "early leaves finish as a script of every boot that names its instance" {
  run_mode early
  [[ -x "$T/per-boot/00-docker-cache" ]]
  [[ "$(tail -n 1 "$T/per-boot/00-docker-cache")" == 'exec /bin/bash '*' finish i-1' ]]
}

@test "early: a Docker that runs, or is about to, is left to finish" {
  local state
  for state in active activating reloading deactivating; do
    echo "$state" >"$T/docker"
    run_mode early
    equal '' "$(<"$T/mounts")"
    [[ ! -s "$T/run/reason" ]]
  done
}

@test "early: containerd with its own store counts as running in any state but inactive" {
  run_mode early 'systemctl() { [[ "$*" == *containerd.service ]] && echo activating || command systemctl "$@"; }; IMAGE_STORE=containerd'
  equal '' "$(<"$T/mounts")"
  run_mode early 'IMAGE_STORE=containerd'
  called 'mount --bind * /var/lib/containerd'
}

@test "early that hangs ends in time, and waits for no child" {
  local before="$EPOCHREALTIME"
  run_mode early 'mount_cache() { trap "" TERM; sleep 61 & sleep 61; }; sleep() { [[ "$1" != 10 ]] && command sleep "$@" || command sleep 1; }' 2>/dev/null
  ((${EPOCHREALTIME//[.,]/} - ${before//[.,]/} < 8000000))
  [[ ! -s "$T/run/reason" ]]
  run pgrep -xf 'sleep 61'
  equal 1 "$status"
}

@test "early killed at any step: finish decides by what is mounted, and never stops a warm Docker" {
  local step
  for step in check_docker_kind check_former open_cache clean_cache bind_docker_roots move_docker; do
    rm -rf "${T:?}"/run/* "${T:?}"/home/* "${T:?}/etc"
    : >"$T/mounts"
    echo inactive >"$T/docker"
    # After the step is done, all of the attempt is gone at once.
    run_mode early "eval \"real_\$(declare -f $step)\"; $step() { real_$step \"\$@\"; kill -KILL \$BASHPID; }" 2>/dev/null
    echo active >"$T/docker"
    : >"$CALLS"
    run_mode finish '' i-1 2>/dev/null
    equal "$step: warm " "$step: $(state)"
    if [[ "$step" == @(bind_docker_roots|move_docker) ]]; then uncalled 'systemctl stop*'; fi
  done
}

@test "late: found, then Docker stopped, moved, started and checked" {
  echo active >"$T/docker"
  run_mode late
  equal 'warm ' "$(state)"
  equal late "$(field way)"
  equal "mount --read-write --make-private --options noatime,nouuid --types xfs /dev/nvme1n1 T/volume
systemctl stop docker.socket docker.service
mount --bind T/volume/docker /var/lib/docker
systemctl start docker.service" "$(order | sed 's/--options [^ ]*/--options noatime,nouuid/' | grep -v probe)"
}

@test "late: containerd is stopped too for its image store" {
  run_mode late 'IMAGE_STORE=containerd; is_root_cached() { :; }'
  called 'systemctl stop docker.socket docker.service containerd.service'
}

@test "late: what depends on Docker and runs is started again, whatever it depends through" {
  printf 'Id=docker.service\nActiveState=active\nRequiredBy=agent.service\nBoundBy=\nConsistsOf=compose.service ecs.service\n' >"$T/depending/docker.service"
  printf 'Id=agent.service\nActiveState=active\nRequiredBy=\nBoundBy=side.service\n' >"$T/depending/agent.service"
  printf 'Id=compose.service\nActiveState=inactive\n' >"$T/depending/compose.service"
  # Its start waits for the end of cloud-init.
  printf 'Id=ecs.service\nActiveState=inactive\nJob=77\n' >"$T/depending/ecs.service"
  printf 'Id=side.service\nActiveState=activating\nRequiredBy=docker.service agent.service\n' >"$T/depending/side.service"
  echo active >"$T/docker"
  run_mode late
  called 'systemctl start --no-block agent.service ecs.service side.service'
  [[ ! -e "$T/run/dependents" ]]
}

@test "late: a worker that goes back to the root disk starts what depends on Docker too, once" {
  printf 'Id=docker.service\nActiveState=active\nRequiredBy=agent.service\n' >"$T/depending/docker.service"
  printf 'Id=agent.service\nActiveState=active\n' >"$T/depending/agent.service"
  echo active >"$T/docker"
  run_mode late 'check_docker() { printf "Id=agent.service\nActiveState=inactive\n" >$T/depending/agent.service; refuse broken; }' 2>/dev/null
  equal 'cold broken' "$(state)"
  equal 1 "$(grep -c 'systemctl start --no-block agent.service' "$CALLS")"
}

@test "a bad volume: Docker is not stopped for it" {
  echo active >"$T/docker"
  run_mode late 'choose_disk() { DISK= DISK_REASONS="/dev/nvme1n1: no usable manifest"; }; are_disks_missing() { false; }' 2>/dev/null
  equal 'cold /dev/nvme1n1: no usable manifest' "$(state)"
  uncalled 'systemctl stop*'
}

@test "not mapped at launch: nothing is waited for or looked at, and Docker is not touched" {
  echo active >"$T/docker"
  run_mode late 'is_cache_mapped() { return 1; }; list_labelled_disks() { :; }; choose_disk() { DISK= DISK_REASONS=; }' 2>/dev/null
  equal 'cold no cache device was mapped at launch' "$(state)"
  uncalled 'systemctl stop*'
  uncalled 'systemctl start*'
  uncalled 'mount *'
}

@test "not mapped: a Docker that is not started yet is started, for later boots too" {
  stub systemctl "[[ \"\$*\" != is-enabled* ]] || exit 1
    $(<"$ANSWERS/systemctl")"
  run_mode late 'is_cache_mapped() { return 1; }; list_labelled_disks() { :; }; choose_disk() { DISK= DISK_REASONS=; }' 2>/dev/null
  called 'systemctl start docker.service'
  called 'systemctl enable -q docker.service'
}

@test "a proxy: a Docker that runs already gets it, with nothing mapped too; one with a container is left alone" {
  local cold='is_cache_mapped() { return 1; }; list_labelled_disks() { :; }; choose_disk() { DISK= DISK_REASONS=; }; configure_docker_proxy() { :; }; HTTPS_PROXY_URL=http://p:1'
  env HTTPS_PROXY=http://old:1 sleep 60 3>&- &
  local process=$!
  stub systemctl "[[ \"\$*\" != *MainPID* ]] || echo $process
    $(<"$ANSWERS/systemctl")"
  echo active >"$T/docker"
  run_mode late "$cold" 2>/dev/null
  called 'systemctl stop docker.socket docker.service'
  called 'systemctl start docker.service'
  rm -rf "${T:?}"/run/*
  : >"$CALLS"
  echo 'theirs busybox' >"$T/containers"
  run_mode late "$cold" 2>/dev/null
  uncalled 'systemctl stop*'
  kill "$process"
  env HTTPS_PROXY=http://p:1 HTTP_PROXY= sleep 60 3>&- &
  process=$!
  stub systemctl "[[ \"\$*\" != *MainPID* ]] || echo $process
    $(<"$ANSWERS/systemctl")"
  rm -rf "${T:?}"/run/* "$T/containers"
  : >"$CALLS"
  run_mode late "$cold" 2>/dev/null
  uncalled 'systemctl stop*'
  kill "$process"
}

@test "R10: any step that fails: everything is put back and Docker starts on the root disk" {
  local step mode
  for mode in late finish; do
    for step in find_disk mount_cache clean_cache bind_docker_roots pin_image_store check_docker; do
      rm -rf "${T:?}"/run/* "${T:?}"/home/*
      mkdir -p "$T/etc"
      printf '{"mine": 1}' >"$T/etc/daemon.json"
      : >"$CALLS"
      : >"$T/mounts"
      echo active >"$T/docker"
      run_mode "$mode" "$step() { false; }; : >'$T/home/settings'" 2>/dev/null
      [[ "$(state)" == 'cold '?* ]] || equal "$step: cold, with a reason" "$(state)"
      equal "$step: {\"mine\": 1}" "$step: $(<"$T/etc/daemon.json")"
      equal '' "$(<"$T/mounts")"
      equal active "$(<"$T/docker")"
    done
  done
}

@test "a Docker that does not start on the volume: put back, started on the root disk" {
  stub systemctl "$(sed 's#"start docker.service") echo active >"$T/docker"#"start docker.service") ! grep -q " /var/lib/docker " "$T/mounts" \&\& echo active >"$T/docker"#' "$ANSWERS/systemctl")"
  run_mode late '' 2>/dev/null
  equal 'cold Docker does not start on the cache volume' "$(state)"
  equal active "$(<"$T/docker")"
  [[ ! -e "$T/etc/daemon.json" ]]
}

@test "a Docker that starts neither way: said so" {
  stub systemctl 'case "$*" in "start docker.service") exit 1 ;; "show -p LoadState,"*) printf "LoadState=loaded\nActiveState=inactive\n" ;; "is-active"*) exit 3 ;; esac'
  run run_mode late
  equal 0 "$status"
  equal 'cold Docker does not start on the cache volume' "$(state)"
  equal 'does not start on the root disk either' "$(field docker)"
}

@test "nothing is ever undone while Docker, or the keeper of a container, lives on the volume" {
  mounted "$T/volume" /var/lib/docker
  touch "$T/alive"
  mkdir -p "$T/etc"
  echo '{}' >"$T/etc/daemon.json"
  script "$warm; T=$T; undo_move" 2>/dev/null
  uncalled 'umount*/var/lib/docker'
  uncalled "umount*$T/volume"
  rm "$T/alive"
  stub umount '[[ "$1" == -l ]]'
  script "$warm; T=$T; undo_move" 2>/dev/null
  called 'umount -l /var/lib/docker'
}

@test "a warm Docker with a container that fails its check is left alone" {
  run_mode early
  echo active >"$T/docker"
  echo 'job busybox' >"$T/containers"
  : >"$CALLS"
  run_mode finish 'T='"$T"'; check_docker() { refuse "something is wrong"; }' i-1 2>/dev/null
  equal 'cold something is wrong' "$(state)"
  uncalled 'systemctl stop*'
  [[ -s "$T/etc/daemon.json" ]]
}

@test "containers that run without their daemon leave everything alone" {
  touch "$T/alive"
  run_mode late "T=$T" 2>/dev/null
  equal 'cold a container runs already, without Docker: nothing is touched' "$(state)"
  uncalled 'systemctl stop*'
}

@test "user data that runs again does nothing on a worker whose Docker is active, warm or cold" {
  local mode
  echo active >"$T/docker"
  run_mode late
  cp "$T/run/status.json" "$T/first"
  echo 'job busybox' >"$T/containers"
  : >"$CALLS"
  for mode in late early finish; do
    run_mode "$mode" 2>/dev/null
    cmp "$T/first" "$T/run/status.json"
    uncalled 'systemctl stop*'
    uncalled 'mount *'
    uncalled 'umount *'
  done
}

@test "a run without what /run held finds a Docker on the volume, and does nothing" {
  echo active >"$T/docker"
  mounted "$T/volume" /var/lib/docker
  run_mode late '' 2>/dev/null
  uncalled 'systemctl stop*'
  uncalled 'umount *'
}

@test "one at a time: early leaves the field, finish waits" {
  (
    flock 8
    run_mode early '' 8>&-
    equal '' "$(<"$T/mounts")"
  ) 8>"$T/run/lock"
  run_mode early
  equal 2 "$(wc -l <"$T/mounts")"
}

@test "repinned: a configuration that came after early is merged, and Docker moved to it" {
  run_mode early
  printf '{"data-root": "/srv/docker", "log-driver": "none"}' >"$T/etc/daemon.json"
  echo active >"$T/docker"
  stub docker 'case "$1" in info) grep -q " /srv/docker " "$T/mounts" && echo "26.1.5|/srv/docker|overlay2 x" || echo "26.1.5|/srv/docker|vfs x" ;; esac'
  run_mode finish '' i-1 2>/dev/null
  equal 'warm ' "$(state)"
  equal 1 "$(field repinned)"
  equal "$T/volume /srv/docker" "$(cut -d' ' -f5 "$T/mounts" | xargs)"
  python3 -c "import json; c = json.load(open('$T/etc/daemon.json')); assert c['log-driver'] == 'none' and c['storage-driver'] == 'overlay2', c"
}

@test "repinned: another store, or a mount over Docker's folder" {
  run_mode early
  printf '40 22 8:1 / /var/lib/docker rw - ext4 /dev/sdb rw\n' >>"$T/mounts"
  echo active >"$T/docker"
  stub docker 'case "$1" in info) tail -n 1 "$T/mounts" | grep -q "259:1 / /var/lib/docker " && echo "26.1.5|/var/lib/docker|overlay2 x" || echo "26.1.5|/var/lib/docker|vfs x" ;; esac'
  run_mode finish '' i-1 2>/dev/null
  equal 'warm ' "$(state)"
  equal 1 "$(field repinned)"
  # Theirs is still there, below.
  grep -q ' 8:1 / /var/lib/docker ' "$T/mounts"
  uncalled 'umount /var/lib/docker'
}

@test "repinned says so" {
  run_mode early
  echo active >"$T/docker"
  stub docker 'case "$1" in info) [[ -e "$T/again" ]] && echo "26.1.5|/var/lib/docker|overlay2 x" || { touch "$T/again"; echo "26.1.5|/var/lib/docker|vfs x"; } ;; esac'
  run_mode finish '' i-1 2>/dev/null
  equal 'warm ' "$(state)"
  equal 1 "$(field repinned)"
}

@test "daemon.json: byte for byte, mode included, and only if it is still ours" {
  mkdir -p "$T/etc"
  printf '{"a":\t1}\n\n' >"$T/etc/daemon.json"
  chmod 640 "$T/etc/daemon.json"
  cp -p "$T/etc/daemon.json" "$T/before"
  script "$warm; find_docker_roots; move_docker; [[ \"\$(<\"\$DAEMON_JSON\")\" == *containerd-snapshotter* ]]; restore_daemon_json"
  cmp "$T/before" "$T/etc/daemon.json"
  equal 640 "$(stat -c %a "$T/etc/daemon.json")"
  rm "$T/etc/daemon.json"
  script "$warm; find_docker_roots; move_docker; [[ -e \"\$DAEMON_JSON\" ]]; restore_daemon_json"
  [[ ! -e "$T/etc/daemon.json" ]]
  script "$warm; find_docker_roots; move_docker; echo '{\"theirs\": 1}' >\"\$DAEMON_JSON\"; restore_daemon_json"
  equal '{"theirs": 1}' "$(<"$T/etc/daemon.json")"
}

@test "daemon.json: at a later boot the file that was found first is still the one to go back to" {
  mkdir -p "$T/etc"
  printf '{"first": 1}' >"$T/etc/daemon.json"
  script "$warm; find_docker_roots; move_docker; move_docker; restore_daemon_json"
  equal '{"first": 1}' "$(<"$T/etc/daemon.json")"
}

@test "a proxy's password stands in no arguments of any process" {
  stub curl 'case "$*" in *"-X PUT"*) echo TOKEN ;; *) echo eu-west-1 ;; esac'
  within_units configure_docker_proxy "$warm; HTTP_PROXY_URL=http://me:hush@p:1 HTTPS_PROXY_URL=http://me:hush@p:2; find_docker_roots; configure_docker_proxy; has_proxy() { :; }
    hydrate() { HYDRATION=x put_metric HydrationPercent 1; }; main early; main finish i-1; put_metric WorkerStart 1"
  [[ "$(<"$T/units/docker.service.d/docker-cache-proxy.conf")" == *hush* ]]
  called 'systemctl start docker.service'
  called 'aws cloudwatch put-metric-data *'
  uncalled '*hush*'
}

@test "daemon.json that is no JSON: said so, and left as it is" {
  mkdir -p "$T/etc"
  printf '{"a": ' >"$T/etc/daemon.json"
  run_mode late '' 2>/dev/null
  [[ "$(state)" == 'cold daemon.json cannot be changed: '*'JSONDecodeError: '* ]]
  equal '{"a": ' "$(<"$T/etc/daemon.json")"
}

@test "daemon.json that dockerd would not start with: said in its words, and left as it is" {
  mkdir -p "$T/etc"
  printf '{"a": 1}' >"$T/etc/daemon.json"
  stub dockerd 'case "$*" in *--help) echo --validate ;; *) echo "unable to configure the Docker daemon: a" >&2; exit 1 ;; esac'
  run_mode late '' 2>/dev/null
  equal 'cold daemon.json cannot be changed: unable to configure the Docker daemon: a' "$(state)"
  equal '{"a": 1}' "$(<"$T/etc/daemon.json")"
}

@test "daemon.json: where there is none, no Python is needed" {
  script "$warm; python3() { return 127; }; find_docker_roots; move_docker"
  python3 -c "import json; assert json.load(open('$T/etc/daemon.json')) == {'features': {'containerd-snapshotter': False}, 'storage-driver': 'overlay2'}"
}

@test "what cannot work on the cache is refused before anything is touched" {
  mkdir -p "$T/etc"
  printf '{"userns-remap": "default"}' >"$T/etc/daemon.json"
  run_mode late '' 2>/dev/null
  [[ "$(state)" == 'cold userns-remap is set: '* ]] || equal 'userns-remap is set' "$(state)"
  uncalled 'systemctl stop*'
  uncalled 'mount *'
  rm -f "$T/home/cold"
  printf '{"userns-remap": "", "storage-opts": ["overlay2.size=10G"]}' >"$T/etc/daemon.json"
  rm -rf "${T:?}"/run/*
  run_mode late
  equal 'warm ' "$(state)"
  called 'mount --read-write * --options noatime,nouuid,pquota *'
}

@test "no docker.service: none installed, rootless, or a snap" {
  stub systemctl 'case "$*" in "show -p LoadState,"*) printf "LoadState=not-found\nActiveState=inactive\n" ;; "is-active"* | "start docker.service") exit 5 ;; esac'
  run_mode late '' 2>/dev/null
  equal 'cold there is no docker.service: none is installed, or it is rootless or from a snap' "$(state)"
}

@test "a docker.service after the end of cloud-init is not waited for" {
  stub systemctl "$(sed 's#echo basic.target#echo basic.target cloud-final.service#' "$ANSWERS/systemctl")"
  run_mode early
  run_mode finish '' i-1
  called 'systemctl start --no-block docker.service'
  uncalled 'systemctl start docker.service'
  equal 'warm ' "$(state)"
  [[ "$(field docker)" == 'starts after cloud-init'* ]]
}

@test "check_docker: refuses a volume of a newer engine, and containerd's store before Docker 24" {
  local case
  for case in 'overlay2/27:overlay2:26.1:Docker 27 wrote it, this is 26' "containerd/20:containerd:20.10:containerd's image store needs Docker 24, this is 20"; do
    IFS=: read -r store image engine reason <<<"$case"
    rm -f "$T/run/reason"
    printf 'i-9 abc %s\na:1\n' "$store" >"$T/run/manifest"
    stub docker "[[ \$1 != info ]] || echo '$engine|/var/lib/docker|x y'"
    run script "$warm; IMAGE_STORE=$image check_docker"
    equal 1 "$status"
    equal "$reason" "$(<"$T/run/reason")"
  done
}

@test "check_docker: no reference is an option of Docker's" {
  printf 'i-9 abc overlay2/26\n--help\n' >"$T/run/manifest"
  script "$warm; is_root_cached() { :; }; check_docker"
  called 'docker image inspect --format x -- --help'
}

@test "an instance that has started cold stays cold, and one that was warm becomes warm again" {
  run_mode late 'choose_disk() { DISK= DISK_REASONS=none; }; are_disks_missing() { false; }' 2>/dev/null
  equal 'cold none' "$(state)"
  rm -rf "${T:?}"/run/*
  echo inactive >"$T/docker"
  run_mode early '' 2>/dev/null
  [[ "$(<"$T/run/reason")" == 'this instance has started cold before'* ]]
  equal '' "$(<"$T/mounts")"
  # A volume that was mounted but never warm changes nothing of that.
  rm -rf "${T:?}"/run/*
  echo 'i-1 u-1 vol1' >"$T/home/mounted"
  run_mode early '' 2>/dev/null
  equal '' "$(<"$T/mounts")"
  rm -rf "${T:?}"/run/*
  echo i-1 >"$T/home/warm"
  run_mode early '' 2>/dev/null
  equal 2 "$(wc -l <"$T/mounts")"
}

@test "a first boot that marks the volume and then ends cold leaves the next boot cold" {
  run_mode early
  echo active >"$T/docker"
  run_mode finish 'check_docker() { refuse "Docker does not know all images of the manifest"; }' i-1 2>/dev/null
  [[ "$(state)" == cold* ]]
  rm -rf "${T:?}"/run/*
  echo inactive >"$T/docker"
  run_mode early '' 2>/dev/null
  equal '' "$(<"$T/mounts")"
}

@test "the mark knows the volume, not only its file system, which all snapshots of a cache share" {
  echo 'i-1 u-1 vol1' >"$T/home/mounted"
  mkdir -p "$T/volume/docker/containers/c"
  script "$warm; DISK_SERIAL=vol1; clean_cache"
  [[ -e "$T/volume/docker/containers/c" ]]
  script "$warm; DISK_SERIAL=vol2; MIN_FREE_GIB=0 mount_cache"
  [[ ! -e "$T/volume/docker/containers/c" ]]
  equal 'i-1 u-1 vol2' "$(<"$T/home/mounted")"
}

@test "what cannot be removed from a volume is refused" {
  mkdir -p "$T/volume/docker/containers/c"
  run script "$warm; find() { [[ \"\$*\" != */docker\ * ]]; }; clean_cache"
  equal 1 "$status"
  equal '/dev/nvme1n1 holds what no build leaves there' "$(<"$T/run/reason")"
  [[ ! -e "$T/home/mounted" ]]
}

@test "Docker is not asked for containers if it does not run: its socket would start it" {
  run_mode late
  uncalled 'docker ps*'
}

@test "boot: whatever happened, a reason is given" {
  echo activating >"$T/docker"
  : >"$T/home/settings"
  run_mode boot '' 2>/dev/null
  equal 'cold Docker runs already, or the volume was not ready in time' "$(state)"
}

@test "reasons on the console have no control characters, whatever lies on the volume" {
  run script "$warm; : >\"\$RUN/facts\"; give_reason \$'/dev/x: \\e[31mred'; write_status cold \"\$(<\"\$RUN/reason\")\""
  [[ "$output" == *'/dev/x:  [31mred'* ]]
}

@test "an instance made from this one's disk: nothing is done but to put daemon.json back" {
  run_mode early
  : >"$T/mounts"
  rm -rf "${T:?}"/run/*
  : >"$CALLS"
  run_mode finish 'INSTANCE_ID=i-2' i-1
  [[ ! -e "$T/etc/daemon.json" && ! -e "$T/run/status.json" ]]
  uncalled 'mount *'
  uncalled 'curl *'
}

@test "boot: a later boot mounts before Docker, never starts or stops it, and says so at once" {
  run_mode late
  : >"$T/mounts"
  rm -rf "${T:?}"/run/*
  echo inactive >"$T/docker"
  : >"$CALLS"
  run_mode boot '' i-1
  equal 'warm ' "$(state)"
  called 'mount --bind *'
  uncalled 'systemctl start*'
  uncalled 'systemctl stop*'
  uncalled 'curl *block-device*'
}

@test "boot: without the volume Docker is left to the root disk, with its own configuration" {
  mkdir -p "$T/etc"
  printf '{"mine": 1}' >"$T/etc/daemon.json"
  run_mode late
  : >"$T/mounts"
  rm -rf "${T:?}"/run/*
  echo inactive >"$T/docker"
  : >"$CALLS"
  run_mode boot 'choose_disk() { DISK= DISK_REASONS=; }; is_cache_mapped() { return 1; }' i-1 2>/dev/null
  [[ "$(state)" == 'cold '?* ]]
  equal '{"mine": 1}' "$(<"$T/etc/daemon.json")"
  uncalled 'systemctl start*'
}

@test "install_boot_service: Docker waits for the volume at later boots; containerd only for its own store" {
  script 'install_boot_service'
  grep -qx "ConditionPathIsMountPoint=!$T/volume" "$T/units/docker-cache.service"
  grep -qx 'TimeoutStartSec=infinity' "$T/units/docker-cache.service"
  grep -q '^ExecStart=/bin/bash .* boot i-1$' "$T/units/docker-cache.service"
  equal $'[Unit]\nWants=docker-cache.service\nAfter=docker-cache.service' "$(<"$T/units/docker.service.d/docker-cache.conf")"
  [[ ! -e "$T/units/containerd.service.d" ]]
  script 'IMAGE_STORE=containerd; install_boot_service'
  [[ -e "$T/units/containerd.service.d/docker-cache.conf" ]]
  equal 'systemctl daemon-reload' "$(tail -n 1 "$CALLS")"
}

@test "the unit is installed by late once Docker is warm, and by nobody else" {
  local installed="install_boot_service() { touch '$T/installed'; }"
  run_mode late "$installed; choose_disk() { refuse no; }" 2>/dev/null
  run_mode early "$installed" 2>/dev/null
  [[ ! -e "$T/installed" ]]
  rm -rf "${T:?}"/run/* "${T:?}"/home/*
  run_mode late "$installed"
  [[ -e "$T/installed" ]]
}

@test "R10: out of time: what hangs is killed, and Docker starts on the root disk within the time-out" {
  SECONDS=0
  echo active >"$T/docker"
  # The three seconds of the attempt last one.
  run_mode late "TIMEOUT_SECONDS=4; mount_cache() { sleep 67 & sleep 67; }; sleep() { [[ \$1 != 3 ]] || set -- 1; command sleep \"\$1\"; }" 2>/dev/null
  ((SECONDS < 40))
  equal 'cold not ready within 4 s' "$(state)"
  equal active "$(<"$T/docker")"
  run pgrep -xf 'sleep 67'
  equal 1 "$status"
}

@test "list_containers: the ECS agent is none" {
  echo active >"$T/docker"
  printf 'ecs-agent amazon/amazon-ecs-agent:latest\n' >"$T/containers"
  run_mode late
  equal 'warm ' "$(state)"
}

@test "late: a container that runs leaves Docker alone" {
  echo active >"$T/docker"
  echo 'db postgres:16' >"$T/containers"
  run_mode late '' 2>/dev/null
  equal 'cold a container runs already, Docker is left alone: db postgres:16' "$(state)"
  uncalled 'systemctl stop*'
  equal '' "$(<"$T/mounts")"
}

@test "metrics: how long the cache took, by state, and the fallback's of the release before" {
  # Nothing waits for it, except for this test.
  local told='eval "real_$(declare -f tell_start)"; tell_start() { real_tell_start "$@"; touch "$RUN/told"; }'
  wait_until_told() { for _ in {1..1200}; do
    [[ ! -e "$T/run/told" ]] || return 0
    sleep 0.05
  done; }
  stub curl 'echo eu-west-1'
  run_mode late "$told; choose_disk() { refuse no; }" 2>/dev/null
  wait_until_told
  called 'aws cloudwatch put-metric-data --region eu-west-1 --namespace DockerCacheWorker --metric-name WorkerStart --value [0-9]*.[0-9][0-9][0-9] --dimensions Name=ci,Architecture=x86_64,State=cold'
  called 'aws cloudwatch put-metric-data * --metric-name WorkerFallback --value 1 --dimensions Name=ci,Architecture=x86_64'
  : >"$CALLS"
  rm -rf "${T:?}"/run/* "${T:?}"/home/*
  run_mode late "$told"
  wait_until_told
  called 'aws * --metric-name WorkerStart * --dimensions Name=ci,Architecture=x86_64,State=warm'
  uncalled 'aws * WorkerFallback *'
}

@test "write_status: any reason is valid JSON, and of a field said twice the last counts" {
  script 'note key "a \"b\" \\ c"; note way early; note way late; write_status cold $'"'quote \" backslash \\\\ tab \t bell \a ümlaut'" 2>/dev/null
  python3 -c "import json; s = json.load(open('$T/run/status.json')); assert s['key'] == 'a \"b\" \\\\ c' and s['way'] == 'late', s; assert s['reason'].startswith('quote \" backslash'), s"
}

@test "settings that are kept are the settings that were given, whatever is in them" {
  script 'NO_PROXY_HOSTS="a b'"'"'c \$(touch evil)"; keep_settings; NO_PROXY_HOSTS=; source "$SETTINGS_FILE"; printf %s "$NO_PROXY_HOSTS" >"$RUN/out"'
  equal "a b'c \$(touch evil)" "$(<"$T/run/out")"
  [[ ! -e evil ]]
}

# process NUMBER NAME WORD...: one that the scripts see.
process() {
  mkdir -p "$T/proc/$1"
  echo "$2" >"$T/proc/$1/comm"
  printf '%s\0' "${@:2}" >"$T/proc/$1/cmdline"
}

@test "is_docker_alive: Docker, and keepers of its containers; with containerd's store whatever uses containerd" {
  process 1 systemd
  process 7 containerd
  process 8 containerd-shim /usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id x
  run script 'is_docker_alive any'
  equal 1 "$status"
  script 'IMAGE_STORE=containerd; is_docker_alive any; is_docker_alive keepers'
  process 9 containerd-shim /usr/bin/containerd-shim-runc-v2 -namespace moby -id x
  script 'is_docker_alive any; is_docker_alive keepers'
  rm -r "$T/proc/8" "$T/proc/9"
  script 'IMAGE_STORE=containerd; is_docker_alive any'
  run script 'IMAGE_STORE=containerd; is_docker_alive keepers'
  equal 1 "$status"
  process 10 dockerd
  script 'is_docker_alive any'
  run script 'is_docker_alive keepers'
  equal 1 "$status"
}

@test "a Docker that hangs as it starts holds nobody back for long, out of time" {
  # The five seconds of the attempt, and the ten that Docker gets to come up, last one.
  local short='sleep() { [[ "$1" != 5 ]] || set -- 1; command sleep "$@"; }; timeout() { [[ "$1" != 10 ]] || set -- 1 "${@:2}"; command timeout "$@"; }'
  SECONDS=0
  echo activating >"$T/docker"
  stub systemctl "case \"\$*\" in 'is-active docker.service') echo activating; exit 3 ;; 'is-active -q docker.service') exit 3 ;; 'start docker.service') [[ -e '$T/stopped' ]] || sleep 59 ;; stop*) touch '$T/stopped' ;; esac
    $(<"$ANSWERS/systemctl")"
  mounted "$T/volume" /var/lib/docker
  printf '/dev/nvme1n1 xfs u-1 64 vol1\n' >"$T/run/disk"
  printf 'i-9 abc overlay2/25\n' >"$T/run/manifest"
  # What hangs outlives the test, and bats would wait for it if it had its output.
  run_mode finish "$short; : >'$T/home/settings'; TIMEOUT_SECONDS=4" i-1 2>/dev/null 3>&-
  ((SECONDS < 50))
  [[ "$(state)" == cold* ]]
}

@test "finish has time to check, however long early took" {
  run_mode early
  echo active >"$T/docker"
  echo 19000 >"$T/run/early"
  run_mode finish 'TIMEOUT_SECONDS=10' i-1
  equal 'warm ' "$(state)"
  uncalled 'systemctl stop*'
}

@test "early: a Docker that a package still brings is left to finish, and so are containers without Docker" {
  run_mode early 'systemctl() { printf "LoadState=not-found\nActiveState=inactive\n"; }'
  [[ ! -s "$T/run/reason" ]]
  equal '' "$(<"$T/mounts")"
  touch "$T/alive"
  run_mode early "T=$T"
  [[ ! -s "$T/run/reason" ]]
  equal '' "$(<"$T/mounts")"
}

@test "early: if systemd does not answer, Docker may run: it is left to finish" {
  run_mode early 'systemctl() { false; }'
  equal '' "$(<"$T/mounts")"
  [[ ! -s "$T/run/reason" ]]
}

@test "one reader at a time: a second would double the rate" {
  (
    flock 7
    script 'read_ahead() { touch "$RUN/read"; }; HYDRATE=hot DISK_BLOCKS=1 hydrate' 7>&-
    [[ ! -e "$T/run/read" ]]
  ) 7>"$T/run/hydration.lock"
  script 'read_ahead() { touch "$RUN/read"; }; HYDRATE=hot DISK_BLOCKS=1 hydrate'
  [[ -e "$T/run/read" ]]
}

@test "early: an image that brings containers is left to finish, which sees if they run" {
  mkdir -p "$T/root/containers/c1"
  run_mode early "find_docker_roots() { DOCKER_ROOT=$T/root DOCKER_STATE=inactive; }"
  equal '' "$(<"$T/mounts")"
  [[ ! -s "$T/run/reason" ]]
  # On an instance that was warm, what it made is on the volume.
  echo i-1 >"$T/home/warm"
  run_mode early "find_docker_roots() { DOCKER_ROOT=$T/root DOCKER_STATE=inactive; }"
  equal 2 "$(wc -l <"$T/mounts")"
}

@test "boot: a service that is left from user data with late does nothing if the script has no more of it" {
  : >"$T/home/settings"
  run_mode boot 'unset -f run_boot' i-1
  [[ ! -e "$T/run/status.json" ]]
}
