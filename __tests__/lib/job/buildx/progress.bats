#!/usr/bin/env bats
# What BuildKit tells, from what buildx wrote: streams/ has what 0.13 and 0.29 did, of the events that matter.

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  print_progress_program >"$T/progress.jq"
  A="sha256:$(printf 'a%.0s' {1..64})"
}

# told: what the program makes of its standard input, as run_build calls it.
told() { jq --unbuffered -R -n -r -f "$T/progress.jq"; }
# shown, moved and summary: of what told has printed, the log, the transfers, and the end.
shown() { sed -n 's/^T//p'; }
moved() { sed -n 's/^S//p'; }
summary() { sed -n 's/^E//p'; }
# vertex NAME [FIELDS]: an event of one vertex, whose digest is its name.
vertex() { jq -cn --arg name "$1" "{vertexes: [{digest: \$name, name: \$name} + {${2:-}}]}"; }
# log VERTEX TEXT
log() { printf '{"logs":[{"vertex":"%s","data":"%s"}]}\n' "$1" "$(printf %b "$2" | base64 -w 0)"; }

@test "print_progress_program: a build with steps of the cache, by buildx 0.13, whose events are spread over lines, and 0.29" {
  local version
  for version in 0.13 0.29; do
    told <"$BUILDX_TESTS/streams/hit-$version.txt" >"$T/told"
    equal '{"steps":4,"cached":2,"failed":[],"unfinished":[],"exports":[{"error":null,"done":true}]}' "$(summary <"$T/told" | jq -c '{steps, cached, failed, unfinished, exports}')"
    equal '["importing cache manifest from s3:17374009686893539482","importing cache manifest from 123456789012.dkr.ecr.eu-west-1.amazonaws.com/built:x"]' "$(summary <"$T/told" | jq -c '[.imports[].name]')"
    equal '#6 [deps 2/2] RUN echo deps >/made
#6 CACHED
#9 one
#9 two' "$(shown <"$T/told" | grep '^#6\|^#9 [ot]')"
    # At the end nothing is going on; before that, both were.
    equal '0 0' "$(moved <"$T/told" | tail -n 1 | xargs)"
    moved <"$T/told" | grep -q '^ [1-9] 0'
    moved <"$T/told" | grep -q '^ 0 1'
    # No line of JSON is shown.
    [[ "$(shown <"$T/told")" != *'{'* ]]
  done
}

@test "print_progress_program: layers of the cache that are gone, by 0.13 from ECR: what failed, and which transfers did not end" {
  told <"$BUILDX_TESTS/streams/gone-0.13.txt" | summary >"$T/summary"
  equal '["exporting to oci image format"]' "$(jq -c '[.failed[].name]' "$T/summary")"
  equal 'true 0' "$(jq -r '"\(.unfinished | index("sha256:013b08bf8ae8ce97afb77d67de526a8f38520759dc16de8219f02d0aa8f89398") != null) \(.based | length)"' "$T/summary")"
}

@test "print_progress_program: a RUN that fails, by 0.29: buildx's own words are shown as they are" {
  told <"$BUILDX_TESTS/streams/failed-0.29.txt" >"$T/told"
  equal 'process "/bin/sh -c echo '"'failed to copy: operation error S3: no'"' >&2; exit 3" did not complete successfully: exit code: 3' "$(summary <"$T/told" | jq -r '.failed[0].error')"
  shown <"$T/told" | grep -q -x '#8 failed to copy: operation error S3: no'
  shown <"$T/told" | grep -q -x '   7 | >>> RUN echo .*'
  shown <"$T/told" | grep -q -x 'ERROR: failed to build: failed to solve: process .*'
}

@test "print_progress_program: lines that are no JSON, or JSON of something else, are shown as they are" {
  equal 'WARNING: x
[1]
 {"a":1}
{not JSON
{"vertexes": 3}
{
  x
}
"text"' "$(printf '%s\n' 'WARNING: x' '[1]' ' {"a":1}' '{not JSON' '{"vertexes": 3}' '{' '  x' '}' '"text"' | told | shown)"
}

@test "print_progress_program: nothing but a warning, and nothing at all" {
  equal 0 "$(told </dev/null | summary | jq .events)"
  equal '{"events":0,"steps":0}' "$(echo 'ERROR: no builder "x" found' | told | summary | jq -c '{events, steps}')"
}

@test "print_progress_program: a log's lines that look like events are a log" {
  { vertex '[1/1] RUN x' 'started: "2026-01-01T00:00:00Z"' && log '[1/1] RUN x' '{\n{"vertexes":[{"digest":"y","name":"[2/2] RUN y","cached":true}]}\n}\n'; } | told >"$T/told"
  equal '#1 [1/1] RUN x
#1 {
#1 {"vertexes":[{"digest":"y","name":"[2/2] RUN y","cached":true}]}
#1 }' "$(shown <"$T/told")"
  equal 1 "$(summary <"$T/told" | jq .steps)"
}

@test "print_progress_program: pieces of a log, of two steps by turns, are put together; the rest comes with the end" {
  {
    vertex '[1/2] RUN a' 'started: "2026-01-01T00:00:00Z"'
    vertex '[2/2] RUN b' 'started: "2026-01-01T00:00:00Z"'
    log '[1/2] RUN a' 'one '
    log '[2/2] RUN b' 'three\nfo'
    log '[1/2] RUN a' 'two\r\nx'
    log '[2/2] RUN b' 'ur'
    vertex '[2/2] RUN b' 'started: "2026-01-01T00:00:00Z", completed: "2026-01-01T00:00:01.26Z"'
  } | told >"$T/told"
  equal '#1 [1/2] RUN a
#2 [2/2] RUN b
#2 three
#1 one two
#2 four
#2 DONE 1.3s
#1 x' "$(shown <"$T/told")"
}

@test "print_progress_program: bytes that are no UTF-8 stop nothing" {
  { vertex '[1/1] RUN x' 'started: "2026-01-01T00:00:00Z"' && log '[1/1] RUN x' 'a\xff\xfeb\n' && printf 'raw \xff\xc3\n' && vertex '[1/1] RUN x' 'cached: true'; } | told >"$T/told"
  equal 1 "$(summary <"$T/told" | jq .cached)"
  shown <"$T/told" | grep -q '^#1 a.*b$'
  shown <"$T/told" | grep -q '^raw '
}

@test "print_progress_program: a last line that is cut stops nothing" {
  { vertex '[1/1] RUN x' 'cached: true' && printf '{"vertexes":[{"dig'; } | told >"$T/told"
  equal 1 "$(summary <"$T/told" | jq .cached)"
  { vertex '[1/1] RUN x' 'cached: true' && printf '{\n "vertexes": ['; } | told >"$T/told"
  equal 1 "$(summary <"$T/told" | jq .cached)"
  equal '{
 "vertexes": [' "$(shown <"$T/told" | tail -n 2)"
}

@test "print_progress_program: a bracket of somebody else's keeps no event to itself" {
  { echo '{' && vertex '[1/2] RUN x' 'cached: true' && printf '{\nx\n{\n"vertexes": [{"digest": "y", "name": "[2/2] RUN y", "cached": true}]\n}\n'; } | told >"$T/told"
  equal 2 "$(summary <"$T/told" | jq .cached)"
}

@test "print_progress_program: what counts as a step: those of stages, but FROM; for platforms too; not what is internal" {
  local name
  for name in '[1/3] FROM a' '[2/3] RUN b' '[build 3/3] COPY c' '[linux/amd64 build 1/2] FROM a' '[linux/arm64 build 2/2] RUN d' '[internal] load build context' 'exporting to image' '[auth] x' '[1/2] ADD FROM /'; do
    vertex "$name" 'cached: true'
  done | told | summary >"$T/summary"
  equal '{"steps":4,"cached":4}' "$(jq -c '{steps, cached}' "$T/summary")"
}

@test "print_progress_program: failures: not those of the cache's own vertices, which fail no build, nor what was cancelled beside" {
  {
    vertex 'importing cache manifest from s3:1' 'error: "no bucket"'
    vertex 'exporting cache to Amazon S3' 'error: "denied"'
    vertex '[1/2] RUN a' 'error: "mount callback failed on /tmp/x: context canceled: context canceled"'
    vertex '[2/2] RUN b' 'error: "exit code: 1"'
  } | told >"$T/told"
  summary <"$T/told" >"$T/summary"
  equal '[{"name":"[2/2] RUN b","error":"exit code: 1"}]' "$(jq -c .failed "$T/summary")"
  equal 'no bucket|denied' "$(jq -r '"\(.imports[0].error)|\(.exports[0].error)"' "$T/summary")"
}

@test "print_progress_program: a download is the cache's if its step is cached; a base image's is FROM's" {
  {
    vertex '[1/2] FROM a' 'started: "2026-01-01T00:00:00Z", cached: true'
    vertex '[2/2] RUN b' 'started: "2026-01-01T00:00:00Z", cached: true'
    printf '{"statuses":[{"id":"%s","vertex":"[1/2] FROM a","current":5}]}\n' "$A"
    printf '{"statuses":[{"id":"%s","vertex":"[2/2] RUN b","current":5}]}\n' "${A//a/b}" | sed 's/shb256/sha256/'
    # Again, without a byte more: no progress.
    printf '{"statuses":[{"id":"%s","vertex":"[2/2] RUN b","current":5}]}\n' "${A//a/b}" | sed 's/shb256/sha256/'
  } | told >"$T/told"
  equal ' 1 0' "$(moved <"$T/told")"
  equal "[\"sha256:$(printf 'b%.0s' {1..64})\"] [\"$A\"]" "$(summary <"$T/told" | jq -r '"\(.unfinished | tojson) \(.based | tojson)"')"
}

@test "print_progress_program: a warning of BuildKit's" {
  equal 'WARNING: old' "$(printf '{"warnings":[{"short":"%s"}]}\n' "$(printf old | base64)" | told | shown)"
}

@test "print_progress_program: each line as it comes, not at the end" {
  mkfifo in out
  told <in >out &
  exec 7>in 8<out
  vertex '[1/1] RUN x' 'started: "2026-01-01T00:00:00Z"' >&7
  IFS= read -r -t 20 line <&8
  equal 'T#1 [1/1] RUN x' "$line"
  exec 7>&-
  IFS= read -r -t 20 line <&8
  [[ "$line" == E* ]]
}
