#!/usr/bin/env bats
# Bounds in time, and second tries.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

# often END...: a program that ends so, one after the other.
often() {
  stub thing "$(printf 'turn=$(sed -n "$(grep -c ^thing "$CALLS")p" <<<"%s"); exit "$turn"' "$(printf '%s\n' "$@")")"
}

@test "try: what succeeds is done once, without a pause" {
  often 0
  run script 'try "a thing" thing x'
  [[ "$status" == 0 && -z "$output" ]]
  equal $'thing x' "$(<"$CALLS")"
}

@test "try: three tries with pauses, each failure said with its reason" {
  often 1 1 1
  run script 'job_why=broken; try "a thing" thing x "y z"'
  [[ "$status" == 1 ]]
  equal $'thing x y\\ z\nsleep 2\nthing x y\\ z\nsleep 6\nthing x y\\ z' "$(<"$CALLS")"
  equal "attempt 1 of 3 failed: a thing: broken; the next one in 2 s
attempt 2 of 3 failed: a thing: broken; the next one in 6 s
attempt 3 of 3 failed: a thing: broken" "$output"
}

@test "try: a later try that succeeds is a success" {
  often 1 0
  run script 'job_why=broken; try "a thing" thing x'
  [[ "$status" == 0 ]]
  equal $'thing x\nsleep 2\nthing x' "$(<"$CALLS")"
}

@test "try: what another try cannot help is not tried again, and its status is kept" {
  often 3 0
  run script 'try "a thing" thing x'
  [[ "$status" == 3 && -z "$output" ]]
  equal 'thing x' "$(<"$CALLS")"
}

@test "pause sleeps so long" {
  script 'pause 6'
  equal 'sleep 6' "$(<"$CALLS")"
}

@test "bound: the program's arguments, output and status are its own" {
  stub thing 'echo out; exit 5'
  run script 'bound 10 thing "a b"'
  [[ "$status" == 5 && "$output" == out ]]
  called 'thing a\\ b'
}

@test "bound: a program that does not end is ended, and is_time_out knows it" {
  stub thing 'exec "$REAL_SLEEP" 30'
  run script 'bound 1 thing || is_time_out $?'
  [[ "$status" == 0 ]] && ((SECONDS < 20))
}

@test "is_time_out: by timeout or a signal; no other failure is one" {
  local ended
  for ended in 124 137 143; do script "is_time_out $ended"; done
  for ended in 0 1 2 125 126 127 130 255; do
    run script "is_time_out $ended"
    [[ "$status" == 1 ]]
  done
}

@test "find_timeout: coreutils' in the foreground, so that an interrupt ends the program too" {
  run script 'find_timeout; echo "${job_timeout[*]}"'
  equal 'timeout --foreground -k 10' "$output"
}

@test "find_timeout: busybox's knows no --foreground" {
  stub timeout '[[ "$1" == -k ]] || exit 1; shift 3; exec "$@"'
  run script 'find_timeout; echo "${job_timeout[*]}"; bound 5 echo through'
  equal $'timeout -k 10\nthrough' "$output"
}

@test "find_timeout: without any, the program runs unbounded" {
  stub timeout 'exit 127'
  run script 'find_timeout; echo "${#job_timeout[@]}"; bound 5 echo through; bound 5 echo again'
  equal $'0\nthrough\nagain' "$output"
  # Looked for once.
  counted 2 'timeout *'
}
