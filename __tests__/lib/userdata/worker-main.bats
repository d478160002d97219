#!/usr/bin/env bats
# A worker's way: warm if that is possible, cold in any other case, and the consumer's script always.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  # Mapped, found, mounted and started, unless a test says otherwise.
  warm='is_cache_mapped() { return 0; }; wait_for_disks() { echo "/dev/nvme1n1 xfs"; }
    choose_disk() { DISK=/dev/nvme1n1 DISK_TYPE=xfs; printf "i-9 abc overlay2/25\na:1\n" >"$RUN/manifest"; }
    mount_cache() { mount cache; }; check_docker_root() { :; }; is_on_cache_volume() { return 1; }'
  stub dockerd 'echo "Docker version 26.1.5, build a"'
  stub systemctl '[[ "$1" != is-active ]] || { echo inactive; exit 3; }; [[ "$*" != *ecs* ]]'
}

state() { python3 -c "import json; s = json.load(open('$T/run/status.json')); print(s['state'], s['reason'])"; }

@test "warm: Docker is stopped, moved and started again, and the status says so" {
  script "$warm; prepare_docker launch"
  equal 'warm ' "$(state)"
  grep -v -e '^systemctl \(show\|is-\|reset\|daemon\)' -e dockerd -e systemd-escape -e mountpoint -e '^renice' "$CALLS" | head -n 6 | sed "s#$T#T#" >"$T/order"
  equal $'systemctl stop docker.socket docker.service\nmount cache\nmount --bind T/volume/docker /var/lib/docker\nsystemctl stop docker.socket docker.service\nsystemctl start docker.service\ndocker image inspect --format x a:1' "$(<"$T/order")"
  python3 -c "
import json
status = json.load(open('$T/run/status.json'))
assert status['buildId'] == 'i-9' and status['content'] == 'abc' and status['store'] == 'overlay2/25', status
assert all(isinstance(status[key], int) for key in ('foundMs', 'mountedMs', 'readyMs', 'endedMs')), status"
}

@test "warm: containerd is stopped too for its image store" {
  script "$warm; IMAGE_STORE=containerd; prepare_docker launch"
  called 'systemctl stop docker.socket docker.service containerd.service'
}

@test "not mapped at launch: Docker starts at once, and nothing is waited for or looked at" {
  script 'is_cache_mapped() { return 1; }; wait_for_disks() { mount never; }; prepare_docker launch'
  equal 'cold no cache device was mapped at launch' "$(state)"
  called 'systemctl start docker.service'
  uncalled 'systemctl stop*'
  uncalled 'mount *'
  uncalled 'aws *'
}

@test "metadata unreachable: the disks are looked at once, without waiting" {
  SECONDS=0
  script 'is_cache_mapped() { return 2; }; prepare_docker launch'
  equal 'cold no disk with a file system labelled docker-cache' "$(state)"
  ((SECONDS < 30))
}

@test "R10: any step that fails: everything is put back and Docker starts on the root disk" {
  local step
  mkdir -p "$T/etc"
  for step in wait_for_disks choose_disk mount_cache bind_docker_roots pin_image_store check_docker_root check_images; do
    rm -rf "${T:?}"/run/* "${T:?}"/home/*
    printf '{"mine": 1}' >"$T/etc/daemon.json"
    : >"$CALLS"
    script "$warm; $step() { false; }; prepare_docker launch" 2>/dev/null
    [[ "$(state)" == 'cold '?* ]] || equal "$step: cold, with a reason" "$(state)"
    equal '{"mine": 1}' "$(<"$T/etc/daemon.json")"
    equal 'systemctl start docker.service' "$(grep 'systemctl start' "$CALLS" | tail -n 1)"
    [[ ! -e "$T/home/moved" ]]
  done
}

@test "a Docker that does not start on the volume: put back, started on the root disk" {
  stub systemctl '[[ "$1" != is-active ]] || { echo inactive; exit 3; }; [[ "$1 $2" != "start docker.service" || ! -e "$T/home/moved" ]]'
  script "$warm; prepare_docker launch" 2>/dev/null
  equal 'cold Docker does not start on the cache volume' "$(state)"
  equal 2 "$(grep -c 'systemctl start docker.service' "$CALLS")"
  [[ ! -e "$T/etc/daemon.json" ]]
}

@test "undo_move: what cannot be put back leaves no half file, and Docker starts on the root disk all the same" {
  local fault pinned
  mkdir -p "$T/etc"
  for fault in 'cp() { [[ "$*" != *daemon.json.new ]] && command cp "$@" || { printf "{" >"${@: -1}"; false; }; }' 'unmount_cache() { false; }'; do
    printf '{"mine": 1}' >"$T/etc/daemon.json"
    rm -rf "${T:?}"/home/*
    : >"$CALLS"
    script "$warm; $fault; check_images() { false; }; prepare_docker launch" 2>/dev/null
    [[ "$(state)" == 'cold '?* ]] || equal "$fault: cold, with a reason" "$(state)"
    equal 2 "$(grep -c 'systemctl start docker.service' "$CALLS")"
    pinned="$(<"$T/etc/daemon.json")"
    python3 -c 'import json, sys; assert json.loads(sys.argv[1])["mine"] == 1' "$pinned"
  done
  equal '{"mine": 1}' "$pinned"
}

@test "a Docker that starts neither way: said so, and the consumer's script runs" {
  stub systemctl '[[ "$1" != is-active ]] || { echo inactive; exit 3; }; [[ "$1 $2" != "start docker.service" ]]'
  USER_SCRIPT="$(printf '#!/bin/bash\necho ran\n' | gzip | base64 -w0)"
  export USER_SCRIPT
  run script "$warm; decode_settings() { :; }; main user-data"
  [[ "$output" == *ran ]]
  equal 'cold Docker does not start on the cache volume' "$(state)"
  [[ "$(<"$T/run/status.json")" == *'"docker":"does not start on the root disk either"'* ]]
}

@test "a daemon.json that is no JSON: said so, and left as it is" {
  mkdir -p "$T/etc"
  printf '{"a": ' >"$T/etc/daemon.json"
  script "$warm; prepare_docker launch" 2>/dev/null
  [[ "$(state)" == 'cold daemon.json cannot be changed: '*'daemon.json is no JSON: '* ]]
  equal '{"a": ' "$(<"$T/etc/daemon.json")"
}

@test "a step of ours that ends in the middle of nowhere: Docker is started all the same" {
  run script "$warm; decode_settings() { :; }; configure_docker_proxy() { false; }; main user-data"
  equal 0 "$status"
  called 'systemctl start docker.service'
}

@test "something starts Docker while it is moved: it is stopped again, unless it runs a container already" {
  stub systemctl 'case "$1" in is-active) [[ -e "$T/home/moved" ]] && echo active || echo inactive ;; stop) ;; esac; [[ "$*" != *ecs* ]]'
  script "$warm; prepare_docker launch"
  equal 'warm ' "$(state)"
  equal 'systemctl stop docker.socket docker.service' "$(grep -B 1 'systemctl reset-failed' "$CALLS" | head -n 1)"
  rm -rf "${T:?}"/home/*
  stub docker '[[ "$1" != ps ]] || echo "db postgres:16"'
  script "$warm; prepare_docker launch" 2>/dev/null
  equal 'cold a container runs already, Docker is left alone: db postgres:16' "$(state)"
}

@test "undo_move: byte for byte, mode included" {
  mkdir -p "$T/etc"
  printf '{"a":\t1}\n\n' >"$T/etc/daemon.json"
  chmod 640 "$T/etc/daemon.json"
  cp -p "$T/etc/daemon.json" "$T/before"
  script 'bind_docker_roots() { :; }; move_docker; [[ "$(<"$DAEMON_JSON")" == *containerd-snapshotter* ]]; undo_move'
  cmp "$T/before" "$T/etc/daemon.json"
  equal 640 "$(stat -c %a "$T/etc/daemon.json")"
  rm "$T/etc/daemon.json"
  script 'bind_docker_roots() { :; }; move_docker; [[ -e "$DAEMON_JSON" ]]; undo_move'
  [[ ! -e "$T/etc/daemon.json" ]]
}

@test "move_docker: at a later boot the file that was found first is still the one to go back to" {
  mkdir -p "$T/etc"
  printf '{"first": 1}' >"$T/etc/daemon.json"
  script 'bind_docker_roots() { :; }; move_docker; move_docker; undo_move'
  equal '{"first": 1}' "$(<"$T/etc/daemon.json")"
}

@test "R10: out of time: what hangs is killed, and Docker starts on the root disk within the time-out" {
  SECONDS=0
  script "$warm; TIMEOUT_SECONDS=4; mount_cache() { sleep 67 & sleep 67; }; prepare_docker launch" 2>/dev/null
  ((SECONDS < 40))
  equal 'cold not ready within 4 s' "$(state)"
  called 'systemctl start docker.service'
  run pgrep -xf 'sleep 67'
  equal 1 "$status"
}

@test "check_containers: a container that runs leaves Docker alone" {
  stub systemctl '[[ "$1" != is-active ]] || echo active; [[ "$*" != *ecs* ]]'
  stub docker '[[ "$1" != ps ]] || echo "db postgres:16"'
  script "$warm; prepare_docker launch"
  equal 'cold a container runs already, Docker is left alone: db postgres:16' "$(state)"
  uncalled 'systemctl stop*'
}

@test "check_containers: the ECS agent is no obstacle, and is started again" {
  stub systemctl '[[ "$1" != is-active ]] || echo active'
  stub docker '[[ "$1" != ps ]] || echo "ecs-agent amazon/amazon-ecs-agent:latest"'
  script "$warm; prepare_docker launch"
  equal 'warm ' "$(state)"
  called 'systemctl start --no-block ecs.service'
}

@test "check_containers: waits for a Docker that is still starting" {
  stub systemctl '[[ "$1" != is-active ]] || echo activating'
  script check_containers
  called 'systemctl start docker.service'
}

@test "containerd's image store: refused before Docker 24" {
  stub dockerd 'echo "Docker version 20.10.24+dfsg1, build a"'
  script "$warm; IMAGE_STORE=containerd; prepare_docker launch"
  equal "cold containerd's image store needs Docker 24, this is 20" "$(state)"
}

@test "an image without Docker: said so" {
  stub dockerd 'exit 127'
  script "$warm; prepare_docker launch" 2>/dev/null
  equal 'cold this image has no Docker' "$(state)"
}

@test "an image without python3: said so, and daemon.json is not touched" {
  script "$warm; command() { [[ \$2 != python3 ]] && builtin command \"\$@\"; }; prepare_docker launch" 2>/dev/null
  equal 'cold this image has no python3' "$(state)"
  [[ ! -e "$T/etc/daemon.json" ]]
}

@test "put_metric: one of the fallback where the image has a client, only when the cache was mapped and not used" {
  stub curl 'echo eu-west-1'
  script "$warm; choose_disk() { refuse no; }; prepare_docker launch; wait"
  called 'aws cloudwatch put-metric-data --region eu-west-1 --namespace DockerCacheWorker --metric-name WorkerFallback --value 1 --dimensions Name=ci,Architecture=x86_64'
  : >"$CALLS"
  script "$warm; prepare_docker launch; wait"
  uncalled 'aws *'
}

@test "install_boot_service: Docker waits for the volume at later boots, with the same user data, and needs it not" {
  printf 'the user data\0\n' >"$T/user-data"
  stub systemd-escape 'printf "one.mount\ntwo.mount\n"'
  within_units install_boot_service install_boot_service
  cmp "$T/user-data" "$T/home/user-data"
  called "systemd-escape -p --suffix=mount /var/lib/docker /var/lib/containerd $T/volume"
  equal $'Type=oneshot\nRemainAfterExit=yes\nTimeoutStartSec=infinity' "$(grep -e ^Type -e ^Remain -e ^Timeout "$T/units/docker-cache.service")"
  equal "ExecStart=/bin/bash $T/home/user-data boot" "$(grep ^Exec "$T/units/docker-cache.service")"
  local unit
  for unit in docker containerd; do
    equal $'[Unit]\nWants=docker-cache.service\nAfter=docker-cache.service one.mount two.mount' "$(<"$T/units/$unit.service.d/docker-cache.conf")"
  done
  equal 'systemctl daemon-reload' "$(tail -n 1 "$CALLS")"
}

@test "install_boot_service: once Docker is warm at launch, and only then" {
  local installed="install_boot_service() { touch '$T/installed'; }"
  script "$warm; $installed; choose_disk() { refuse no; }; prepare_docker launch; wait" 2>/dev/null
  [[ ! -e "$T/installed" ]]
  script "$warm; $installed; prepare_docker boot; wait" 2>/dev/null
  [[ ! -e "$T/installed" ]]
  script "$warm; $installed; prepare_docker launch; wait" 2>/dev/null
  [[ -e "$T/installed" ]]
}

@test "nothing is used but bash, coreutils, util-linux, python3, gzip and the file system's own tools, on Docker and systemd" {
  local name way
  mkdir -p "$T/few" "$T/sys/nvme1n1" "$T/volume/.docker-cache" "$T/run/probe/.docker-cache"
  for name in base64 basename cat chmod cp dd df install mkdir mv realpath rm sleep tail timeout touch bash env gzip; do ln -s "$(type -P "$name")" "$T/few"; done
  ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$T/few/python3"
  # These are stubs, since they would touch the machine.
  for name in blkid docker dockerd mount renice resize2fs systemctl systemd-escape umount xfs_growfs; do ln -s "$T/bin/$name" "$T/few"; done
  stub blkid 'printf "LABEL=docker-cache\nTYPE=xfs\n"'
  stub docker 'case "$1" in info) echo "/var/lib/docker|overlay2 []" ;; esac'
  mounted "$T/volume" /var/lib/docker
  printf '{"version": 1, "name": "ci", "architecture": "x86_64", "buildId": "i-9", "content": "abc", "store": "overlay2/25", "engine": "25.0.1", "kernel": "6",
    "fileSystem": "xfs", "createdAt": "x", "images": [{"reference": "a:1"}]}' >"$T/run/probe/.docker-cache/manifest.json"
  printf '0 1\n' >"$T/run/probe/.docker-cache/hot-set"
  : >"$T/user-data"
  USER_SCRIPT="$(printf '#!/bin/bash\necho ran\n' | gzip | base64 -w0)"
  export USER_SCRIPT
  for way in 'MIN_FREE_GIB=0:warm' 'MIN_FREE_GIB=1000000:cold'; do
    run within_units install_boot_service "command_not_found_handle() { echo \"\$1\" >>'$T/lacking'; return 127; }; PATH='$T/few'; hash -r
      METADATA_URL=http://127.0.0.1:9/latest; decode_settings() { :; }; DISK_BLOCKS=65 HYDRATE=all hydrate &>/dev/null 3>&-; ${way%:*}; main '$T/user-data'; wait"
    [[ "$output" == *ran ]]
    equal "${way#*:}" "$(state | cut -d' ' -f1)"
  done
  [[ ! -e "$T/lacking" ]] || equal '' "$(sort -u "$T/lacking" | xargs)"
}

@test "boot: a later boot mounts before Docker and never starts or stops it" {
  script "$warm; prepare_docker boot"
  equal 'warm ' "$(state)"
  called 'mount --bind *'
  uncalled 'systemctl start*'
  uncalled 'systemctl stop*'
  uncalled 'curl *'
}

@test "boot: without the volume Docker is left to the root disk, with its own configuration" {
  mkdir -p "$T/etc"
  printf '{"mine": 1}' >"$T/etc/daemon.json"
  script 'bind_docker_roots() { :; }; move_docker'
  script "$warm; wait_for_disks() { refuse gone; }; prepare_docker boot"
  equal 'cold gone' "$(state)"
  equal '{"mine": 1}' "$(<"$T/etc/daemon.json")"
  uncalled 'systemctl start*'
}

@test "run_user_script: its exit code is the script's, whatever became of the cache" {
  USER_SCRIPT="$(printf '#!/bin/bash\necho "ran with $# arguments"; exit 7\n' | gzip | base64 -w0)"
  export USER_SCRIPT
  run script 'decode_settings() { :; }; prepare_docker() { false; }; main user-data'
  equal 7 "$status"
  [[ "$output" == *'ran with 0 arguments' ]]
}

@test "run_user_script: none is no error, and at later boots it is not run" {
  script 'decode_settings() { :; }; prepare_docker() { :; }; main user-data'
  USER_SCRIPT="$(printf 'echo no' | gzip | base64 -w0)"
  export USER_SCRIPT
  equal '' "$(script 'decode_settings() { :; }; prepare_docker() { :; }; main user-data boot')"
}

@test "write_status: any reason is valid JSON" {
  script 'note key "a \"b\" \\ c"; write_status cold $'"'quote \" backslash \\\\ tab \t bell \a ümlaut'" 2>/dev/null
  python3 -c "import json; s = json.load(open('$T/run/status.json')); assert s['key'] == 'a \"b\" \\\\ c', s; assert s['reason'].startswith('quote \" backslash'), s"
}
