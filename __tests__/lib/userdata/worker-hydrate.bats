#!/usr/bin/env bats
# Hydration: what is read, in which order, how fast.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  stub sleep
}

# read_ahead ARGUMENT...: the script, with every read of the disk written to $T/reads: the block's number. Blocks in $BROKEN cannot be read.
read_ahead() {
  python3 -I -S - "$USERDATA/worker/read-ahead.py" "$@" <<'PY'
import os, sys
UNIT = 512 * 1024
broken = set(map(int, os.environ.get("BROKEN", "").split()))
real = os.preadv
def preadv(file, buffers, offset):
    assert offset % UNIT == 0 and [len(buffer) for buffer in buffers] == [UNIT]
    with open(os.environ["T"] + "/reads", "a") as log:
        log.write(f"{offset // UNIT}\n")
    if offset // UNIT in broken:
        raise OSError("broken")
    return real(file, buffers, offset)
os.preadv = preadv
sys.argv = sys.argv[1:]
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))
PY
}

# ranges MODE [RATE [BLOCKS]]: of a disk of 256 blocks.
ranges() {
  : >"$T/reads"
  truncate -s "$((${3:-256} / 2))M" "$T/disk"
  read_ahead ranges "$T/disk" "$T/run/hot-set" "$1" "${2:-}" "$T/run/hydration" "$T/run/stop" "${3:-256}"
}

# told: the last that it says, without times.
told() { sed 's/ after [0-9]* ms$//' "$T/run/hydration" | tr '\n' '|'; }

# blocks_read: each block that was read, in order of number.
blocks_read() { sort -n "$T/reads" | uniq | xargs; }

@test "ranges: every range of the hot set, and with hot nothing else" {
  printf '# engine\n7 1\n3 2\n# image a:1\n100 8\n# rest\n20 9\n' >"$T/run/hot-set"
  ranges hot
  equal '3 4 7 100 101 102 103 104 105 106 107' "$(blocks_read)"
  equal 'hot: 11 blocks read|done|' "$(told)"
}

@test "ranges: all reads the hot set first, then the rest" {
  printf '# engine\n7 1\n# rest\n20 3\n200 1\n# image late\n5 1\n' >"$T/run/hot-set"
  ranges all
  equal '5 7 20 21 22 200' "$(blocks_read)"
  equal '5 7' "$(head -n 2 "$T/reads" | sort -n | xargs)"
  equal 'hot: 2 blocks read|rest: 4 blocks read|done|' "$(told)"
}

@test "ranges: where no rest is named, it is the whole disk: a hot set of one version before, or none" {
  printf '7 1\n' >"$T/run/hot-set"
  ranges all '' 100
  equal "$(seq 0 99 | xargs)" "$(blocks_read)"
  equal 7 "$(head -n 1 "$T/reads")"
  equal 'hot: 1 blocks read|rest: 100 blocks read|done|' "$(told)"
  rm "$T/run/hot-set"
  ranges all '' 100
  equal "$(seq 0 99 | xargs)" "$(blocks_read)"
  printf '# engine\n7 1\n# rest\n' >"$T/run/hot-set"
  ranges all '' 100
  equal 7 "$(blocks_read)"
}

@test "ranges: lines that are no range are nothing, and none reaches beyond the disk" {
  printf '%s\n' '# engine' "a[\$(touch $T/ran)] 1" '1 1; x' '-1 1' '1 -1' '1' '1 2 3' ' 4 1' '5  1' '1234567890 1' '6 1234567' $'8\t1' '999999999 1' '255 999999' '9 0' '10 1' >"$T/run/hot-set"
  ranges hot
  equal '10 255' "$(blocks_read)"
  [[ ! -e "$T/ran" ]]
  # Nor reads it for ever: twice the disk at most.
  for ((line = 0; line < 9; line++)); do echo '0 256'; done >"$T/run/hot-set"
  ranges hot
  equal 512 "$(wc -l <"$T/reads")"
}

@test "ranges: a hot set that is a link, no file or too long is none" {
  printf '7 1\n' >"$T/other"
  ln -s "$T/other" "$T/run/hot-set"
  ranges hot
  rm "$T/run/hot-set"
  mkfifo "$T/run/hot-set"
  ranges hot
  rm "$T/run/hot-set"
  { printf '7 1\n' && head -c 9000000 /dev/zero; } >"$T/run/hot-set"
  ranges hot
  equal '' "$(blocks_read)"
}

@test "ranges: a block that cannot be read keeps no other from being read" {
  printf '0 4\n40 1\n50 2\n' >"$T/run/hot-set"
  BROKEN='1 40 50' ranges hot
  equal 'hot: 7 blocks read|done|' "$(told)"
  equal '0 1 2 3 40 50 51' "$(blocks_read)"
}

@test "ranges: the rate holds for the rest, and not for the hot set" {
  printf '# engine\n0 100\n# rest\n200 20\n' >"$T/run/hot-set"
  local began="${EPOCHREALTIME/./}"
  # 50 MiB at once, then 10 MiB at 10 MiB/s, the last of which is not waited for.
  ranges all 10
  local took=$(((${EPOCHREALTIME/./} - began) / 1000))
  ((took >= 900)) || equal 'at least 900 ms' "$took ms"
  equal 'hot: 100 blocks read|rest: 20 blocks read|done|' "$(told)"
}

@test "ranges: the file that stops it stops the rest at once, and it fails" {
  printf '# engine\n7 1\n# rest\n20 200\n' >"$T/run/hot-set"
  touch "$T/run/stop"
  run ranges all 10
  equal 1 "$status"
  equal 7 "$(blocks_read)"
  equal 'hot: 1 blocks read|rest: stopped, 0 of 200 blocks read|' "$(told)"
  rm "$T/run/stop"
  ranges all 10 &
  until [[ "$(told 2>/dev/null)" == 'hot: 1 blocks read|rest: '[1-9]*' of 200 blocks read|' ]]; do command sleep 0.05; done
  touch "$T/run/stop"
  if wait "$!"; then false; fi
  [[ "$(told)" == 'hot: 1 blocks read|rest: stopped, '*' of 200 blocks read|' ]]
  (($(wc -l <"$T/reads") < 200))
}

@test "ranges: the rest is read behind everything else" {
  printf '# engine\n7 1\n# rest\n20 1\n' >"$T/run/hot-set"
  sed 's/^    threads = .*/    print(name, os.nice(0))\n&/' "$USERDATA/worker/read-ahead.py" >"$T/read-ahead.py"
  mkdir -p "$T/worker" && mv "$T/read-ahead.py" "$T/worker" && USERDATA="$T"
  local own
  own="$(nice)"
  equal "hot $own|rest $((own + 10 > 19 ? 19 : own + 10))|" "$(ranges all | tr '\n' '|')"
}

# heads TYPE SIZE-MIB: what is read of a file system that was made just now.
heads() {
  : >"$T/reads"
  read_ahead heads "$T/disk" "$1"
  blocks_read
}

@test "heads: of XFS its groups, the root's inode and steps through the log; of ext4 the head and the journal" {
  rm "$T/bin/mkfs.xfs" "$T/bin/mkfs.ext4"
  PATH="$PATH:/usr/sbin:/sbin"
  command -v mkfs.xfs mkfs.ext4 || skip 'no tools for file systems'
  rm -f "$T/disk" && truncate -s 2G "$T/disk" && mkfs.xfs -q "$T/disk"
  local log
  log="$(xfs_db -r -c 'sb 0' -c 'convert fsblock '"$(xfs_db -r -c 'sb 0' -c 'p logstart' "$T/disk" | cut -d' ' -f3)"' daddr' "$T/disk" | sed 's/.*(\([0-9]*\)).*/\1/')"
  heads xfs >"$T/heads"
  # Four groups of 512 MiB.
  for block in 0 1024 2048 3072 $((log / 1024)); do grep -qw "$block" "$T/heads" || equal "among the heads: $block" "$(<"$T/heads")"; done
  (($(wc -w <"$T/heads") < 30))
  rm -f "$T/disk" && truncate -s 2G "$T/disk" && mkfs.ext4 -q "$T/disk"
  log="$(debugfs -R 'blocks <8>' "$T/disk" 2>/dev/null | cut -d' ' -f1)"
  heads ext4 >"$T/heads"
  for block in 0 $((log / 128)); do grep -qw "$block" "$T/heads" || equal "among the heads: $block" "$(<"$T/heads")"; done
}

@test "heads: whatever a superblock says, nothing beyond the disk is read" {
  head -c 1048576 /dev/urandom >"$T/disk"
  local type
  for type in xfs ext4; do heads "$type" 2>/dev/null | grep -Ex '([01]( 1)?)?'; done
  head -c 1048576 /dev/zero | tr '\0' '\377' >"$T/disk"
  for type in xfs ext4; do heads "$type" 2>/dev/null | grep -Ex '([01]( 1)?)?'; done
}

# hydrate CODE: with a stand-in for the reading, which says how it was called and ends as $1 says.
hydrate() { script "read_ahead() { systemctl read_ahead \"\$@\"; }; put_metric() { systemctl metric \"\$@\"; }; DISK_BLOCKS=200; $1 hydrate"; }

@test "hydrate: the hot set alone, and nothing where none is wanted" {
  hydrate 'HYDRATE=hot;'
  equal "systemctl read_ahead ranges /dev/nvme1n1 $T/run/hot-set hot  $T/run/hydration $T/run/stop-hydration 200" "$(<"$CALLS")"
  : >"$CALLS"
  hydrate 'HYDRATE=none;'
  equal '' "$(<"$CALLS")"
}

@test "hydrate: all, once a volume" {
  hydrate 'HYDRATE=all HYDRATE_RATE_MIBPS=80 MARK="i-1 uuid";'
  called "systemctl read_ahead ranges /dev/nvme1n1 $T/run/hot-set all 80 $T/run/hydration $T/run/stop-hydration 200"
  called 'systemctl metric HydrationPercent 100'
  equal 'i-1 uuid' "$(<"$T/home/hydrated")"
  : >"$CALLS"
  hydrate 'HYDRATE=all MARK="i-1 uuid";'
  called 'systemctl read_ahead * hot *'
  uncalled '*metric*'
  : >"$CALLS"
  hydrate 'HYDRATE=all MARK="i-2 uuid";'
  called 'systemctl read_ahead * all *'
  # Whoever sets no mark reads it every time.
  : >"$CALLS"
  hydrate 'HYDRATE=all;'
  hydrate 'HYDRATE=all;'
  equal 2 "$(grep -c 'read_ahead .* all' "$CALLS")"
}

@test "hydrate: a reading that was stopped is not at its end" {
  stub systemctl '[[ "$1" != read_ahead ]]'
  hydrate 'HYDRATE=all MARK="i-1 uuid";'
  uncalled '*metric*'
  [[ ! -e "$T/home/hydrated" ]]
}

@test "report_hydration: how far the rest is, each minute" {
  stub curl 'echo eu-west-1'
  printf 'hot: 1 blocks read after 9 ms\nrest: 16 of 40 blocks read after 12 ms\n' >"$T/run/hydration"
  script 'sleep() { [[ ! -e "$RUN/slept" ]] && touch "$RUN/slept"; }; report_hydration' || true
  called 'aws cloudwatch put-metric-data * --namespace DockerCacheWorker --metric-name HydrationPercent --value 40 --dimensions Name=ci,Architecture=x86_64'
}
