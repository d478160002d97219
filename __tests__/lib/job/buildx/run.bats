#!/usr/bin/env bats
# One build, watched: the whole script, with docker that writes what BuildKit was seen to write.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  mkdir "$T/builds"
  echo docker-container >"$T/driver"
  A="sha256:$(printf 'a%.0s' {1..64})"
  # An S3 whose manifests name A, which is 4 bytes long.
  jq -n --arg a "$A" '{layers: [{blob: $a, annotations: {size: 5}}]}' >"$T/manifest"
  # shellcheck disable=SC2016
  stub aws 'case "$2" in
    get-object) cp "$T/manifest" "${@:7:1}"; echo "{}" ;;
    head-object) echo "{\"ContentLength\": 4}" ;;
    delete-object) echo "{}" ;;
    cp) echo bad ;;
    *) exit 252 ;;
  esac'
  # Not in the machine's memory, which others use too.
  stub stat 'echo ext2'
  GONE='failed to copy: operation error S3: GetObject, https response error StatusCode: 404, RequestID: x, HostID: y, NoSuchKey: '
}

# vertex NAME [FIELDS]: an event of a vertex that has begun.
vertex() { jq -cn --arg name "$1" "{vertexes: [{digest: \$name, name: \$name, started: \"2026-01-01T00:00:00Z\"} + {${2:-}}]}"; }
# builds N STATUS: the Nth build ends with that status, after the events of its standard input.
builds() {
  cat >"$T/builds/$1.err"
  echo "$2" >"$T/builds/$1.status"
}
# sample N STATUS NAME: the Nth build writes a recorded stream.
sample() { builds "$1" "$2" <"$BUILDX_TESTS/streams/$3.txt"; }
# gone N: the Nth build fails for want of the layer A.
gone() {
  {
    vertex '[1/1] RUN x' 'cached: true'
    printf '{"statuses":[{"id":"%s","vertex":"[1/1] RUN x","current":0}]}\n' "$A"
    vertex '[1/1] RUN x' "cached: true, error: \"$GONE\""
  } | builds "$1" 1
}
built() { cat "$T/builds/count"; }
left() { ls "$TMPDIR"; }

@test "run_build and watch_build: buildx's status is handed on, its standard output untouched, progress shown" {
  sample 1 0 hit-0.29
  printf 'a\0b\n' >"$T/builds/1.out"
  buildx --app shop --branch x -- --push . >"$T/out" 2>"$T/err"
  cmp "$T/builds/1.out" "$T/out"
  grep -q -x '#6 CACHED' "$T/err"
  equal 1 "$(built)"
  sample 2 3 failed-0.29
  run --separate-stderr buildx --app shop --branch x -- --push .
  equal 3 "$status"
  equal 2 "$(built)"
  [[ "$stderr" == *'#8 ERROR: process'*'cache: 4 of 5 steps cached; '*'; wrote nothing: the build failed' ]]
}

@test "build: a failure of the cache, and that alone, builds once more without reading, and says so" {
  gone 1
  sample 2 0 hit-0.29
  run buildx --app shop --branch x -- --push .
  equal '0 2' "$status $(built)"
  says "the cache has failed, not the build, which runs once more without it: failed to copy: operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey:"
  says "deleted s3://docker-cache-ci-123456789012-eu-west-1/ci/blobs/$A"
  says 'cache: 2 of 4 steps cached; built again without reading the cache, which failed: failed to copy: '
  says '; wrote branches/shop/x-2d711642b726b044'
  equal 1 "$(calls_of 'docker buildx build' | grep -c -e --cache-from)"
  equal 2 "$(calls_of 'docker buildx build' | grep -c -e --cache-to)"
  # What the builder has of the failed build is forgotten first.
  [[ "$(calls_of 'docker buildx build' 'docker buildx prune' | cut -d ' ' -f 3 | xargs)" == 'build prune build' ]]
}

@test "build_again: once, whatever the second fails by; its status is handed on" {
  gone 1
  gone 2
  echo 9 >"$T/builds/2.status"
  run buildx --app shop --branch x -- --push .
  equal '9 2' "$status $(built)"
}

@test "keep_input and open_input: both builds have the whole of standard input" {
  touch "$T/reads-input"
  gone 1
  sample 2 0 hit-0.29
  seq 20000 >"$T/input"
  buildx --app shop --branch x -- --push - <"$T/input" 2>"$T/err"
  cmp "$T/input" "$T/builds/1.in"
  cmp "$T/input" "$T/builds/2.in"
  equal '' "$(ls "$TMPDIR")"
}

@test "keep_input: a build that reads none leaves the caller's standard input alone" {
  sample 1 0 hit-0.29
  { buildx --app shop --branch x -- --push . 2>/dev/null && cat; } <<<rest >"$T/out"
  equal rest "$(<"$T/out")"
}

@test "run_plain: of standard input and output too, with --progress as it was asked for" {
  touch "$T/reads-input"
  echo out >"$T/builds/1.out"
  run --separate-stderr buildx --app shop --plain -- --push --progress tty - <<<Dockerfile
  equal '0 out Dockerfile' "$status $output $(<"$T/builds/1.in")"
  called 'docker buildx build --progress=tty --builder docker-cache --push -'
  equal 'cache: not used: --plain' "${stderr##*$'\n'}"
}

@test "read_events: --progress=rawjson shows the events, quiet nothing of them" {
  sample 1 0 hit-0.29
  run --separate-stderr buildx --app shop --branch x -- --push --progress=rawjson .
  cmp <(grep '^{' "$T/builds/1.err") <(grep '^{' <<<"$stderr")
  [[ "$stderr" != *'#6 CACHED'* ]]
  sample 2 0 hit-0.29
  run --separate-stderr buildx --app shop --branch x -- --push --progress quiet .
  # It prints the image's id then, and nothing of the cache.
  [[ "$stderr" == *'cache: not used: found --quiet'* ]]
  called 'docker buildx build --progress=quiet *'
}

@test "watch_build and end_build: nothing comes of the cache: the build is ended, and runs without it" {
  vertex 'importing cache manifest from s3:1' | builds 1 0
  # Shown, then still.
  # shellcheck disable=SC2016
  echo 'cat "$T/builds/1.err" >&2; rm "$T/builds/1.err"; exec "$REAL_SLEEP" 60' >"$T/builds/1.sh"
  echo 7 >"$T/builds/2.status"
  BEFORE='job_read_seconds=2 job_glance_seconds=0.3' run buildx --app shop --branch x -- --push .
  equal '7 2' "$status $(built)"
  says 'the cache has failed, not the build, which runs once more without it: nothing came of the cache for 2 s'
  says 'cache: not used: nothing came of the cache for 2 s'
  uncalled 'docker buildx build --progress=rawjson --builder docker-cache --push . --cache*'
  ((SECONDS < 30))
}

@test "end_build: TERM and INT end docker; its status is handed on, and nothing is left, neither programs nor folders" {
  local signal script docker
  # shellcheck disable=SC2016
  stub sleep 'exec "$REAL_SLEEP" 0.2'
  for signal in TERM INT; do
    rm -f "$T/builds/"*
    vertex '[1/1] RUN x' | builds 1 0
    # shellcheck disable=SC2016
    echo 'echo "$$" >"$T/docker.pid"; trap "kill %1; exit 33" TERM; "$REAL_SLEEP" 60 & wait' >"$T/builds/1.sh"
    # In a group of its own with the signals as a shell has them, as a job.
    set -m
    buildx --app shop --branch x -- --push . >"$T/out" 2>"$T/err" 3>&- 4>&- &
    script=$!
    set +m
    until [[ -s "$T/docker.pid" ]]; do "$REAL_SLEEP" 0.1; done
    docker="$(<"$T/docker.pid")"
    rm "$T/docker.pid"
    kill "-$signal" "$(pgrep -P "$script" -f "$T/script" || echo "$script")"
    status=0
    wait "$script" || status=$?
    equal "33 of $signal" "$status of $signal"
    equal 1 "$(built)"
    run ! kill -0 "$docker"
    equal '' "$(left)"
  done
}

@test "watch_build: what a build leaves behind with its standard error open does not keep the job waiting" {
  sample 1 0 hit-0.29
  # shellcheck disable=SC2016
  echo '"$REAL_SLEEP" 40 >/dev/null 3>&- 4>&- & echo "$!" >"$T/left-behind"' >"$T/builds/1.sh"
  BEFORE='job_glance_seconds=0.3' run buildx --app shop --branch x -- --push . 3>&-
  kill "$(<"$T/left-behind")"
  equal '0 1' "$status $(built)"
  ((SECONDS < 20))
}

@test "run_build and finish_build: a build without a word of BuildKit's is handed on as it ends" {
  echo 'ERROR: "docker buildx build" requires exactly 1 argument.' | builds 1 125
  run buildx --app shop --branch x -- --push
  equal '125 1' "$status $(built)"
  says 'ERROR: "docker buildx build" requires exactly 1 argument.'
  says 'cache: not used: nothing was built'
}

@test "read_events: a jq that dies takes no docker along, and what is left is shown" {
  sample 1 0 hit-0.29
  # shellcheck disable=SC2016 # the stub's own
  REAL_JQ="$(type -P jq)" stub jq 'case "$*" in *--unbuffered*) read -r _; exit 5 ;; *) exec '"$(type -P jq)"' "$@" ;; esac'
  run --separate-stderr buildx --app shop --branch x -- --push .
  equal '0 1' "$status $(built)"
  [[ "$stderr" == *'{"'*'cache: unknown: what BuildKit told could not be read' ]]
}

@test "main: closed standard input is an empty one" {
  sample 1 0 hit-0.29
  run buildx --app shop --branch x -- --push . <&-
  equal '0 1' "$status $(built)"
  says 'cache: 2 of 4 steps cached'
}

@test "forget_layers: of the entry's builder, without a question" {
  forget_layers
  called 'docker buildx prune --builder docker-cache --all --force'
}
