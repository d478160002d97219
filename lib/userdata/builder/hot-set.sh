# shellcheck shell=bash
# The hot set: the blocks of the device that a first start touches, in their order, then those that say where files are. Found by the kernel's block
# tracer. Behind it comes the rest.

TRACE=/sys/kernel/tracing/instances/docker-cache
TRACE_READER=
# Indices of the images whose proofs are in the trace. Some of them may be left out by now.
declare -a TRACED=()

# start_trace: of the cache volume's requests alone, in our own trace instance. If the kernel cannot trace, only the rest is known later.
start_trace() {
  local event="$TRACE/events/block/block_rq_issue"
  : >"$RUN/trace"
  mountpoint --quiet /sys/kernel/tracing || mount --types tracefs tracefs /sys/kernel/tracing || return 0
  mkdir -p "$TRACE" && [[ -e "$event" ]] && echo 8192 >"$TRACE/buffer_size_kb" && echo "dev == $(read_device_number)" >"$event/filter" &&
    echo 1 >"$event/enable" || return 0
  cat "$TRACE/trace_pipe" >"$RUN/trace" &
  TRACE_READER=$!
}

# read_device_number: of DISK as the kernel counts: major and minor in one number.
read_device_number() {
  local major minor
  IFS=: read -r major minor <"$SYS_BLOCK/${DISK##*/}/dev"
  printf %s $((major << 20 | minor))
}

# mark_trace: from here on something else is traced.
mark_trace() { [[ -z "$TRACE_READER" ]] || echo docker-cache >"$TRACE/trace_marker"; }

# stop_trace: leaves the tracer's lines in $RUN/trace.
stop_trace() {
  [[ -n "$TRACE_READER" ]] || return 0
  echo 0 >"$TRACE/events/block/block_rq_issue/enable"
  sleep 1
  kill "$TRACE_READER" || true
  wait "$TRACE_READER" || true
  rmdir "$TRACE" || true
}

# list_files: those of the volume that hold something. It looks at all directories and inodes, for the tracer to see.
list_files() { find "$MOUNT_POINT" -xdev -type f -size +0 ! -path $'*\n*' || true; }

# find_hot_set: leaves the hot set in $RUN/hot-set, of the volume as it will be snapshotted, and says how it was found and its bytes.
find_hot_set() {
  local found index
  local -a names=()
  for index in "${TRACED[@]}"; do names+=("${REFERENCES[index]-}"); done
  sync --file-system "$MOUNT_POINT"
  found="$(make_hot_set "$MOUNT_POINT" "$DISK" "$RUN/trace" "$HOT_SET_PERCENT" "$RUN/hot-set" <(list_files) "${names[@]}")"
  read -r HOT_SET_SOURCE HOT_SET_BYTES <<<"$found"
  log "hot set: $HOT_SET_SOURCE, $HOT_SET_BYTES bytes"
}
