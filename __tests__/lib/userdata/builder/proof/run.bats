#!/usr/bin/env bats
# The proof: that images run, by Docker's state of their containers, and what becomes of those that do not.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load ../../helper

setup() {
  use builder
  stub sleep
  images='REFERENCES=(b:1 a:1) DIGESTS=(sha256:2 sha256:1) SOURCES=(docker.io/library/b docker.io/library/a) LOCAL_NAMES=(b:1 a:1) OPTIONAL=("" "") WHOLE=("" "") SMOKE=("" "")'
  # What a container's files say of its program: see `ends`.
  images+="; find_program() { cat '$T/program-'\"\$1\"; }"
  stub docker 'case "$1" in
    image) cat "$T/command" ;;
    create)
      case "$*" in
        *"--entrypoint /bin/sh"*) name=shell ;;
        *--entrypoint*) name=words ;;
        *) name=own ;;
      esac
      [[ ! -e "$T/refused-$name" ]] || { echo refused >&2; exit 1; }
      printf "a warning\n%s\n" "$name" ;;
    start) [[ ! -e "$T/error-$2" ]] || { cat "$T/error-$2" >&2; exit 1; } ;;
    inspect) cat "$T/state-${!#}" ;;
    wait) [[ "$(<"$T/state-$2")" != running* ]] || command sleep 5 ;;
    export) [[ ! -e "$T/unreadable" ]] ;;
  esac'
  echo /bin/x >"$T/command"
}

# ends CONTAINER STATE [PROGRAM [ERROR]]: how `own`, `shell` or `words` goes: `STATUS CODE STARTED` as Docker has it.
ends() {
  echo "$2" >"$T/state-$1"
  rm -f "$T/program-$1" "$T/error-$1"
  [[ -z "${3:-}" ]] || echo "$3" >"$T/program-$1"
  [[ -z "${4:-}" ]] || echo "$4" >"$T/error-$1"
}
RAN=2026-11-30T05:01:02Z
NEVER=0001-01-01T00:00:00Z

# dropped CODE: fails unless the code fails the build.
fails() {
  run script "$images; DEFAULT_RUN_SECONDS=1; $1"
  equal 1 "$status"
}

@test "run_once: names the runtime, the log and the limits that it relies on" {
  ends own "exited 0 $RAN"
  script "$images; prove_image 1" 2>/dev/null
  called 'docker create --pull never --runtime runc --network none --cap-drop ALL --security-opt no-new-privileges --memory 2g --pids-limit 512 --restart no --ulimit nofile=1024:16384 --ulimit core=0 --log-driver json-file --log-opt max-size=1m --log-opt max-file=1 --log-opt compress=false a:1'
  called 'docker rm --force --volumes own'
}

@test "prove_image: an image's own command need only start, whatever Docker says as it starts" {
  local end
  for end in "exited 0 $RAN" "exited 1 $RAN" "exited 139 $RAN" "running 0 $RAN"; do
    ends own "$end" 'native /bin/x' 'no such file or directory: exec format error'
    run script "$images; DEFAULT_RUN_SECONDS=1; prove_image 1"
    equal 0 "$status"
    [[ "$output" == *'proven: a:1: exit '* ]]
    uncalled '*--entrypoint*'
  done
  [[ "$output" == *'exit still running' ]]
}

@test "prove_image: a command that cannot be started falls back to a shell, whatever the reason" {
  local end
  for end in "created 127 $NEVER" "created 126 $NEVER" "created 128 $NEVER"; do
    ends own "$end" 'missing /bin/x' error
    ends shell "exited 0 $RAN"
    script "$images; prove_image 1" 2>/dev/null
    called 'docker create * --entrypoint /bin/sh --user 0 --workdir / a:1 -c :'
  done
  touch "$T/refused-own"
  script "$images; prove_image 1" 2>/dev/null
}

@test "prove_image: without any program an image is data, and its files are read; without a command it cannot be created without a word" {
  ends own "created 127 $NEVER" 'missing /docker-cache-not-found' error
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  echo >"$T/command"
  equal '1' "$(script "$images; prove_image 1; echo \"\${DATA_IMAGES[*]}\"" 2>/dev/null)"
  called 'docker create * a:1 /docker-cache-not-found'
}

@test "prove_image: nothing but the runtime's own code, together with the files, says that a program is missing" {
  local state
  # A layer that does not mount, a runtime or a log driver that is not there; texts that say otherwise.
  for state in "created 128 $NEVER" "created 0 $NEVER" "exited 1 $NEVER"; do
    ends own "$state" 'missing /bin/x' 'no such file or directory'
    ends shell "$state" 'missing /bin/sh' 'not found: permission denied'
    fails 'prove_image 1'
    [[ "$output" == *'FAILED: a:1: it does not run: failed: '* ]]
  done
  # The code is right, but the program is there.
  ends own "created 127 $NEVER" 'native /bin/x' 'the shim: no such file or directory'
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  fails 'prove_image 1'
  [[ "$output" == *'FAILED: a:1: it does not run: failed: the shim: no such file or directory'* ]]
  # Docker cannot say.
  ends own "created 127 $NEVER" '' error
  fails 'prove_image 1'
  # No container can be made.
  touch "$T/refused-own" "$T/refused-shell"
  fails 'prove_image 1'
  [[ "$output" == *'FAILED: a:1: it does not run: failed: refused'* ]]
}

@test "prove_image: a program for another processor fails the build, and no shell helps" {
  ends own "exited 1 $RAN" 'foreign /bin/x'
  ends shell "exited 0 $RAN"
  fails 'prove_image 1'
  [[ "$output" == *'FAILED: a:1: it does not run: foreign /bin/x'* ]]
}

@test "prove_image: a program of no known format needs a shell that runs" {
  ends own "exited 255 $RAN" 'unknown /bin/x'
  ends shell "exited 0 $RAN"
  script "$images; prove_image 1" 2>/dev/null
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  fails 'prove_image 1'
  [[ "$output" == *'it does not run: unknown /bin/x'* ]]
}

@test "prove_image: a smoke command must succeed" {
  local end
  ends shell "exited 0 $RAN"
  script "$images; SMOKE=('' 'python -c \"print(1)\"'); prove_image 1" 2>/dev/null
  called 'docker create * --entrypoint /bin/sh a:1 -c python -c "print(1)"'
  for end in "exited 1 $RAN" "running 0 $RAN" "created 128 $NEVER"; do
    ends shell "$end" 'native /bin/sh'
    fails "SMOKE=('' x) SMOKE_SECONDS=1; prove_image 1"
    [[ "$output" == *'FAILED: a:1: its smoke command failed: '* ]]
    uncalled '*--entrypoint x*'
  done
}

@test "prove_image: without a shell a smoke command is split at blanks" {
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  ends words "exited 0 $RAN"
  script "$images; SMOKE=('' '/app --version'); prove_image 1" 2>/dev/null
  called 'docker create * --entrypoint /app a:1 --version'
}

@test "prove_image: a Docker that does not know its own container fails the build, also of an optional image" {
  fails "OPTIONAL=(yes yes); prove_image 1"
  [[ "$output" == *"Docker does not know its own container"* ]]
}

@test "prove_image: a failed build has the store looked at closely, since it may be damaged" {
  ends own "created 128 $NEVER" '' error
  ends shell "created 128 $NEVER" '' error
  run script "$images; trap 'echo doubt \$STORE_DOUBT' EXIT; prove_image 1"
  [[ "$output" == *'doubt all' ]]
}

# with_steps CODE: as `script`, with the steps of prove_images recorded.
with_steps() {
  script "$images;"'
    for part in stop_docker unmount_volume start_trace mount_read_write start_docker mark_trace read_whole list_files stop_trace remove_unlisted_names remove_unlisted_images; do
      eval "$part() { systemctl $part \$*; }"
    done;'"$1"
}

@test "prove_images: each image, from a cold mount, all of it traced; then the facts for the manifest, and no container is left" {
  mkdir -p "$T/volume/.docker-cache"
  stub docker 'case "$*" in "ps --all --quiet") echo left-over ;; *Size*) echo facts ;; *"{{.Id}}"*) echo "$5	id" ;; *Server.Version*) echo 26.1.5 ;; esac'
  equal 26.1.5 "$(with_steps 'OPTIONAL=(yes ""); prove_image() { systemctl prove_image $*; }; prove_images; echo "$ENGINE_VERSION"')"
  equal $'stop_docker \nunmount_volume \n--flushbufs /dev/nvme1n1\nstart_trace \nmount_read_write /dev/nvme1n1 xfs\nstart_docker \n--file-system %V\nmark_trace \nmark_trace \nprove_image 0\nmark_trace \nread_whole 0\nmark_trace \nprove_image 1\nmark_trace \nread_whole 1\nmark_trace \nlist_files \nstop_trace ' \
    "$(grep -e ^systemctl -e ^blockdev -e ^sync "$CALLS" | sed "s/ *\$//; s/^[a-z]* //; s/^[a-z_]*\$/& /; s#$T/volume#%V#")"
  [[ -e "$T/volume/.docker-cache/unfinished" ]]
  equal '{"reference": "b:1", "digest": "sha256:2", facts, "optional": true}|{"reference": "a:1", "digest": "sha256:1", facts, "optional": false}|' \
    "$(tr '\n' '|' <"$T/run/image-facts")"
  equal $'b:1\tid|a:1\tid|' "$(tr '\n' '|' <"$T/run/image-ids")"
  called 'docker rm --force --volumes left-over'
}

@test "prove_images: an optional image that does not run is left out, of the store and the content too; another fails the build" {
  mkdir -p "$T/volume/.docker-cache"
  ends own "exited 1 $RAN" 'foreign /bin/x'
  ends words "exited 0 $RAN"
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  local left
  left="$(with_steps 'OPTIONAL=(yes "") SMOKE=("" "/a b"); collect_image_facts() { :; }; prove_images; echo "${REFERENCES[*]}|${!REFERENCES[*]}|${TRACED[*]}|$STORE_DOUBT"; [[ "$CONTENT" == "$(compute_content)" ]]')"
  equal 'a:1|1|0 1|sizes' "$left"
  called 'systemctl remove_unlisted_names'
  called 'systemctl remove_unlisted_images'
  fails 'mkdir -p "$MOUNT_POINT/.docker-cache"; OPTIONAL=("" yes) SMOKE=("" "/a b"); prove_image 0'
  [[ "$output" == *'FAILED: b:1: it does not run: foreign /bin/x'* ]]
}

@test "prove_images: with no image left, or one whose files cannot be read, the build fails" {
  mkdir -p "$T/volume/.docker-cache"
  ends own "exited 1 $RAN" 'foreign /bin/x'
  run with_steps 'OPTIONAL=(yes yes); prove_images'
  equal 1 "$status"
  [[ "$output" == *'FAILED: not one image runs'* ]]
  ends own "created 127 $NEVER" 'missing /bin/x' error
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  touch "$T/unreadable"
  run with_steps 'prove_images'
  equal 1 "$status"
  [[ "$output" == *'FAILED: b:1: its files cannot be read'* ]]
}

@test "prove_images: an optional image that is read ahead whole and cannot be read is left out, once; another fails the build" {
  mkdir -p "$T/volume/.docker-cache"
  ends own "created 127 $NEVER" 'missing /bin/x' error
  ends words "exited 0 $RAN"
  ends shell "created 127 $NEVER" 'missing /bin/sh' error
  touch "$T/unreadable"
  local read_whole
  read_whole="$(script 'declare -f read_whole')"
  run with_steps "$read_whole"'; OPTIONAL=(yes "") WHOLE=(yes "") SMOKE=("" "/a b"); collect_image_facts() { :; }; prove_images; echo "left: ${REFERENCES[*]}"'
  equal 0 "$status"
  [[ "$output" == *'left out, since it is optional: b:1: its files cannot be read'*'left: a:1' ]]
  equal 1 "$(grep -c '^docker export' "$CALLS")"
  run with_steps "$read_whole"'; WHOLE=(yes "") SMOKE=("" "/a b"); prove_images'
  equal 1 "$status"
  [[ "$output" == *'FAILED: b:1: its files cannot be read'* ]]
}

@test "find_program: a program is native if this processor runs it, though it be an older one's" {
  local case machine architecture kind server
  # EM_386, EM_ARM, EM_X86_64 and EM_AARCH64.
  for case in '3 x86_64 native' '62 x86_64 native' '40 x86_64 foreign' '183 x86_64 foreign' '40 arm64 native' '183 arm64 native' '3 arm64 foreign'; do
    read -r machine architecture kind <<<"$case"
    rm -f "$T/socket"
    timeout 20 python3 "$BATS_TEST_DIRNAME/one-program.py" "$T/socket" "$machine" 2>/dev/null 3>&- &
    server=$!
    until [[ -e "$T/socket" ]]; do command sleep 0.1; done
    equal "$case: $kind /program" "$case: $(DOCKER_SOCKET="$T/socket" python3 -I -S "$USERDATA/builder/proof/find-program.py" container "$architecture")"
    kill "$server"
  done
}

@test "read_whole: all files of images that are read ahead whole, and of no other" {
  script "$images; read_whole 0"
  equal '' "$(<"$CALLS")"
  script "$images; WHOLE=(yes ''); read_whole 0"
  called 'docker create --pull never --runtime runc * b:1 x'
  called 'docker export own'
  : >"$CALLS"
  script "$images; WHOLE=(yes ''); unset 'REFERENCES[0]'; read_whole 0"
  equal '' "$(<"$CALLS")"
}

# store_says CODE...: verify_overlay2 and verify_containerd say so, one after the other.
store_says() {
  printf '%s\n' "$@" >"$T/codes"
  images+="; verify_overlay2() { echo docker-cache: damaged: layer x >&2; echo \"\${FUNCNAME[0]} \$*\" >>'$T/verified'; local code; code=\$(head -n 1 '$T/codes'); sed -i 1d '$T/codes'; return \$code; }"
  images+='; eval "$(declare -f verify_overlay2 | sed s/overlay2/containerd/)"'
}

@test "verify_store: the configured store, for this architecture; damage is remembered" {
  store_says 0 0 1
  equal sizes "$(script "$images; verify_store all /w; echo \$STORE_DOUBT")"
  script "$images; IMAGE_STORE=containerd; verify_store sizes /w"
  equal "verify_overlay2 $T/volume all /w|verify_containerd $T/volume sizes /w amd64|" "$(tr '\n' '|' <"$T/verified")"
  equal damaged "$(script "$images; verify_store all /w || echo \$STORE_DOUBT")"
}

@test "verify_store: what unpacks zstd is installed if a layer needs it, and then all is verified again" {
  store_says 3 0
  script "$images; install_packages() { systemctl \$*; }; IMAGE_STORE=containerd; verify_store all /w"
  called 'systemctl zstd'
  equal 2 "$(wc -l <"$T/verified")"
  store_says 3 3
  run script "$images; install_packages() { return 1; }; IMAGE_STORE=containerd; verify_store all /w"
  equal 3 "$status"
  [[ "$output" == *'zstd could not be installed'* ]]
}

@test "prove_store: a damaged store fails the build and keeps the volume's mark" {
  store_says 1 0
  mkdir -p "$T/volume/.docker-cache"
  touch "$T/volume/.docker-cache/unfinished"
  run script "$images; DOCKER_ROOT=/proc CONTAINERD_ROOT=/proc; trap leave_volume EXIT; prove_store"
  equal 1 "$status"
  [[ "$output" == *'FAILED: the image store on the cache volume is damaged, and the next build pulls everything anew: layer x'* ]]
  [[ -e "$T/volume/.docker-cache/unfinished" ]]
  equal 1 "$(wc -l <"$T/verified")"
  script "$images; prove_store"
}
