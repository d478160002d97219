#!/usr/bin/env bats
# The images that are built, builds that have nothing to do, the pulls and the proof.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use builder
  stub sleep
  mkdir "$T/run/pulls"
  images='REFERENCES=(b:1 a:1) DIGESTS=(sha256:2 sha256:1) SOURCES=(docker.io/library/b docker.io/library/a) ORIGINALS=(docker.io/library/b docker.io/library/a) NOTES=("" "") LOCAL_NAMES=(b:1 a:1) OPTIONAL=("" "") WHOLE=("" "") SMOKE=("" "")'
  # Unless a test is about it, no image is there yet.
  nothing_yet='is_pulled() { false; }'
  images+="; $nothing_yet"
}

outcome='trap '"'"'echo "outcome $OUTCOME"'"'"' EXIT'

@test "is_gate_open: as configuration and modules work it out" {
  local vectors="$BATS_TEST_DIRNAME/../../fixtures/replication-gate.json" given='"\(.start) \(.replicateAt) \(.longest)"'
  local expected found
  expected="$(jq --raw-output ".[] | $given + \" \(.open)\"" "$vectors")"
  found="$(jq --raw-output ".[] | $given" "$vectors" | script '
    while read -r now at minutes; do
      if is_gate_open "$now" "$at" "$minutes"; then echo "$now $at $minutes true"; else echo "$now $at $minutes false"; fi
    done')"
  [[ -n "$expected" ]]
  equal "$expected" "$found"
}

@test "is_gate_open: always, without a replication" { script 'is_gate_open 08:09 "" 60'; }

@test "pass_gate: outside the gate the build yields" {
  run script "$outcome; date() { echo 03:05; }; REPLICATE_AT=03:00; pass_gate"
  equal 0 "$status"
  [[ "$output" == *'outcome yielded' ]]
}

@test "read_instance: tells the AWS client where to ask" {
  run script 'open_metadata() { :; }; get_metadata() { if [[ $1 == dynamic* ]]; then echo "{\"accountId\": \"1\"}"; else echo "${1##*/}"; fi; }
    read_instance; env | grep -E "^(REGION|DNS_SUFFIX)=" | sort'
  equal $'DNS_SUFFIX=domain\nREGION=region' "$output"
}

# script_parameters TEXT: what is below the path of the second half.
script_parameters() {
  gzip -9 <<<"$1" | base64 -w 0 | fold -w 64 >"$T/parameters"
  stub aws 'cat "$T/parameters"'
}

@test "read_script: the second half comes in parts, and is run only if it is the one that this user data was made with" {
  script_parameters 'echo "the second half"'
  local sum
  sum="$(sha256sum <<<'echo "the second half"' | cut -d' ' -f1)"
  equal 'the second half' "$(script "SCRIPT_SHA256=$sum; read_script; source \"\$RUN/build.sh\"")"
  called 'aws read-parameters /script'
  run script "SCRIPT_SHA256=${sum/[0-9]/x}; read_script; echo goes on"
  equal 1 "$status"
  [[ "$output" == *'FAILED: the parameters below /script are not the script with the SHA-256 '* && "$output" != *'goes on'* ]]
}

@test "read_script: parameters that are missing, cut, changed or refused end the build before anything of them runs" {
  local code sum
  sum="$(sha256sum <<<'echo run' | cut -d' ' -f1)"
  for code in ':' 'exit 1' 'echo no base64' 'head -c 20 "$T/parameters"' 'cat "$T/parameters" "$T/parameters"' 'echo "echo run" | base64'; do
    script_parameters 'echo run'
    stub aws "$code"
    run script "SCRIPT_SHA256=$sum; read_script; source \"\$RUN/build.sh\""
    equal "$code: 1" "$code: $status"
    [[ "$output" != *$'\nrun'* && "$output" != run* ]]
  done
}

@test "compute_content: the same for any order, another for any change" {
  local first
  first="$(script "$images; compute_content")"
  [[ "$first" =~ ^[0-9a-f]{64}$ ]]
  equal "$first" "$(script "$images; REFERENCES=(a:1 b:1) DIGESTS=(sha256:1 sha256:2); compute_content")"
  local change
  for change in 'DIGESTS=(sha256:2 sha256:3)' 'REFERENCES=(b:1 c:1)' 'REFERENCES=(b:1)' 'IMAGE_STORE=containerd' 'ENGINE_MAJOR=27' 'MANIFEST_VERSION=3' 'CACHE_ARCHITECTURE=arm64'; do
    [[ "$first" != "$(script "$images; $change; compute_content")" ]] || equal "another content after $change" "$first"
  done
}

current='CONTENT="$(compute_content)"; VOLUME_TAGS=([docker-cache:state]=ready [docker-cache:content]="$CONTENT" [docker-cache:manifest]=m); MANIFEST_FOUND=m'

# snapshot CONTENT; rejected VALUE: what AWS says.
aws_says() { stub aws 'case "$1" in read-snapshot-content) echo "'"$1"'" ;; read-parameter) '"${2:-echo none}"' ;; esac'; }

@test "decide_build: nothing to do where volume and newest snapshot bear this content" {
  local content
  content="$(script "$images; compute_content")"
  aws_says "$content"
  run script "$outcome; $images; $current; decide_build; echo goes on"
  [[ "$output" == *'outcome checked' && "$output" != *'goes on'* ]]
  called 'aws tag vol-0123456789abcdef0 docker-cache:checked=20??-*T*Z'
  called 'aws read-snapshot-content vol-0123456789abcdef0 ci x86_64'
}

@test "decide_build: builds where anything about the volume or its snapshots differs" {
  local content change
  content="$(script "$images; compute_content")"
  aws_says "$content"
  for change in 'VOLUME_TAGS[docker-cache:state]=building' 'VOLUME_TAGS[docker-cache:state]=rejected' 'VOLUME_TAGS[docker-cache:content]=x' 'VOLUME_TAGS=()' \
    'FORMAT_REASON="it is blank"' 'MANIFEST_FOUND=' 'MANIFEST_FOUND=other'; do
    run script "$outcome; $images; $current; $change; decide_build; echo goes on"
    [[ "$output" == *'goes on'* ]] || equal "$change: goes on" "$output"
  done
  for content in '' "$(printf x | sha256sum | cut -d' ' -f1)"; do
    aws_says "$content"
    run script "$outcome; $images; $current; decide_build; echo goes on"
    [[ "$output" == *'goes on'* ]]
  done
  uncalled 'aws tag *'
}

@test "decide_build: what was asked for before, and became the volume's without optional images that do not run, is nothing to do" {
  local asked kept
  asked="$(script "$images; compute_content")"
  kept="$(printf kept | sha256sum | cut -d' ' -f1)"
  aws_says "$kept"
  current_of_kept="VOLUME_TAGS=([docker-cache:state]=ready [docker-cache:content]=$kept [docker-cache:manifest]=m); MANIFEST_FOUND=m"
  run script "$outcome; $images; $current_of_kept; ASKED_FOUND=$asked; decide_build; echo goes on"
  [[ "$output" == *'outcome checked' && "$output" != *'goes on'* ]]
  for change in "ASKED_FOUND=" "ASKED_FOUND=$kept" "MANIFEST_FOUND=" "DIGESTS=(sha256:8 sha256:9)"; do
    run script "$outcome; $images; $current_of_kept; ASKED_FOUND=$asked; $change; decide_build; echo goes on"
    [[ "$output" == *'goes on'* ]] || equal "$change: goes on" "$output"
  done
  aws_says "" "echo $kept"
  run script "$outcome; $images; $current_of_kept; MANIFEST_FOUND=; ASKED_FOUND=$asked; decide_build; echo goes on"
  [[ "$output" == *'this content was rejected'*'outcome checked' ]]
}

@test "decide_build: a rejected content is not built again, whatever is on the volume" {
  local content
  content="$(script "$images; compute_content")"
  aws_says "" "printf 'aaa\n$content\nbbb\n'"
  run script "$outcome; $images; decide_build; echo goes on"
  [[ "$output" == *'outcome checked' ]]
  aws_says "" "printf 'aaa\n${content}0\n'"
  run script "$outcome; $images; decide_build; echo goes on"
  [[ "$output" == *'goes on'* ]]
}

@test "decide_build: rejected contents that cannot be read fail the build" {
  aws_says "" 'exit 1'
  run script "$outcome; $images; decide_build"
  equal 1 "$status"
  [[ "$output" == *'outcome failed' ]]
}

@test "pull_images: each image once, by digest, under its own name" {
  script "$images; PARALLEL_PULLS=8; pull_images" 2>/dev/null
  equal 'docker pull --quiet docker.io/library/a@sha256:1|docker pull --quiet docker.io/library/b@sha256:2|' "$(grep '^docker pull' "$CALLS" | sort | tr '\n' '|')"
  called 'docker tag docker.io/library/a@sha256:1 a:1'
  [[ ! -e "$T/run/pulls/0/error" ]]
}

@test "pull_images: an image that is there with this digest is named, not pulled; containerd is left to look" {
  stub docker 'case "$*" in "image inspect --format x "*a@*) ;; *inspect*) exit 1 ;; esac'
  script "${images%"; $nothing_yet"}; pull_images" 2>/dev/null
  equal 'docker pull --quiet docker.io/library/b@sha256:2' "$(grep '^docker pull' "$CALLS")"
  called 'docker tag docker.io/library/a@sha256:1 a:1'
  : >"$CALLS"
  script "${images%"; $nothing_yet"}; IMAGE_STORE=containerd; pull_images" 2>/dev/null
  equal 2 "$(grep -c '^docker pull' "$CALLS")"
}

@test "pull_images: no more at once than configured" {
  # Each pull waits a moment for two others.
  stub docker 'if [[ $1 == pull ]]; then
    touch "$T/pulling.$$"
    for _ in {1..20}; do n=$(find "$T" -name "pulling.*" | wc -l); ((n < 3)) || break; command sleep 0.05; done
    echo "$n" >>"$T/at-once"; command sleep 0.2; rm "$T/pulling.$$"
  fi'
  script 'REFERENCES=(1 2 3 4 5 6 7) DIGESTS=(1 2 3 4 5 6 7) SOURCES=(1 2 3 4 5 6 7) ORIGINALS=(1 2 3 4 5 6 7) LOCAL_NAMES=(1 2 3 4 5 6 7) PARALLEL_PULLS=3; '"$nothing_yet"'; pull_images' 2>/dev/null
  equal 7 "$(wc -l <"$T/at-once")"
  equal 3 "$(sort -n "$T/at-once" | tail -n 1)"
}

@test "pull_image: every failure is tried again, whatever its text says" {
  local text
  for text in 'received unexpected HTTP status: 503 Service Unavailable' 'manifest unknown' 'pull access denied for x' 'no space left on device'; do
    : >"$CALLS"
    stub docker 'if [[ $1 == pull ]] && (($(grep -c "docker pull" "$CALLS") < 3)); then echo "Error response from daemon: '"$text"'" >&2; exit 1; fi'
    script "$images; pull_image 0 '$T/error'" 2>/dev/null
    equal "$text 3" "$text $(grep -c 'docker pull' "$CALLS")"
    [[ ! -e "$T/error" ]]
  done
}

@test "pull_image: on a full volume it is not tried again" {
  stub docker 'echo "Error: text" >&2; exit 1'
  run script "$images; touch '$T/run/pulls/full'; pull_image 0 '$T/error'"
  equal 1 "$status"
  equal 1 "$(grep -c 'docker pull' "$CALLS")"
  [[ "$(<"$T/error")" == 'Error: text '* ]]
}

@test "pull_image: gives up after five attempts" {
  stub docker 'echo 503 >&2; exit 1'
  run script "$images; pull_image 0 '$T/error'"
  equal 1 "$status"
  equal 5 "$(grep -c 'docker pull' "$CALLS")"
}

@test "pull_image: a registry that stalls costs an attempt, not the build" {
  stub timeout '[[ -e "$T/second" ]] || { touch "$T/second"; exit 124; }; shift; "$@"'
  script "$images; pull_image 0 '$T/error'" 2>/dev/null
  # Half of what is left of 60 minutes but the last five.
  called 'timeout 1650 docker pull --quiet docker.io/library/b@sha256:2'
  equal 2 "$(grep -c '^timeout' "$CALLS")"
  stub timeout 'exit 124'
  run script "$images; pull_image 0 '$T/error'"
  [[ "$(<"$T/error")" == "no end within 16"??" s " ]]
}

# space: what watch_space finds: each call takes the next line of these, `full` or nothing.
space() { printf '%s\n' "$@" >"$T/space"; }
fullness="watch_space() { [[ \"\$(head -n 1 '\$T/space')\" != full ]] || touch \"\$3\"; sed -i 1d '\$T/space'; }"

@test "pull_all: a pull that fails on a full volume means format anew and pull again" {
  stub docker 'case "$1 $2" in
    "pull "*) until [[ -e "$T/formatted" || -e "$T/run/pulls/full" ]]; do :; done; [[ -e "$T/formatted" ]] || exit 1 ;;
    "image inspect") case "$*" in *Size*) echo 0 ;; *Id*) echo sha256:1 ;; esac ;;
  esac'
  space full ''
  script "$images; ${fullness//\$T/$T}; stop_docker() { :; }; unmount_volume() { :; }; start_docker() { :; }; prepare_volume() { touch '$T/formatted'; [[ -n \$FORMAT_REASON ]]; }; pull_all" 2>/dev/null
  equal 4 "$(grep -c 'docker pull' "$CALLS")"
}

@test "pull_all: a full volume on which all was pulled is left as it is, and so is one that is not full and a pull failed" {
  stub docker 'case "$*" in *Size*) echo 0 ;; *Id*) echo sha256:1 ;; esac'
  space full
  script "$images; ${fullness//\$T/$T}; prepare_volume() { touch '$T/formatted'; }; pull_all" 2>/dev/null
  stub docker 'case "$*" in pull*) echo "no space left on device" >&2; exit 1 ;; esac'
  space ''
  run script "$images; ${fullness//\$T/$T}; prepare_volume() { touch '$T/formatted'; }; pull_all"
  equal 1 "$status"
  [[ ! -e "$T/formatted" ]]
}

@test "pull_all: a full volume twice fails the build" {
  stub docker 'case "$1" in pull) until [[ -e "$T/run/pulls/full" ]]; do :; done; echo "Docker says why" >&2; exit 1 ;; esac'
  space full full
  run script "$outcome; $images; ${fullness//\$T/$T}; stop_docker() { :; }; unmount_volume() { :; }; start_docker() { :; }; prepare_volume() { :; }; pull_all"
  equal 1 "$status"
  [[ "$output" == *'Docker says why'*'outcome failed' ]]
  equal 4 "$(grep -c 'docker pull' "$CALLS")"
}

@test "watch_space: notes that little was free for a moment, of bytes or of files, and ends with the pulls" {
  # Blocks, free blocks, files, free files, of a file system with 1 KiB a block.
  watched() {
    touch "$T/going-on"
    rm -f "$T/full"
    python3 -I -S - "$USERDATA/builder/watch-space.py" "$T" "$T/going-on" "$T/full" "$@" <<'PY'
import os, sys, types
script, folder, going_on, full, *looks = sys.argv[1:]
looks = [[int(number) for number in look.split()] for look in looks]
def look(folder):
    blocks, free, files, free_files = looks.pop(0)
    if not looks: os.remove(going_on)
    return types.SimpleNamespace(f_frsize=1024, f_blocks=blocks, f_bfree=free, f_files=files, f_ffree=free_files)
os.statvfs = look
sys.argv = [script, folder, going_on, full]
exec(compile(open(script).read(), script, "exec"))
PY
    if [[ -e "$T/full" ]]; then echo full; else echo roomy; fi
  }
  equal roomy "$(watched '1000 50 0 0' '1000 500 0 0')"
  equal full "$(watched '1000 500 0 0' '1000 49 0 0' '1000 500 0 0')"
  # 100 GiB of which 1 GiB is free, then 255 MiB.
  equal roomy "$(watched '104857600 1048576 0 0')"
  equal full "$(watched '104857600 261120 0 0')"
  equal full "$(watched '104857600 104857600 1000 49')"
  equal roomy "$(watched '104857600 104857600 10000000 10000')"
}

@test "pull_all: a failed optional image is left out of the content, any other fails the build" {
  stub docker 'case "$*" in "pull --quiet docker.io/library/b"*) echo "manifest unknown" >&2; exit 1 ;; *Size*) echo 0 ;; *Id*) echo sha256:1 ;; esac'
  run script "$images; OPTIONAL=(yes ''); pull_all; [[ \$CONTENT == \"\$(REFERENCES=(x a:1); unset 'REFERENCES[0]'; compute_content)\" ]]"
  equal 0 "$status"
  run script "$images; OPTIONAL=('' ''); pull_all"
  equal 1 "$status"
  [[ "$output" == *'FAILED: b:1: '*'manifest unknown'* ]]
}

@test "remove_unlisted_names: keeps the names that are configured, and digests of their repositories" {
  stub docker 'case "$*" in
    *--digests*) printf "a@sha256:9\nold@sha256:1\n<none>@<none>\n" ;;
    *"image ls"*) printf "a:1\nb:1\nb:0\n<none>:<none>\nreg:5000/x:2\n" ;; esac'
  script "$images; remove_unlisted_names"
  equal 'b:0|reg:5000/x:2|old@sha256:1|' "$(grep 'image rm' "$CALLS" | sed 's/.*--force //' | tr '\n' '|')"
}

@test "remove_unlisted_images: everything that no configured reference names" {
  stub docker 'case "$*" in *"image inspect"*) printf "sha256:1\nsha256:2\n" ;; *"image ls"*) printf "sha256:2\nsha256:3\nsha256:1\n" ;; esac'
  script "$images; remove_unlisted_images"
  equal 'docker image rm --force sha256:3' "$(grep 'image rm' "$CALLS")"
}

@test "check_landing: counts beyond 2 and 4 GiB" {
  stub docker 'printf "5000000000\n9000000000\n"'
  stub df 'printf "Used\n4499999999\n"'
  run script "$images; check_landing"
  equal 1 "$status"
  [[ "$output" == *'4499999999 bytes are used there, the largest image has 9000000000' ]]
  stub df 'printf "Used\n4500000000\n"'
  script "$images; check_landing"
}

@test "check_landing: fails where the bytes are elsewhere" {
  stub df 'printf "Used\n1000\n"'
  stub docker 'printf "1500\n700\n"'
  script "$images; check_landing"
  stub docker 'printf "5000\n700\n"'
  run script "$images; check_landing"
  equal 1 "$status"
  [[ "$output" == *'not on the cache volume'* ]]
}

@test "launch_docker: a Docker that does not start is a reason, in the words of dockerd itself" {
  stub systemctl '[[ "$1" != start ]]'
  stub journalctl 'echo "unable to configure the Docker daemon"'
  run script "launch_docker 'the root disk'"
  equal 1 "$status"
  [[ "$output" == *'FAILED: Docker does not start on the root disk: unable to configure the Docker daemon' ]]
  called 'journalctl * --lines 1 --output cat _SYSTEMD_UNIT=docker.service'
  stub journalctl 'exit 1'
  run script "bind_docker_roots() { :; }; start_docker"
  equal 1 "$status"
  [[ "$output" == *'FAILED: Docker does not start on the cache volume: dockerd has logged nothing' ]]
}

@test "resolve_content: Docker is started on the root disk, as it is, before it is asked; behind a proxy anew, since it may not know it" {
  local parts='read_images login_registries resolve_images decide_build'
  local recorded="for part in $parts bind_docker_roots pin_image_store; do eval \"\$part() { systemctl \$part; }\"; done"
  script "$recorded; resolve_content"
  equal 'read_images|login_registries|reset-failed docker.service docker.socket containerd.service|start docker.service|resolve_images|decide_build|' "$(sed 's/^systemctl //' "$CALLS" | tr '\n' '|')"
  : >"$CALLS"
  stub systemctl '[[ "$1" != is-active ]]'
  script "HTTPS_PROXY_URL=http://p; $recorded; resolve_content"
  equal 'stop docker.socket docker.service containerd.service|is-active --quiet docker.service|reset-failed docker.service docker.socket containerd.service|start docker.service|' \
    "$(sed 's/^systemctl //' "$CALLS" | sed -n 3,6p | tr '\n' '|')"
}

@test "start_docker: fails where Docker does not use the cache volume" {
  stub docker 'echo "/elsewhere|overlay2 []"'
  run script "bind_docker_roots() { :; }; start_docker"
  equal 1 "$status"
}

@test "main: the steps in order; the gate before anything, the volume's attachment before all that is decided about it" {
  local parts='open_log decode_settings arm_watchdog export_proxy read_instance start_shipping read_script pass_gate prepare_system take_volume resolve_content open_volume pull_all prove_images seal_volume snapshot_volume'
  local recorded="for part in $parts; do eval \"\$part() { systemctl \$part; }\"; done"
  stub mountpoint 'exit 1'
  : >"$T/run/build.sh"
  run script "$recorded; main"
  equal "$parts poweroff" "$(grep ^systemctl "$CALLS" | cut -d' ' -f2 | xargs)"
  : >"$CALLS"
  run script "$recorded; pull_all() { fail 'no image'; }; main"
  equal 1 "$status"
  equal "${parts%% pull_all*} poweroff" "$(grep ^systemctl "$CALLS" | cut -d' ' -f2 | xargs)"
  called 'aws tag i-1 docker-cache:outcome=failed'
}

# tracer: a kernel that traces, with these lines.
tracer() {
  mkdir -p "$T/trace/events/block/block_rq_issue" "$T/sys/nvme1n1"
  echo 259:1 >"$T/sys/nvme1n1/dev"
  printf '%s\n' "$@" >"$T/trace/trace_pipe"
}

@test "start_trace, stop_trace: the requests of the cache volume alone are traced, with a mark before each image, and the tracer is off afterwards" {
  tracer '  dockerd-1 [001] ..... 1.0: block_rq_issue: 259,1 R 4096 () 8192 + 8 none,0,0 [dockerd]'
  stub sleep 'until [[ -s "$T/run/trace" ]]; do read -r -t 0.05 <> <(:) || true; done'
  equal 8192 "$(script 'start_trace; mark_trace; stop_trace; cat "$TRACE/buffer_size_kb"')"
  equal "$(<"$T/trace/trace_pipe")" "$(<"$T/run/trace")"
  equal docker-cache "$(<"$T/trace/trace_marker")"
  # The kernel counts devices as major << 20 | minor.
  equal 'dev == 271581185' "$(<"$T/trace/events/block/block_rq_issue/filter")"
  equal 0 "$(<"$T/trace/events/block/block_rq_issue/enable")"
}

@test "start_trace, stop_trace: where the kernel cannot trace, nothing is traced and nothing fails" {
  script 'start_trace; mark_trace; stop_trace'
  equal '' "$(<"$T/run/trace")"
}

@test "find_hot_set: of what is written out, with its source and bytes" {
  echo old >"$T/run/trace"
  echo 'traced 1024' >"$T/found"
  run script "$images; TRACED=(0 1); make_hot_set() { printf '%s|' \"\$@\" >'$T/asked'; cat '$T/found'; }"'; find_hot_set; echo "$HOT_SET_SOURCE|$HOT_SET_BYTES"'
  [[ "$output" == *'traced|1024' ]]
  equal "$T/volume|/dev/nvme1n1|$T/run/trace|20|$T/run/hot-set|/dev/fd/N|b:1|a:1|" "$(sed 's,fd/[0-9]*,fd/N,' "$T/asked")"
  # One that was left out after its proof.
  run script "$images; TRACED=(0 1); unset 'REFERENCES[0]'; make_hot_set() { printf '%s|' \"\$@\" >'$T/asked'; cat '$T/found'; }; find_hot_set"
  [[ "$(<"$T/asked")" == *'||a:1|' ]]
  called "sync --file-system $T/volume"
}

# hot_set PERCENT REFERENCE...: what make-hot-set.py makes of the trace on standard input and of a disk of 256 blocks; prints what it says and then the
# file. $FREE are blocks FIRST+COUNT that the file system does not use; unset, it does not tell. $BEGINS are the blocks in which files begin.
hot_set() {
  local block
  cat >"$T/run/trace"
  echo "$T/gone" >"$T/files"
  for block in ${BEGINS:-}; do
    mktemp "$T/$block.XXX" >>"$T/files"
  done
  truncate -s 128M "$T/disk"
  python3 -I -S - "$USERDATA/builder/make-hot-set.py" "$T/volume" "$T/disk" "$T/run/trace" "$1" "$T/run/hot-set" "$T/files" "${@:2}" <<'PY' | tr '\n' '|'
import fcntl, os, struct, sys
UNIT = 512 * 1024
def answer(file, request, page):
    if request == 1:
        return struct.pack("=I", int(os.path.basename(file.name).split(b".")[0]) * UNIT // os.statvfs(file.name).f_frsize)
    if "FREE" not in os.environ:
        raise OSError("no such request")
    assert request == 0xC0C0583B and struct.unpack_from("=4I", page) == (0, 0, (len(page) - 192) // 64, 0) and page[128:160] == b"\xff" * 32
    rows = [(16, int(float(first) * UNIT), 1, int(float(count) * UNIT)) for first, count in (row.split("+") for row in os.environ["FREE"].split())]
    rows += [(16, 0, 2, UNIT), (0, 0, 1, 256 * UNIT), (int(os.environ.get("LAST", 32)), 0, 3, UNIT)]
    struct.pack_into("=I", page, 12, len(rows))
    for index, (flags, first, owner, length) in enumerate(rows):
        struct.pack_into("=2I4Q", page, 192 + 64 * index, 0, flags, first, owner, 0, length)
fcntl.ioctl = answer
sys.argv = sys.argv[1:]
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))
PY
  tr '\n' '|' <"$T/run/hot-set"
}

# touched FLAGS BLOCK...: the tracer's lines.
touched() {
  local flags="$1" block
  shift
  for block in "$@"; do echo "     a (b) c-5 [000] ..... 1.0: block_rq_issue: 259,1 $flags 4096 () $((block * 1024)) + 8 be,0,4 [a (b) c]"; done
}

# mark: between what is traced.
mark() { echo '     bash-5 [000] ..... 1.0: tracing_mark_write: docker-cache'; }

@test "make_hot_set: a section for the engine, each image and where files are, every block at its first place, neighbours joined up to 8" {
  equal 'traced 9961472|# engine|5 1|0 2|9 8|17 1|# image b:1|20 2|# image a:1|200 1|# image c:1|3 2|# files|30 2|' "$({
    touched RA 5 0 1
    touched R 5 9 0 10 11 12 13 14 15 16 17
    mark
    mark
    touched RM 20 5 21
    mark
    mark
    touched R 21 200
    mark
    mark
    # More than a block.
    echo '  x-1 [001] ..... 1.0: block_rq_issue: 259,1 R 4096 () 4095 + 2 [x]'
    echo '  something else'
    mark
    mark
    touched R 30 31 4
  } | hot_set 20 b:1 a:1 c:1)"
}

@test "make_hot_set: an image that was left out has no section; what it shares with others counts for the next one" {
  equal 'traced 2097152|# engine|# image a:1|7 1|20 2|# files|3 1|# rest|' "$(
    export FREE='0+3 4+3 8+12 22+234'
    {
      mark
      mark
      touched R 7 20 40
      mark
      touched R 41
      mark
      touched R 21
      mark
      mark
      touched R 3
    } | hot_set 20 '' a:1
  )"
}

@test "make_hot_set: writes count until the first image runs, and none of a proof; no flushes or discards" {
  equal 'traced 1572864|# engine|7 2|# image a:1|9 1|# files|' "$({
    touched WFSM 7
    touched W 8
    touched D 30
    echo '  kworker/u4-5  [000] ..... 1.0: block_rq_issue: 259,1 FF 0 () 0 + 0 none,0,0 [kworker/u4]'
    mark
    mark
    touched W 40
    touched R 9
  } | hot_set 20 a:1)"
}

@test "make_hot_set: what the file system does not use is in no section, the rest is all else that it uses" {
  equal 'traced 1048576|# engine|7 1|# image a:1|9 1|# files|# rest|0 7|8 1|10 2|100 64|164 36|' "$({
    touched R 7 50
    mark
    mark
    # Beyond the disk.
    touched R 9 210 900
  } | FREE='12+88 200+56' hot_set 20 a:1)"
}

@test "make_hot_set: in the rest, blocks in which most files begin come first; among those of 2 and 3, 4 to 7 and so on in the disk's order" {
  equal 'traced 524288|# engine|20 1|# image a:1|# files|# rest|31 1|10 1|29 2|0 10|11 9|21 8|32 1|' "$(
    touched R 20 | BEGINS='20 20 31 31 30 10 31 31 30 10 29 29 29 200' FREE=33+223 hot_set 20 a:1
  )"
}

@test "make_hot_set: a block of which a part is used is used" {
  # Half of the blocks 3 and 10 is free.
  equal 'traced 524288|# engine|0 1|# image a:1|# files|# rest|1 3|10 64|74 64|138 64|202 54|' "$(touched R 0 | FREE='3.5+7' hot_set 20 a:1)"
}

@test "make_hot_set: where the file system does not tell all that it uses, there is no rest" {
  equal 'traced 524288|# engine|0 1|# image a:1|# files|' "$(touched R 0 | hot_set 20 a:1)"
  equal 'traced 524288|# engine|0 1|# image a:1|# files|' "$(touched R 0 | LAST=0 FREE=3+7 hot_set 20 a:1)"
}

@test "make_hot_set: where nothing was traced, the sections are empty, and the rest is everything" {
  equal 'none 0|# engine|# image a:1|# files|# rest|4 64|68 64|132 64|196 60|' "$(: | FREE='0+4' hot_set 20 a:1)"
}

@test "make_hot_set: traced blocks above the bound are left to the rest, last ones first, and that is said; what is read whole has no bound" {
  mkdir "$T/builder"
  sed 's/^LEAST = .*/LEAST = 3/; s/^left = .*/left = LEAST/' "$USERDATA/builder/make-hot-set.py" >"$T/builder/make-hot-set.py"
  USERDATA="$T"
  equal 'traced 3670016|# engine|1 2|# image a:1|10 1|250 4|# files|# rest|3 6|11 1|254 1|' "$({
    touched R 1 2
    mark
    mark
    touched R 10 11 3 11
    mark
    touched R 250 251 252 253
  } | FREE='0+1 9+1 12+238 255+1' hot_set 1 a:1 2>"$T/said")"
  equal 'docker-cache: hot set: 2 blocks above 1 percent are left to the rest' "$(<"$T/said")"
}

@test "list_files: all regular files that hold something, of the volume alone; one that vanishes meanwhile fails nothing" {
  mkdir "$T/volume/a"
  echo one >"$T/volume/a/one"
  touch "$T/volume/a/empty"
  ln -s one "$T/volume/a/link"
  # A second line of its own could name a file of the builder's.
  mkdir -p "$T/volume/b"$'\n/etc'
  echo two >"$T/volume/b"$'\n/etc/passwd'
  equal "$T/volume/a/one" "$(script list_files)"
  stub find 'exit 1'
  script list_files
  called "find $T/volume -xdev *"
}

@test "end_build: the outcome is written last, then the machine goes, whatever fails before" {
  stub aws '[[ "$1" != ship ]]'
  : >"$T/log"
  run script 'trap end_build EXIT; trap '"'"'report_error "$LINENO" "$BASH_COMMAND"'"'"' ERR; false'
  equal 'aws tag i-1 docker-cache:outcome=failed systemctl poweroff' "$(tail -n 3 "$CALLS" | grep -v sleep | xargs)"
  stub aws 'exit 1'
  : >"$CALLS"
  run script 'trap end_build EXIT; OUTCOME=ready'
  called 'systemctl poweroff'
}

@test "main: with settings that are not whole there is no watchdog, but the machine goes at once" {
  run script 'INSTANCE_ID=; sleep() { :; }; open_log() { :; }; decode_settings() { return 1; }; main'
  equal 1 "$status"
  [[ "$output" == *'FAILED: the settings are not whole'* ]]
  called 'systemctl poweroff'
  uncalled 'aws *'
}

# summary CODE: the fields of the summary of a build that ends so, as Python prints them, and whether it is the last line that is shipped.
summary() {
  : >"$T/log"
  rm -f "$T/run/failure"
  run script "exec 2>>\"\$LOG_FILE\"; trap end_build EXIT; trap 'report_error \"\$LINENO\" \"\$BASH_COMMAND\"' ERR; sleep() { :; }; $1"
  tail -n 1 "$T/log" | python3 -c 'import json, sys; one = json.load(sys.stdin); print(*map(one.get, ("outcome", "images", "bytes", "snapshot", "failure")), list(one["seconds"]), sep="|")'
}

@test "the summary: the last line of the log says how the build ended" {
  equal "ready|2|4096|snap-1|None|['one', 'two']" "$(summary 'step one true; IMAGE_COUNT=2 USED_BYTES=4096 SNAPSHOT_ID=snap-1 OUTCOME=ready; step two true')"
  equal "yielded|None|None|None|None|['one']" "$(summary 'one() { yield_field because; }; step one one')"
  equal "failed|None|None|None|no \"such\" image  x|['one', 'two']" "$(summary 'two() { fail "no \"such\" image" x; }; step one true; step two two' | sed 's/image x/image  x/')"
}

@test "the summary: the first failure is the reason, also one in a subshell; without words it is the step and the command" {
  equal "failed|None|None|None|deep|['one']" "$(summary 'deep() { echo "$(fail deep)"; }; one() { x="$(deep)"; fail later; }; step one one')"
  equal "failed|None|None|None|one failed: false|['one']" "$(summary 'one() { false; }; step one one')"
  equal "failed|None|None|None|a step failed: false|[]" "$(summary 'false')"
}

@test "the summary: whatever a failure says is one line of JSON" {
  local text=$'a\n"b" \\ \t\x01 \xff é'
  equal $'failed|None|None|None|a "b" \\ \x01 ? é|[]' "$(summary "fail $(printf %q "$text")")"
}

@test "publish_manifest: under its hash; a failure is a warning" {
  script 'MANIFEST_SHA=abc; publish_manifest'
  called "aws publish /manifests abc $T/run/manifest.json"
  stub aws 'exit 1'
  run script 'MANIFEST_SHA=abc; publish_manifest; echo goes on'
  [[ "$output" == *'WARNING: the manifest was not published in /manifests'*'goes on' ]]
}

@test "end_build: a power-off that is refused is forced" {
  stub systemctl '[[ "$*" == *--force* ]]'
  : >"$T/log"
  run script 'trap end_build EXIT; true'
  called 'systemctl poweroff --force --force'
}

@test "ship_log: goes on behind the last line that was sent, and no failure of it matters" {
  stub aws 'case "$*" in *" 0") echo 2; exit 1 ;; *" 2") echo 3 ;; *) exit 1 ;; esac'
  equal 3 "$(script 'ship_log; ship_log; ship_log; echo "$SHIPPED_LINES"' 2>/dev/null)"
  equal "ship /log i-1 $T/log 0|ship /log i-1 $T/log 2|ship /log i-1 $T/log 3|" "$(sed 's/^aws //' "$CALLS" | tr '\n' '|')"
  : >"$CALLS"
  script 'INSTANCE_ID=; ship_log; INSTANCE_ID=i-1 LOG_GROUP=; ship_log'
  uncalled 'aws *'
}

@test "start_shipping: what is said last is shipped before end_build goes on, also where a signal ends the build" {
  : >"$T/log"
  stub aws 'case "$1" in ship) tail -n "+$(($5 + 1))" "$4" >>"$T/events"; wc -l <"$4" ;; esac'
  stub sleep 'exit 0'
  run script 'exec 2>>"$LOG_FILE"; trap end_build EXIT; trap "exit 143" TERM; start_shipping; log first
    until [[ -s "$T/events" ]]; do read -r -t 0.05 <> <(:) || true; done
    kill -TERM "$SHIPPER" $$'
  [[ "$(<"$T/events")" == *first*'outcome: failed'* ]] || {
    echo "$output"
    cat "$T/events"
    false
  }
  equal 'ship tag' "$(grep --only-matching --extended-regexp '^aws (ship|tag)' "$CALLS" | cut -d' ' -f2 | tail -n 2 | xargs)"
}

@test "R12: arm_watchdog: a shutdown, a forced power-off, and a limit to how long a shutdown may hang" {
  script "SYSTEMD_UNITS='$T/units'; arm_watchdog"
  called 'shutdown --poweroff +60'
  called 'systemd-run * --on-active=62min * systemctl poweroff --force --force'
  [[ "$(<"$T/units/poweroff.target.d/docker-cache.conf")" == *JobTimeoutSec=3min*JobTimeoutAction=poweroff-immediate* ]]
}

@test "arm_watchdog: each guard is armed even where another cannot be" {
  stub shutdown 'exit 1'
  stub systemd-run 'exit 1'
  script "SYSTEMD_UNITS='$T/units'; arm_watchdog" 2>/dev/null
  [[ -e "$T/units/poweroff.target.d/docker-cache.conf" ]]
}

@test "list_missing_packages: by distribution" {
  mkdir -p "$T/etc" "$T/few"
  local case
  for case in 'amzn 2023:curl docker e2fsprogs xfsprogs' 'debian 12:curl docker.io e2fsprogs xfsprogs' 'debian 13:curl docker-cli docker.io e2fsprogs xfsprogs' \
    'ubuntu 22.04:curl docker.io e2fsprogs xfsprogs' 'ubuntu 24.04:curl docker.io e2fsprogs xfsprogs'; do
    printf 'NAME="x"\nID="%s"\nVERSION_ID="%s"\n' "${case%% *}" "$(cut -d' ' -f2 <<<"${case%%:*}")" >"$T/etc/os-release"
    equal "${case#*:}" "$(script 'read_distribution; command() { [[ $1 != -v ]]; }; list_missing_packages' | xargs)"
    equal '' "$(script 'read_distribution; command() { :; }; list_missing_packages')"
  done
  printf 'ID=fedora\nVERSION_ID=40\n' >"$T/etc/os-release"
  run script 'read_distribution; list_missing_packages'
  equal 1 "$status"
  [[ "$output" == *'this image is fedora 40'* ]]
}

# lacking ID VERSION: an image that has nothing but what its package managers install.
lacking() {
  mkdir -p "$T/etc"
  printf 'ID=%s\nVERSION_ID="%s"\n' "$1" "$2" >"$T/etc/os-release"
  : >"$CALLS"
}
bare='command() { [[ $1 != -v ]]; }'

@test "install_missing: from the distribution's own repositories, with its own tool" {
  lacking amzn 2023
  script "$bare; install_missing" 2>/dev/null
  equal 'dnf --assumeyes --quiet install curl docker e2fsprogs xfsprogs' "$(<"$CALLS")"
  local version
  for version in 'debian 12' 'debian 13' 'ubuntu 22.04' 'ubuntu 24.04'; do
    # shellcheck disable=SC2086 # two words
    lacking $version
    script "$bare; install_missing" 2>/dev/null
    equal 'systemctl stop' "$(head -n 1 "$CALLS" | cut -d' ' -f1,2)"
    equal 'apt-get --quiet --quiet update' "$(sed -n 2p "$CALLS")"
    called 'apt-get * --yes --no-install-recommends * install *docker.io*'
  done
}

@test "install_missing: an image that has everything installs nothing; what cannot be had fails the build, by its name" {
  lacking debian 12
  script 'command() { :; }; install_missing' 2>/dev/null
  uncalled 'apt-get *'
  stub apt-get '[[ "$*" != *install* ]]'
  run script "$bare; install_missing"
  equal 1 "$status"
  [[ "$output" == *'FAILED: these packages could not be installed: curl docker.io '* ]]
  equal 4 "$(grep -c 'apt-get .* install' "$CALLS")"
}

@test "prepare_system: the ECS agent is stopped, and kept from starting, before anything else" {
  script 'install_missing() { systemctl installing; }; check_engine() { systemctl checking; }; prepare_system'
  equal $'systemctl mask --runtime --now ecs.service\nsystemctl installing\nsystemctl checking' "$(<"$CALLS")"
  stub systemctl '[[ "$*" != *ecs* ]]'
  script 'install_missing() { :; }; check_engine() { systemctl checking; }; prepare_system'
  called 'systemctl checking'
}

@test "check_engine: containerd's image store needs Docker 24" {
  stub dockerd 'echo "Docker version 23.0.6, build a"'
  equal 23 "$(script 'check_engine; echo "$ENGINE_MAJOR"')"
  run script 'IMAGE_STORE=containerd; check_engine'
  equal 1 "$status"
  [[ "$output" == *"FAILED: containerd's image store needs Docker 24 or later, this image has 23"* ]]
  stub dockerd 'echo "Docker version 24.0.0, build a"'
  script 'IMAGE_STORE=containerd; check_engine'
}

@test "check_engine: what workers refuse fails the build" {
  stub dockerd 'echo "Docker version 26.1.5, build a"'
  mkdir -p "$T/etc"
  echo '{"userns-remap": "default"}' >"$T/etc/daemon.json"
  run script check_engine
  equal 1 "$status"
  [[ "$output" == *'FAILED: userns-remap is set: '*': workers refuse it too' ]]
  echo '{"storage-opts": ["overlay2.size=9G"]}' >"$T/etc/daemon.json"
  script check_engine
  run script 'FILE_SYSTEM=ext4; check_engine'
  equal 1 "$status"
  [[ "$output" == *'FAILED: storage-opts overlay2.size is set, which needs XFS, and the cache volume has ext4: '* ]]
}

@test "start_docker: a daemon.json that dockerd refuses, or a dockerd that does not start, fails the build in its words" {
  local start='bind_docker_roots() { :; }; check_docker_root() { :; }; start_docker'
  mkdir -p "$T/etc"
  echo '{"storage-opts": ["dm.basesize=9G"]}' >"$T/etc/daemon.json"
  run script "$start"
  equal 0 "$status"
  equal "docker-cache: only options of overlay2 remain of dm.basesize=9G" "$output"
  echo '{"a": 1}' >"$T/etc/daemon.json"
  stub dockerd 'case "$*" in *--help) echo --validate ;; *) echo "no such directive: a" >&2; exit 1 ;; esac'
  run script "$start"
  equal 1 "$status"
  equal 'docker-cache: FAILED: daemon.json cannot be changed: no such directive: a' "$output"
  stub dockerd
  stub systemctl '[[ "$1" != start ]]'
  stub journalctl 'printf "failed to start daemon: %0500d\n\t" 0'
  run script "$start"
  equal 1 "$status"
  equal "docker-cache: FAILED: Docker does not start on the cache volume: failed to start daemon: $(printf %0476d 0)" "$output"
  called 'journalctl * --lines 1 --output cat _SYSTEMD_UNIT=docker.service'
}

@test "export_proxy: every client of the build goes through it, but not to the metadata service" {
  equal '' "$(script 'export_proxy; env | grep -i _proxy= || true')"
  run script 'HTTP_PROXY_URL=http://a:1 HTTPS_PROXY_URL=http://b:2 NO_PROXY_HOSTS=.c,*.d.e; export_proxy; env | grep -i _proxy= | sort'
  equal $'HTTPS_PROXY=http://b:2\nNO_PROXY=169.254.169.254,localhost,127.0.0.1,.c,.d.e\nhttp_proxy=http://a:1\nhttps_proxy=http://b:2\nno_proxy=169.254.169.254,localhost,127.0.0.1,.c,.d.e' "$output"
}

@test "install_missing: a distribution that is not known ends the build, whatever it has" {
  mkdir -p "$T/etc"
  printf 'ID=rocky\nVERSION_ID="9"\n' >"$T/etc/os-release"
  run script 'install_missing; echo goes on'
  equal 1 "$status"
  [[ "$output" == *'FAILED: this image is rocky 9: expected '* && "$output" != *'goes on'* ]]
}

@test "install_missing: Amazon Linux before 2023 is refused by its name, whatever it has" {
  local version
  mkdir -p "$T/etc"
  for version in 2 2018.03; do
    printf 'ID="amzn"\nVERSION_ID="%s"\n' "$version" >"$T/etc/os-release"
    run script 'command() { :; }; install_missing; echo goes on'
    equal 1 "$status"
    [[ "$output" == *"FAILED: this image is Amazon Linux $version, "*': expected Amazon Linux 2023' ]]
  done
}

@test "a proxy's password stands in no arguments of any process" {
  local version proxy='HTTP_PROXY_URL=http://me:hush@p:1 HTTPS_PROXY_URL=http://me:hush@p:2 NO_PROXY_HOSTS=.c,*.d.e; export_proxy; configure_docker_proxy'
  for version in 'amzn 2023' 'debian 12' 'ubuntu 24.04'; do
    # shellcheck disable=SC2086 # two words
    lacking $version
    within_units configure_docker_proxy "$proxy; ${bare/\$T/$T}; install_missing; find_docker_roots; unset -f command
      bind_docker_roots() { :; }; check_docker_root() { :; }; start_docker; stop_docker() { :; }" 2>/dev/null
    [[ "$(<"$T/units/docker.service.d/docker-cache-proxy.conf")" == *hush* ]]
    called 'systemctl start docker.service'
    uncalled '*hush*'
    rm -r "$T/units/docker.service.d"
  done
}

@test "retry: runs the command until it succeeds, and no more often than said" {
  stub flaky '(($(grep -c "^flaky" "$CALLS") > 2))'
  script 'retry 4 flaky' 2>/dev/null
  stub flaky 'exit 1'
  : >"$CALLS"
  run script 'retry 3 flaky'
  equal 1 "$status"
  equal 3 "$(grep -c '^flaky' "$CALLS")"
}

@test "read_engine_major: of every way in which dockerd says it" {
  local text
  for text in 'Docker version 20.10.24+dfsg1, build 297e128' 'Docker version 25.0.18, build abc' 'Docker version 29.7.2, build b985e23'; do
    stub dockerd "echo '$text'"
    [[ "$text" == *" $(script read_engine_major)."* ]]
  done
  stub dockerd 'echo nonsense'
  run script read_engine_major
  [ "$status" -ne 0 ]
}

@test "check_docker_root: only the configured image store, on the cache volume" {
  stub docker "echo '/d|overlay2 [[Backing Filesystem xfs]]'"
  mounted "$T/volume" /d
  script check_docker_root
  run script 'IMAGE_STORE=containerd; check_docker_root'
  equal 1 "$status"
  stub docker "echo '/d|overlayfs [[driver-type io.containerd.snapshotter.v1]]'"
  script 'IMAGE_STORE=containerd; check_docker_root'
  run script check_docker_root
  equal 1 "$status"
  stub docker "echo '/proc|overlay2 []'"
  run script check_docker_root
  equal 1 "$status"
  [[ "$output" == *"/proc|overlay2"* ]]
  stub docker "echo '/d|overlay2 []'"
  : >"$T/mounts"
  mounted /d
  run script check_docker_root
  equal 1 "$status"
}
