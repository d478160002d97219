# shellcheck shell=bash
# The end of a build: by itself, or by the watchdog. A builder that does not end by itself is powered off, which terminates it: the launch template says so.

OUTCOME=failed
# Of the summary: what is known so far.
IMAGE_COUNT='' USED_BYTES='' SNAPSHOT_ID=''
# Names of the steps, each with its seconds; and the one that is at work, with its begin.
STEPS=()
STEP=''
STEP_BEGAN=0

# fail WORD...: ends the build.
fail() {
  log "FAILED: $*"
  note_failure "$*"
  exit 1
}

# note_failure TEXT: for the summary, in a file, since it may happen in a subshell. The first failure is the reason for all others.
note_failure() { [[ -e "$RUN/failure" ]] || printf %s "$1" >"$RUN/failure" || true; }

# yield_field WORD...: ends the build in favour of another.
yield_field() {
  log "yielded: $*"
  OUTCOME=yielded
  exit 0
}

# step NAME FUNCTION: one step of main, with its time.
step() {
  STEP="$1" STEP_BEGAN=$SECONDS
  log "== $1"
  "$2"
  end_step
  log "== $1: done in ${STEPS[-1]} s"
}

# end_step: notes the time of the step that is at work, if one is.
end_step() {
  [[ -n "$STEP" ]] || return 0
  STEPS+=("$STEP" $((SECONDS - STEP_BEGAN)))
  STEP=''
}

# report_error LINE COMMAND: says what failed, from the ERR trap.
report_error() {
  log "FAILED: line $1: $2"
  note_failure "${STEP:-a step} failed: $2"
}

# end_build: the exit trap. The outcome is written last of all, then the machine goes, whatever has happened.
end_build() {
  trap - EXIT ERR
  set +o errexit
  log "outcome: $OUTCOME"
  # Only the second half knows of a volume.
  ! declare -F leave_volume >/dev/null || leave_volume || log "the volume was not left in order: the next build formats it"
  end_step
  summarize
  end_shipping
  [[ -z "$INSTANCE_ID" ]] || AWS_SECONDS=120 aws tag "$INSTANCE_ID" "docker-cache:outcome=$OUTCOME"
  # For the console.
  sleep 1
  systemctl poweroff || systemctl poweroff --force --force
}

# summarize: the last event of the log, one line of JSON.
summarize() {
  local failure=''
  [[ ! -r "$RUN/failure" || "$OUTCOME" != failed ]] || failure="$(<"$RUN/failure")"
  write_summary "$OUTCOME" "$IMAGE_COUNT" "$USED_BYTES" "$SNAPSHOT_ID" "$failure" "${STEPS[@]}" >&2
}

SYSTEMD_UNITS=/run/systemd/system

# arm_watchdog: sets three guards, since each can fail alone. One is an orderly shutdown, one a timer that powers off at once two minutes later. The
# third limits how long an orderly power-off may hang. (The rotation function sweeps what survives even that.)
arm_watchdog() {
  shutdown --poweroff "+$WATCHDOG_MINUTES" || log "no shutdown could be scheduled"
  systemd-run --quiet --unit=docker-cache-watchdog --on-active="$((WATCHDOG_MINUTES + 2))min" --timer-property=AccuracySec=1s \
    systemctl poweroff --force --force || log "no power-off timer could be started"
  mkdir -p "$SYSTEMD_UNITS/poweroff.target.d"
  printf '[Unit]\nJobTimeoutSec=3min\nJobTimeoutAction=poweroff-immediate\n' >"$SYSTEMD_UNITS/poweroff.target.d/docker-cache.conf"
  systemctl daemon-reload
}
