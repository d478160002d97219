# shellcheck shell=bash
# The build's log outlives the instance in CloudWatch Logs: stream = instance id. A failure to ship never fails the build.

LOG_FILE=/var/log/docker-cache-build.log
SHIPPED_LINES=0
SHIPPER=

# open_log: from here on every message goes to the log file, and from there to its former place.
open_log() {
  exec 3>&1 >>"$LOG_FILE" 2>&1
  tail -f -n +1 --pid="$$" "$LOG_FILE" >&3 &
}

# start_shipping: beside the build, so that no step waits for it, and a machine that dies has said nearly all that it had to say.
start_shipping() {
  rm -f "$RUN/log-is-complete"
  keep_shipping &
  SHIPPER=$!
}

# keep_shipping: every ten seconds, until end_shipping. Signals are the build's to heed: what it says last has to be shipped too.
keep_shipping() {
  local seconds=0
  trap - EXIT ERR
  trap : INT TERM HUP
  set +o errexit
  until [[ -e "$RUN/log-is-complete" ]]; do
    sleep 1
    ((++seconds % 10 != 0)) || ship_log
  done
  ship_log
}

# end_shipping: returns when the last line has been shipped, or cannot be.
end_shipping() {
  [[ -n "$SHIPPER" ]] || return 0
  : >"$RUN/log-is-complete"
  wait "$SHIPPER"
}

# ship_log: the lines since the last time.
ship_log() {
  local shipped
  [[ -n "$LOG_GROUP" && -n "$INSTANCE_ID" ]] || return 0
  shipped="$(AWS_SECONDS=60 aws ship "$LOG_GROUP" "$INSTANCE_ID" "$LOG_FILE" "$SHIPPED_LINES")" || log "the log was not shipped"
  SHIPPED_LINES="${shipped:-$SHIPPED_LINES}"
}
