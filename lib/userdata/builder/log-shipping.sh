# shellcheck shell=bash
# The build's log outlives the instance in CloudWatch Logs: stream = instance id. A failure to ship never fails the build.

LOG_FILE=/var/log/docker-cache-build.log
SHIPPED_LINES=0
LOG_STREAM_MADE=
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
ship_log() { [[ -z "$LOG_GROUP" || -z "$INSTANCE_ID" ]] || ! command -v aws >/dev/null || ship_new_lines || log "the log was not shipped"; }

# make_log_stream: a request that is repeated since its answer was lost finds its own stream.
make_log_stream() {
  local answer
  answer="$(timeout 60 aws logs create-log-stream --log-group-name "$LOG_GROUP" --log-stream-name "$INSTANCE_ID" 2>&1)" ||
    [[ "$answer" == *ResourceAlreadyExists* ]] || { log "$answer"; return 1; }
  LOG_STREAM_MADE=yes
}

# ship_new_lines: in batches, far below the limits of PutLogEvents (1 MiB, 10,000 events).
ship_new_lines() {
  local lines batch
  [[ -n "$LOG_STREAM_MADE" ]] || make_log_stream || return
  lines="$(wc -l <"$LOG_FILE")" || return
  while ((SHIPPED_LINES < lines)); do
    batch=$((lines - SHIPPED_LINES < 500 ? lines - SHIPPED_LINES : 500))
    tail -n "+$((SHIPPED_LINES + 1))" "$LOG_FILE" | head -n "$batch" | python3 -c '
import json, sys, time
now = int(time.time() * 1000)
lines = (line.decode("utf-8", "replace").rstrip("\n")[:1000] or " " for line in sys.stdin.buffer)
json.dump([{"timestamp": now, "message": line} for line in lines], sys.stdout)' >"$RUN/log-events.json" || return
    timeout 60 aws logs put-log-events --log-group-name "$LOG_GROUP" --log-stream-name "$INSTANCE_ID" \
      --log-events "file://$RUN/log-events.json" >/dev/null || return
    SHIPPED_LINES=$((SHIPPED_LINES + batch))
  done
}
