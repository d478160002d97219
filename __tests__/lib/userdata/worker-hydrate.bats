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

@test "hydrate: all needs no hot set" {
  script 'HYDRATE=all DISK_BLOCKS=65; hydrate'
  equal '0 64' "$(grep '^dd ' "$CALLS" | grep -o 'skip=[0-9]*' | cut -d= -f2 | sort -n | xargs)"
}

@test "hydrate: while it reads, it says how far it is" {
  printf '7 1\n' >"$T/run/hot-set"
  # The first lane's third range of 40 is the 33rd of all.
  stub dd '[[ "$*" != *skip=2048* ]] || cat "$T/run/hydration" >"$T/meanwhile"'
  script 'HYDRATE=all DISK_BLOCKS=2560; hydrate'
  [[ "$(<"$T/meanwhile")" == 'hot: 1 ranges read after '*$' ms\nall: 32 of 40 ranges read after '*' ms' ]]
  [[ "$(<"$T/run/hydration")" == 'hot: 1 ranges read after '*$' ms\nall: 40 ranges read after '*' ms' ]]
}

@test "hydrate: how far all is, as a metric, each minute and at the end" {
  printf '7 1\n' >"$T/run/hot-set"
  stub curl 'echo eu-west-1'
  printf 'hot: 1 ranges read after 9 ms\nall: 16 of 40 ranges read after 12 ms\n' >"$T/run/hydration"
  script 'sleep() { [[ ! -e "$RUN/slept" ]] && touch "$RUN/slept"; }; report_hydration' || true
  called 'aws cloudwatch put-metric-data * --namespace DockerCacheWorker --metric-name HydrationPercent --value 40 --dimensions Name=ci,Architecture=x86_64'
  : >"$CALLS"
  script 'report_hydration() { :; }; HYDRATE=all DISK_BLOCKS=2560; hydrate'
  equal 1 "$(grep -c '^aws ' "$CALLS")"
  called 'aws cloudwatch put-metric-data * HydrationPercent --value 100 *'
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
