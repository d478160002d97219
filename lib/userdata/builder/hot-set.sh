# shellcheck shell=bash
# The hot set: the blocks of the device that a first start reads or writes, in the order in which it touches them. Found by the kernel's block tracer.

TRACE=/sys/kernel/tracing/instances/docker-cache
TRACE_READER=

# start_trace: of the cache volume's requests alone, in our own trace instance. If the kernel cannot trace, the hot set is guessed later.
start_trace() {
  TRACE_READER=
  mountpoint --quiet /sys/kernel/tracing || mount --types tracefs tracefs /sys/kernel/tracing || return 0
  mkdir -p "$TRACE" && [[ -e "$TRACE/events/block/block_rq_issue" ]] || return 0
  echo 8192 >"$TRACE/buffer_size_kb" || return 0
  echo "dev == $(read_device_number)" >"$TRACE/events/block/block_rq_issue/filter" || return 0
  echo 1 >"$TRACE/events/block/block_rq_issue/enable" || return 0
  cat "$TRACE/trace_pipe" >"$RUN/trace" &
  TRACE_READER=$!
}

# read_device_number: of DISK as the kernel counts: major and minor in one number.
read_device_number() {
  local major minor
  IFS=: read -r major minor <"$SYS_BLOCK/${DISK##*/}/dev"
  printf %s $((major << 20 | minor))
}

# stop_trace: leaves the hot set in $RUN/hot-set and says how it was found.
stop_trace() {
  HOT_SET_SOURCE=traced
  sync --file-system "$MOUNT_POINT"
  if [[ -n "$TRACE_READER" ]]; then
    echo 0 >"$TRACE/events/block/block_rq_issue/enable"
    sleep 1
    kill "$TRACE_READER" || true
    wait "$TRACE_READER" || true
    rmdir "$TRACE" || true
    list_traced_blocks <"$RUN/trace" | join_blocks >"$RUN/hot-set"
  fi
  if [[ ! -s "$RUN/hot-set" ]]; then
    HOT_SET_SOURCE=guessed
    guess_blocks | join_blocks >"$RUN/hot-set"
  fi
  log "hot set: $HOT_SET_SOURCE, $(count_hot_bytes) bytes in $(wc --lines <"$RUN/hot-set") ranges"
}

# list_traced_blocks: block numbers from the tracer's lines, e.g. `… block_rq_issue: 259,1 RA 4096 () 12345 + 8 none,0,0 [dockerd]`: sectors of 512
# bytes. Flushes have none; discards load nothing.
list_traced_blocks() {
  local line first last
  while IFS= read -r line; do
    [[ "$line" =~ block_rq_issue:\ [0-9]+,[0-9]+\ ([A-Z]+)\ [0-9]+\ \(.*\)\ ([0-9]+)\ \+\ ([0-9]+) ]] || continue
    [[ "${BASH_REMATCH[1]}" != *D* && "${BASH_REMATCH[3]}" != 0 ]] || continue
    last=$(((BASH_REMATCH[2] + BASH_REMATCH[3] - 1) / (HOT_BLOCK_KIB * 2)))
    for ((first = BASH_REMATCH[2] / (HOT_BLOCK_KIB * 2); first <= last; first++)); do printf '%s\n' "$first"; done
  done
}

# guess_blocks: the heads of the file system's groups, Docker's databases and the small files that describe layers.
guess_blocks() {
  local size block
  size="$(blockdev --getsize64 "$DISK")"
  for ((block = 0; block < size / HOT_BLOCK_KIB / 1024; block += size / HOT_BLOCK_KIB / 1024 / 4 + 1)); do printf '%s\n' "$block"; done
  find "$MOUNT_POINT" \( -path '*/image/*' -o -name '*.db' -o -name link -o -name lower \) -type f -size -4096k -print0 |
    xargs --null --no-run-if-empty filefrag -b512 -e 2>/dev/null | list_extent_blocks || log "not every file's place is known"
}

# list_extent_blocks: block numbers from filefrag's lines, `EXT: LOGICAL.. LOGICAL: FIRST.. LAST: …` in sectors of 512 bytes.
list_extent_blocks() {
  local line block
  while IFS= read -r line; do
    [[ "$line" =~ ^\ *[0-9]+:\ *[0-9]+\.\.\ *[0-9]+:\ *([0-9]+)\.\.\ *([0-9]+): ]] || continue
    for ((block = BASH_REMATCH[1] / (HOT_BLOCK_KIB * 2); block <= BASH_REMATCH[2] / (HOT_BLOCK_KIB * 2); block++)); do printf '%s\n' "$block"; done
  done
}

# join_blocks: each block once, at its first place; neighbours that follow each other become ranges of up to 8: lines of FIRST-BLOCK COUNT.
join_blocks() {
  awk '
    seen[$1]++ { next }
    count && $1 == first + count && count < 8 { count++; next }
    count { print first, count }
    { first = $1; count = 1 }
    END { if (count) print first, count }'
}

# count_hot_bytes
count_hot_bytes() { awk -v unit=$((HOT_BLOCK_KIB * 1024)) '{ blocks += $2 } END { printf "%d", blocks * unit }' "$RUN/hot-set"; }
