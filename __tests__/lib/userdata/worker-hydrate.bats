#!/usr/bin/env bats
# Hydration: what is read, in which order, how fast.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  stub dd
  stub sleep
}

@test "hydrate: reads every range of the hot set once, past the page cache" {
  seq 0 3 99 | sed 's/$/ 2/' >"$T/run/hot-set"
  script hydrate
  equal 34 "$(grep -c '^dd ' "$CALLS")"
  equal 34 "$(grep -o 'skip=[0-9]*' "$CALLS" | sort -u | wc -l)"
  called 'dd if=/dev/nvme1n1 of=/dev/null bs=512K skip=99 count=2 iflag=direct'
  [[ "$(<"$T/run/hydration")" == 'hot: 34 ranges read after '*' ms' ]]
}

@test "hydrate: a block that cannot be read keeps no other from being read" {
  stub dd 'exit 1'
  printf '0 1\n1 1\n40 1\n' >"$T/run/hot-set"
  script hydrate
  equal 3 "$(grep -c '^dd ' "$CALLS")"
}

@test "hydrate: nothing where none is wanted, and without a hot set" {
  printf '0 1\n' >"$T/run/hot-set"
  script 'HYDRATE=none; hydrate'
  rm "$T/run/hot-set"
  script hydrate
  equal '' "$(<"$CALLS")"
}

@test "hydrate: all reads the hot set first, then everything that came from the snapshot" {
  printf '7 1\n' >"$T/run/hot-set"
  script 'HYDRATE=all DISK_BLOCKS=200; hydrate'
  equal 'dd if=/dev/nvme1n1 of=/dev/null bs=512K skip=7 count=1 iflag=direct' "$(grep '^dd ' "$CALLS" | head -n 1)"
  equal '0 64 128 192' "$(grep '^dd ' "$CALLS" | tail -n +2 | grep -o 'skip=[0-9]*' | cut -d= -f2 | sort -n | xargs)"
}

@test "read_lane: a ceiling makes each of 16 lanes pause for its share" {
  printf '0 8\n' >"$T/run/hot-set"
  # 4 MiB in one of 16 lanes, at 64 MiB/s in all: one second.
  script 'HYDRATE_RATE_MIBPS=64; hydrate'
  called 'sleep 1.000'
  : >"$CALLS"
  script 'HYDRATE_RATE_MIBPS=1000; hydrate'
  called 'sleep 0.064'
}
