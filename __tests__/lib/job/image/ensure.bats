#!/usr/bin/env bats
# The whole: from a tag to an image that a job can use.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

@test "what is nowhere is built and pushed, and then has the names that move" {
  run ensure
  [[ "$status" == 0 ]]
  says "image=$IMAGE unshared= kept=false"
  equal "$IMAGE:0123abc own $IMAGE:latest-x86_64 own $IMAGE:latest own" "$(tr '\n' ' ' <"$T/registry" | sed 's/ $//')"
}
