#!/usr/bin/env bats
# What the scripts of jobs share.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/../image/functions.bash"
  begin
}

@test "say, note, group, warn, fail: where they go, and what they return" {
  equal 'a b' "$(say a b 2>/dev/null)"
  equal 'a b' "$(note a b 2>&1 >/dev/null)"
  equal '--- a b' "$(group a b 2>/dev/null)"
  equal 'docker-cache: warning: a' "$(warn a 2>&1 >/dev/null)"
  run fail a b
  equal '1 docker-cache: a b' "$status $output"
}

@test "refuse: as fail, with the status of what is not understood" {
  run refuse a b
  equal '2 docker-cache: a b' "$status $output"
}

@test "is_one_of: the whole word, whatever is in it" {
  is_one_of b a b
  is_one_of 'a b' x 'a b'
  is_one_of '' ''
  run ! is_one_of c a b
  run ! is_one_of '*' a b
  run ! is_one_of a 'a b'
  run ! is_one_of c
}

@test "decode_settings: any text, and empty where there is none" {
  job_a="$(printf 'x "y"\n$z' | base64 -w 0)" job_b=''
  decode_settings job_a job_b job_c
  equal $'x "y"\n$z--' "$job_a-$job_b-$job_c"
  job_a='no base64!'
  run ! decode_settings job_a
}
