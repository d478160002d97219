# shellcheck shell=bash
# Reads the volume before it is asked for, in one process (read-ahead.py). First the hot set, at Docker's priority, since it is read ahead of Docker.
# Then, if configured, the rest that the file system uses, behind everything else.

# Unit of the hot set: EBS loads a volume from its snapshot in blocks of this size.
HOT_BLOCK_KIB=512

# hydrate: $RUN/hydration says how far it is. The rest is read once a volume: MARK names this instance and its volume, if anybody set it. The file
# $RUN/stop-hydration ends it.
hydrate() {
  local mode="$HYDRATE" reporter mark="${MARK:-}"
  [[ "$mode" != none ]] || return 0
  # One at a time.
  exec 8>"$RUN/hydration.lock"
  flock -n 8 || return 0
  [[ -z "$mark" || "$(read_text "$WORKER_HOME/hydrated")" != "$mark" ]] || mode=hot
  if [[ "$mode" == hot ]]; then
    read_all hot
    return
  fi
  report_hydration &
  reporter=$!
  if read_all all; then
    printf %s "$mark" >"$WORKER_HOME/hydrated"
    put_metric "$HYDRATION_METRIC" 100
  fi
  kill "$reporter" 2>/dev/null || true
}

# read_all MODE: hot or all.
read_all() { read_ahead ranges "$DISK" "$RUN/hot-set" "$1" "$HYDRATE_RATE_MIBPS" "$RUN/hydration" "$RUN/stop-hydration" "$DISK_BLOCKS"; }

# report_hydration: how much of the rest has been read, in percent, each minute, as long as it is being read.
report_hydration() {
  while sleep 60; do
    [[ ! "$(<"$RUN/hydration")" =~ rest:\ ([0-9]+)\ of\ ([0-9]+) ]] || put_metric "$HYDRATION_METRIC" $((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
  done
}
