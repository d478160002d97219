#!/usr/bin/env bats
# The image in the registry: pulled, or looked for.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

there() { echo "${1:-$IMAGE}:0123abc x" >"$T/registry"; }

# found [CODE]: find_shared, and what it sets.
found() { in_ecr "read_transfer_seconds; job_login_kept=false; ${1:-:}; find_shared; echo \"\$?|\$job_unshared|\$job_login_kept\""; }

@test "read_transfer_seconds: a whole number, or a quarter of an hour" {
  local seconds
  equal 900 "$(script 'read_transfer_seconds; echo "$job_transfer_seconds"')"
  equal 5 "$(DOCKER_ECR_CACHE_TRANSFER_SECONDS=5 script 'read_transfer_seconds; echo "$job_transfer_seconds"')"
  for seconds in 0 -1 5s 1.5 07 1000000 'a[$(touch x)]'; do
    DOCKER_ECR_CACHE_TRANSFER_SECONDS="$seconds" run script 'read_transfer_seconds; echo "$job_transfer_seconds"'
    says "docker-ecr-cache: warning: DOCKER_ECR_CACHE_TRANSFER_SECONDS is \"${seconds//[/\\[}\", expected a whole number"
    says $'\n900'
  done
  [[ ! -e x ]]
}

@test "transfer: well, failed, stalled" {
  there
  in_ecr 'read_transfer_seconds; transfer pull "$job_image:0123abc"'
  called "docker pull $IMAGE:0123abc"
  turns push 5
  run in_ecr 'read_transfer_seconds; transfer push x; echo "$?|$job_why"'
  says '1|docker push failed with status 5'
  turns pull stalls
  DOCKER_ECR_CACHE_TRANSFER_SECONDS=1 run in_ecr 'read_transfer_seconds; transfer pull x; echo "$?|$job_why"'
  equal '2|docker pull did not end within 1 s (DOCKER_ECR_CACHE_TRANSFER_SECONDS)' "$output"
}

@test "look_up_tag: of the provider" {
  run in_ecr look_up_tag
  run in_google look_up_tag
  equal "aws ecr docker manifest " "$(calls_of aws docker | cut -d ' ' -f 1-2 | tr '\n' ' ')"
}

@test "find_shared: pulled" {
  there
  run found
  equal $'--- Pulling image\n0||false' "$output"
  equal "docker pull $IMAGE:0123abc" "$(calls_of docker aws)"
}

@test "find_shared: the registry has none" {
  run found
  equal "--- Pulling image
$IMAGE:0123abc is not in the registry
3||false" "$output"
  counted 1 'docker pull *'
}

@test "find_shared: a failed pull of what is there is tried again, three times in all" {
  there
  turns pull 1 1
  run found
  says "attempt 1 of 3 failed: pulling $IMAGE:0123abc: docker pull failed, though the registry has the image; the next one in 2 s"
  says '0||false'
  turns pull 1 1 1
  run found
  says '1|whether the registry has the image, and can give it, is not known: docker pull failed, though the registry has the image|false'
  counted 6 'docker pull *'
}

@test "find_shared: no answer is no miss" {
  turns describe-images cut cut cut
  run found
  says '1|whether the registry has the image, and can give it, is not known: aws ecr describe-images: Could not connect'
  counted 3 'docker pull *'
  turns describe-images ThrottlingException
  run found
  says "$IMAGE:0123abc is not in the registry"
  says '3||'
}

@test "find_shared: a refusal to look is no miss, and is not tried again" {
  turns describe-images AccessDeniedException
  run found
  says '1|whether the registry has the image, *ecr:DescribeImages'
  counted 1 'docker pull *'
}

@test "find_shared: a pull that stalls is not tried again" {
  there
  turns pull stalls
  DOCKER_ECR_CACHE_TRANSFER_SECONDS=1 run found
  says '1|whether the registry has the image, *: docker pull did not end within 1 s'
  counted 1 'docker pull *'
  uncalled 'aws *'
}

@test "find_shared: with skip-pull-from-cache it is only looked for" {
  there
  run found 'job_option[skip-pull-from-cache]=true'
  equal $'Image exists, skipping pull\n0||true' "$output"
  uncalled 'docker pull *'
  echo "$IMAGE:0123abc 2026-01-01T00:00:00Z x" >"$T/local"
  run found 'job_option[skip-pull-from-cache]=true'
  equal $'Image exists, skipping pull\n0||false' "$output"
  : >"$T/registry"
  run found 'job_option[skip-pull-from-cache]=true'
  says '3||false'
  turns describe-images 503 cut ThrottlingException
  run found 'job_option[skip-pull-from-cache]=true'
  says "attempt 3 of 3 failed: looking for $IMAGE:0123abc: aws ecr describe-images"
  says '1|whether the registry has the image'
}

@test "find_shared: Google's" {
  there gcr.io/proj/build-cache/app
  turns pull 1
  run in_google 'read_transfer_seconds; find_shared; echo "$?"'
  says 0
  counted 2 'docker pull *'
  run in_google 'read_transfer_seconds; job_login_kept=false; job_option[skip-pull-from-cache]=true; find_shared; echo "$?|$job_login_kept"'
  says '0|false'
  : >"$T/registry"
  run in_google 'read_transfer_seconds; find_shared; echo "$?"'
  says 3
}

@test "pull_once: what it says of each end" {
  run in_ecr 'read_transfer_seconds; pull_once; echo "$?"'
  equal 3 "$output"
  there
  in_ecr 'read_transfer_seconds; pull_once'
  turns pull 1
  run in_ecr 'read_transfer_seconds; pull_once; echo "$?|$job_why"'
  says '1|docker pull failed, though the registry has the image'
}
