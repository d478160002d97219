#!/usr/bin/env bats
# The image on this machine already.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

here() { printf '%s\n' "$@" >>"$T/local"; }

@test "find_here: nothing is asked of anybody but Docker" {
  here "$IMAGE:0123abc 2026-01-01T00:00:00Z x"
  run script 'find_here && echo "$job_image"'
  equal "$IMAGE:0123abc is on this machine: the registry is not asked
$IMAGE" "$output"
  uncalled 'aws *'
}

@test "find_here: not if it is nowhere, or another tag's" {
  run script find_here
  [[ "$status" == 1 ]]
  here "$IMAGE:0123abd 2026-01-01T00:00:00Z x"
  run script find_here
  [[ "$status" == 1 ]]
}

@test "find_here: Google's name is known" {
  here 'eu.gcr.io/p/build-cache/app:0123abc 2026-01-01T00:00:00Z x'
  run script 'job_option[registry-provider]=gcr job_option[registry-hostname]=eu.gcr.io job_option[gcp-project]=p; find_here && echo "$job_image"'
  says 'eu.gcr.io/p/build-cache/app'
  uncalled 'docker image ls *'
}

@test "find_here: a registry that the settings name is the only one" {
  here "$IMAGE:0123abc 2026-01-01T00:00:00Z x"
  run script 'job_registry=999999999999.dkr.ecr.eu-west-1.amazonaws.com; find_here'
  [[ "$status" == 1 ]]
  uncalled 'docker image ls *'
}

@test "name_here: which names count" {
  local line
  while read -r wanted line; do
    : >"$T/local"
    for name in $line; do here "$name 2026-01-01T00:00:00Z x"; done
    run script 'name_here && echo "$job_image"'
    equal "${wanted/none/}" "$output"
  done <<ROWS
$IMAGE $IMAGE:0123abc
localhost/build-cache/app localhost/build-cache/app:0123abc
$IMAGE localhost/build-cache/app:0123abc $IMAGE:0123abc
none $IMAGE:0123abc 999999999999.dkr.ecr.eu-west-1.amazonaws.com/build-cache/app:0123abc
none localhost/build-cache/app:0123abc $IMAGE:0123abc 999999999999.dkr.ecr.eu-west-1.amazonaws.com/build-cache/app:0123abc
none 123.dkr.ecr.eu-west-1.amazonaws.com/build-cache/app:0123abc
none evil.com/123456789012.dkr.ecr.eu-west-1.amazonaws.com/build-cache/app:0123abc
none 123456789012.dkr.ecr.eu-west-2.amazonaws.com/build-cache/app:0123abc
none build-cache/app:0123abc
ROWS
}

@test "name_here: another partition's host" {
  here '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/build-cache/app:0123abc 2026-01-01T00:00:00Z x'
  run script 'job_option[region]=cn-north-1; name_here && echo "$job_image"'
  equal '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/build-cache/app' "$output"
}

@test "name_here: a daemon that does not answer has none" {
  stub docker 'echo "Cannot connect to the Docker daemon" >&2; exit 1'
  run script name_here
  [[ "$status" == 1 && -z "$output" ]]
}

@test "is_fresh: within max-age-days of its making, and of nothing else" {
  here "$IMAGE:0123abc 2025-12-26T00:00:01Z x"
  run in_ecr is_fresh
  [[ "$status" == 0 && -z "$output" ]]
  echo "$IMAGE:0123abc 2025-12-26T00:00:00Z x" >"$T/local"
  run in_ecr is_fresh
  [[ "$status" == 1 ]]
  says 'older than 7 days'
  in_ecr 'job_option[max-age-days]=8; is_fresh'
}

@test "is_fresh: one of the future is not: a pusher can write any time into an image, and it would never grow old" {
  here "$IMAGE:0123abc 2026-01-03T00:00:00Z x"
  in_ecr is_fresh
  echo "$IMAGE:0123abc 2026-01-03T00:00:01Z x" >"$T/local"
  run in_ecr is_fresh
  [[ "$status" == 1 ]]
  says 'is on this machine, but says that it was made in the future: it counts for nothing'
}

@test "is_fresh: what cannot be read is not; nor is a Docker that says nothing" {
  here "$IMAGE:0123abc never x"
  run in_ecr is_fresh
  [[ "$status" == 1 && -z "$output" ]]
  stub docker
  run in_ecr is_fresh
  [[ "$status" == 1 && -z "$output" ]]
}

@test "read_created: the forms of time that Docker has" {
  local wanted created
  while read -r wanted created; do
    run script "read_created '[{\"Created\": \"$created\"}]'"
    equal "${wanted/none/}" "$output"
    [[ "$status" == 0 || "$wanted" == none ]]
  done <<'ROWS'
1767225600 2026-01-01T00:00:00Z
1767225600 2026-01-01T00:00:00.987654321Z
1767225600 2026-01-01T02:00:00+02:00
1767225600 2025-12-31T19:30:00.5-04:30
0 1970-01-01T00:00:00Z
none 2026-01-01
none 2026-01-01T00:00:00
none
ROWS
  for created in '[]' '{}' '' 'not JSON' '[{"Created": 5}]' '[{"Created": null}]'; do
    run script "read_created '$created'"
    [[ "$status" != 0 && -z "$output" ]]
  done
}

@test "now: this moment" {
  local seconds
  seconds="$(bash -c "source '$JOB/image/local.sh'; now")"
  ((seconds >= $(date +%s) - 5 && seconds <= $(date +%s)))
}

@test "is_here: of whatever age" {
  here "$IMAGE:0123abc 2001-01-01T00:00:00Z x"
  in_ecr is_here
  run in_ecr 'job_tag=other; is_here'
  [[ "$status" == 1 && -z "$output" ]]
}
