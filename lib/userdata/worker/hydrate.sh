# shellcheck shell=bash
# Reads the volume before it is asked for. On a volume made from a snapshot, every first touch of a block waits for S3.

HYDRATION_LANES=16
# Lines of $RUN/hydration on the parts that have been read.
PARTS_READ=''

# hydrate: first the blocks that a first start needs: the hot set, in the order in which it touches them. They are read ahead of Docker, so at its
# priority. Then, if configured, the rest, behind everything else. With direct I/O: the aim is a loaded volume, not a filled page cache.
hydrate() {
  local reporter
  [[ "$HYDRATE" != none ]] || return 0
  [[ ! -s "$RUN/hot-set" ]] || read_ranges hot <"$RUN/hot-set"
  [[ "$HYDRATE" == all ]] || return 0
  renice -n 10 -p "$BASHPID" >/dev/null || true
  report_hydration &
  reporter=$!
  list_all_ranges | read_ranges all
  kill "$reporter" 2>/dev/null || true
  put_metric "$HYDRATION_METRIC" 100
}

# list_all_ranges: all that came from the snapshot, in ranges of 32 MiB.
list_all_ranges() {
  local first
  for ((first = 0; first < DISK_BLOCKS; first += 64)); do echo "$first 64"; done
}

# read_ranges NAME: reads the ranges on standard input, lines of FIRST-BLOCK COUNT, in parallel lanes that take turns.
read_ranges() {
  local ranges lane
  mapfile -t ranges
  for ((lane = 0; lane < HYDRATION_LANES; lane++)); do read_lane "$lane" "$1" & done
  wait
  PARTS_READ+="$1: ${#ranges[@]} ranges read after $(elapsed_ms) ms"$'\n'
  printf %s "$PARTS_READ" >"$RUN/hydration"
}

# read_lane NUMBER NAME: every 16th of the ranges. With a ceiling, each lane pauses as long as its share of it asks for. The first speaks for all.
read_lane() {
  local index first count pause
  for ((index = $1; index < ${#ranges[@]}; index += HYDRATION_LANES)); do
    (($1 > 0)) || printf '%s%s: %s of %s ranges read after %s ms\n' "$PARTS_READ" "$2" "$index" "${#ranges[@]}" "$(elapsed_ms)" >"$RUN/hydration"
    read -r first count <<<"${ranges[index]}"
    dd if="$DISK" of=/dev/null bs="${HOT_BLOCK_KIB}K" skip="$first" count="$count" iflag=direct 2>/dev/null || true
    [[ -n "$HYDRATE_RATE_MIBPS" ]] || continue
    pause=$((count * HOT_BLOCK_KIB * HYDRATION_LANES * 1000 / 1024 / HYDRATE_RATE_MIBPS))
    sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
  done
}

# report_hydration: how much of the volume has been read, in percent, each minute, as long as it is being read.
report_hydration() {
  while sleep 60; do
    [[ ! "$(<"$RUN/hydration")" =~ all:\ ([0-9]+)\ of\ ([0-9]+) ]] || put_metric "$HYDRATION_METRIC" $((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
  done
}
