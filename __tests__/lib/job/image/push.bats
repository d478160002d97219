#!/usr/bin/env bats
# The push.
# shellcheck disable=SC2016,SC2153 # code for `script` is quoted; CALLS is the helper's

load ../helper

setup() {
  use
  echo "$IMAGE:0123abc 2026-01-01T00:00:00Z own" >"$T/local"
}

# shared [CODE]: share_image, and what it sets.
shared() { in_ecr "read_transfer_seconds; ${1:-:}; share_image; echo \"\$?|\$job_unshared\""; }

@test "must_share: if sharing is what the job is for" {
  local wanted push skip
  while read -r wanted push skip; do
    run script "job_option[push]=$push job_option[skip-pull-from-cache]=$skip; must_share"
    equal "$wanted" "$status"
  done <<'ROWS'
1 auto false
0 auto true
0 always false
0 always true
1 never false
1 never true
ROWS
}

@test "share_image: the tag, then the names that move" {
  run shared
  equal $'--- Pushing tag 0123abc\n--- Pushing tag latest-x86_64\n--- Pushing tag latest\n0|' "$output"
  equal "docker push $IMAGE:0123abc
docker tag $IMAGE:0123abc $IMAGE:latest-x86_64
docker push $IMAGE:latest-x86_64
docker tag $IMAGE:0123abc $IMAGE:latest
docker push $IMAGE:latest" "$(calls_of docker)"
}

@test "share_image: calls for a table of options" {
  local options calls
  while IFS='|' read -r options calls; do
    : >"$CALLS"
    : >"$T/registry"
    in_ecr "read_transfer_seconds; $options; share_image" >/dev/null
    equal "$calls" "$(calls_of docker aws | awk '{ printf "%s %s,", $1, ($1 == "aws" ? $3 : $2) }')"
  done <<'ROWS'
:|aws describe-images,docker push,docker tag,docker push,docker tag,docker push,
job_option[push]=always|aws describe-images,docker push,docker tag,docker push,docker tag,docker push,
job_option[push-latest]=false|aws describe-images,docker push,
job_option[push]=never|docker image,
job_unshared=reason|docker image,
job_option[push]=never job_unshared=reason|docker image,
ROWS
}

@test "share_image: what cannot be shared is said once" {
  run shared 'job_unshared="there is a reason"'
  equal "docker-ecr-cache: warning: $IMAGE:0123abc was built here and is shared with no other machine: there is a reason
0|there is a reason" "$output"
  run shared 'job_unshared="there is a reason" job_option[push]=never'
  equal "docker-ecr-cache: warning: $IMAGE:0123abc was built here, though the registry may have it: there is a reason
0|there is a reason" "$output"
  run shared 'job_option[push]=never'
  equal '0|' "$output"
}

@test "share_image: three tries, then a warning" {
  turns push 1 1 1
  run shared
  says "attempt 3 of 3 failed: pushing $IMAGE:0123abc: docker push failed with status 1"
  says "docker-ecr-cache: warning: $IMAGE:0123abc could not be pushed, so other jobs will build it again; this one uses the image of this machine: docker push failed with status 1"
  says '0|docker push failed with status 1'
  counted 3 'docker push *'
  silent latest
  silent --load
}

@test "share_image: a later try that succeeds is well" {
  turns push 1 1
  run shared
  silent warning
  says $'--- Pushing tag latest\n0|'
}

@test "share_image: a push that stalls is not tried again" {
  turns push stalls
  DOCKER_ECR_CACHE_TRANSFER_SECONDS=1 run shared
  says 'this one uses the image of this machine: docker push did not end within 1 s'
  counted 1 'docker push *'
}

@test "share_image and expect_here: what is neither in the registry nor on this machine is not exported" {
  : >"$T/local"
  local reason
  for reason in : 'job_unshared=reason' 'job_option[push]=never' 'job_option[push]=never job_unshared=reason'; do
    run shared "$reason"
    says "docker-ecr-cache: Docker has no image $IMAGE:0123abc: a builder of another driver than docker needs --load*"
    says '1|'
  done
}

@test "share_image: an image that the build itself has pushed is taken from the registry" {
  : >"$T/local"
  echo "$IMAGE:0123abc own" >"$T/registry"
  run shared
  says '0|'
  equal "$IMAGE:0123abc 2026-01-01T00:00:00Z own" "$(<"$T/local")"
}

@test "refuse_unshared: says what for" {
  run in_ecr 'job_unshared=reason; job_option[push]=always; refuse_unshared'
  [[ "$status" == 1 ]]
  equal "docker-ecr-cache: $IMAGE:0123abc cannot be shared by the registry: reason. Nothing is exported, because push is always." "$output"
  run in_ecr 'job_unshared=reason; job_option[skip-pull-from-cache]=true; refuse_unshared'
  [[ "$status" == 1 ]]
  says 'because skip-pull-from-cache is true.'
}

@test "share_image: a push that fails for good is an error if sharing is what the job is for" {
  turns push 1 1 1
  run shared 'job_option[push]=always'
  says 'cannot be shared by the registry: docker push failed with status 1. Nothing is exported'
  says '1|docker push failed with status 1'
  silent warning
  # And a next run does not take it for settled.
  equal '' "$(<"$T/local")"
}

@test "share_image: one that another job has pushed meanwhile is taken instead" {
  echo "$IMAGE:0123abc theirs" >"$T/registry"
  run shared
  says "Another job has pushed $IMAGE:0123abc meanwhile"
  says '0|'
  uncalled 'docker push *'
  equal "$IMAGE:0123abc 2026-01-01T00:00:00Z theirs" "$(<"$T/local")"
}

@test "push_once: well, there after all, failed, stalled" {
  in_ecr 'read_transfer_seconds; push_once'
  turns push 1
  run in_ecr 'read_transfer_seconds; push_once; echo "$?"'
  says 3
  : >"$T/registry"
  turns push 1
  run in_ecr 'read_transfer_seconds; push_once; echo "$?|$job_why"'
  says '1|docker push failed with status 1'
  turns push stalls
  DOCKER_ECR_CACHE_TRANSFER_SECONDS=1 run in_ecr 'read_transfer_seconds; push_once; echo "$?|$job_why"'
  says '2|docker push did not end within 1 s'
}

@test "take_other: without theirs ours will do" {
  turns pull 1
  run in_ecr 'read_transfer_seconds; take_other'
  [[ "$status" == 0 ]]
  says 'its image could not be pulled (docker pull failed with status 1): the one that was built here is used'
}

@test "push_latest: a failure is no more than a warning, and each name has its chance" {
  turns push 1 well
  run in_ecr 'read_transfer_seconds; push_latest'
  [[ "$status" == 0 ]]
  says "docker-ecr-cache: warning: $IMAGE:latest-x86_64 could not be pushed: docker push failed with status 1"
  called "docker push $IMAGE:latest"
  turns tag 1 1
  run in_ecr 'read_transfer_seconds; push_latest'
  [[ "$status" == 0 ]]
  says "warning: $IMAGE:0123abc could not be named latest"
}

@test "share_image: Google's name, and the hint after a failure alone" {
  echo 'gcr.io/proj/build-cache/app:0123abc 2026-01-01T00:00:00Z own' >"$T/local"
  run in_google 'read_transfer_seconds; share_image'
  called 'docker push gcr.io/proj/build-cache/app:latest'
  silent 'Artifact Registry'
  : >"$T/registry"
  turns push 1 1 1
  run in_google 'read_transfer_seconds; share_image'
  [[ "$status" == 0 ]]
  says 'gcr.io lives on in Artifact Registry'
  says 'could not be pushed'
}
