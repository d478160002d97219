#!/usr/bin/env bats
# The builder: made if it is not there.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
}

@test "find_builder: one that is there is used, and not made again" {
  echo docker-container >"$T/driver"
  find_builder
  equal docker-cache "$job_builder"
  uncalled 'docker buildx create *'
  called 'docker buildx inspect --bootstrap docker-cache'
}

@test "find_builder: one with another driver is an error, which says why" {
  echo docker >"$T/driver"
  run find_builder
  equal 1 "$status"
  says 'the builder docker-cache has the driver docker, expected docker-container: Docker'"'s own BuildKit has no cache in S3*docker buildx rm docker-cache"
}

@test "find_builder: made with the entry's image and configuration, and started" {
  find_builder
  called 'docker buildx create --name docker-cache --driver docker-container --driver-opt image=moby/buildkit:buildx-stable-1 --buildkitd-config *'
  called 'docker buildx inspect --bootstrap docker-cache'
}

@test "find_builder: none can be made: 3, and why" {
  touch "$T/no-create"
  run find_builder
  equal 3 "$status"
  rm "$T/no-create"
  echo "$job_set_image" >"$T/refused"
  job_status=0
  find_builder 2>/dev/null || job_status=$?
  equal "3 ERROR: cannot pull $job_set_image" "$job_status $job_why"
  # What does not start is not left behind.
  called 'docker buildx rm --force docker-cache'
}

@test "driver_of: the builder's own line, not those of its nodes; nothing if there is none" {
  echo docker-container >"$T/driver"
  equal docker-container "$(driver_of docker-cache)"
  rm "$T/driver"
  equal '' "$(driver_of docker-cache)"
}

@test "make_builder: its image through ECR first; if that does not start, as it is named" {
  job_set_mirrors='docker.io docker-hub'
  make_builder
  equal "$HOST/docker-hub/moby/buildkit:buildx-stable-1" "$(<"$T/image")"
  rm "$T/driver"
  echo "$HOST/docker-hub/moby/buildkit:buildx-stable-1" >"$T/refused"
  run make_builder
  equal 0 "$status"
  says "the builder docker-cache does not start from $HOST/docker-hub/moby/buildkit:buildx-stable-1: ERROR: cannot pull "
  equal moby/buildkit:buildx-stable-1 "$(<"$T/image")"
}

@test "create_builder: another job of this machine makes the same one: it is used, if its driver is the right one" {
  echo docker-container >"$T/other-makes"
  create_builder x
  rm "$T/driver"
  echo kubernetes >"$T/other-makes"
  run ! create_builder x
}

# toml EXPRESSION: of buildkitd.toml, as a parser of TOML reads it.
toml() {
  write_buildkitd_toml >"$T/buildkitd.toml"
  python3 -c 'import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], "rb")), sort_keys=True))' "$T/buildkitd.toml" | jq -c "$1"
}

@test "write_buildkitd_toml: how much is kept; without rules no registry" {
  equal '{"history":{"maxEntries":0},"worker":{"oci":{"gc":true,"maxUsedSpace":21474836480,"reservedSpace":21474836480}}}' "$(toml .)"
  job_set_keep_gib=08
  equal 8589934592 "$(toml .worker.oci.maxUsedSpace)"
  job_set_keep_gib='1; x'
  run write_buildkitd_toml
  equal 1 "$status"
  says 'keep_gib is "1; x", expected a number of GiB'
}

@test "write_buildkitd_toml: mirrors of several rules, in one table for each registry" {
  job_set_mirrors='docker.io docker-hub
docker.io/library ecr-public/docker/library
quay.io quay
ghcr.io/acme ghcr/acme
registry.example:5000 example'
  equal "{\"docker.io\":{\"mirrors\":[\"$HOST/docker-hub\",\"$HOST/ecr-public/docker\"]},\"ghcr.io\":{\"mirrors\":[\"$HOST/ghcr\"]},\"quay.io\":{\"mirrors\":[\"$HOST/quay\"]},\"registry.example:5000\":{\"mirrors\":[\"$HOST/example\"]}}" "$(toml .registry)"
}

@test "list_mirrors: a rule for a part of a registry is one only if the rest of the path is the same; no other characters" {
  job_set_mirrors='docker.io/library ecr-public/docker/library
docker.io/acme other
quay.io/a"b x
'
  equal "docker.io $HOST/ecr-public/docker" "$(list_mirrors)"
  job_set_mirrors=''
  equal '' "$(list_mirrors)"
}

@test "through_ecr: by the longest key, with the names that Docker leaves out" {
  job_set_mirrors='docker.io docker-hub
docker.io/library ecr-public/docker/library
quay.io quay'
  equal "$HOST/ecr-public/docker/library/alpine:3" "$(through_ecr alpine:3)"
  equal "$HOST/docker-hub/moby/buildkit:v1" "$(through_ecr moby/buildkit:v1)"
  equal "$HOST/docker-hub/moby/buildkit@sha256:0" "$(through_ecr docker.io/moby/buildkit@sha256:0)"
  equal "$HOST/quay/a/b" "$(through_ecr quay.io/a/b)"
  equal '' "$(through_ecr ghcr.io/a/b)"
  equal '' "$(through_ecr localhost/a)"
  equal '' "$(through_ecr quay.io.example/a)"
  job_set_mirrors=''
  equal '' "$(through_ecr alpine)"
}

@test "take_turn and end_turn: one after another; without flock all the same" {
  take_turn
  local turn="$job_turns"
  [[ -n "$turn" ]]
  # Taken: another does not get it.
  run ! flock --nonblock "$HOME" true
  end_turn
  equal '' "$job_turns"
  flock --nonblock "$HOME" true
  PATH="$T/bin" take_turn || false
  end_turn
}

@test "start_builder: one that does not start is removed, with what buildx said last" {
  stub docker 'case "$*" in *--bootstrap*) printf "first\nno such image\n" >&2; exit 1 ;; esac'
  start_builder && false
  equal 'no such image' "$job_why"
  called 'docker buildx rm --force docker-cache'
}
