# shellcheck shell=bash
# The end of a build: by itself, or by the watchdog. A builder that does not end by itself is powered off, which terminates it: the launch template says so.

OUTCOME=failed

# fail WORD...: ends the build.
fail() {
  log "FAILED: $*"
  exit 1
}

# yield_field WORD...: ends the build in favour of another.
yield_field() {
  log "yielded: $*"
  OUTCOME=yielded
  exit 0
}

# step NAME FUNCTION: one step of main, with its time.
step() {
  local began=$SECONDS
  log "== $1"
  "$2"
  log "== $1: done in $((SECONDS - began)) s"
}

# report_error LINE COMMAND: says what failed, from the ERR trap.
report_error() { log "FAILED: line $1: $2"; }

# end_build: the exit trap. The outcome is written last of all, then the machine goes, whatever has happened.
end_build() {
  trap - EXIT ERR
  set +o errexit
  log "outcome: $OUTCOME"
  # Only the second half knows of a volume.
  ! declare -F leave_volume >/dev/null || leave_volume || log "the volume was not left in order: the next build formats it"
  end_shipping
  [[ -z "$INSTANCE_ID" ]] || AWS_SECONDS=120 aws tag "$INSTANCE_ID" "docker-cache:outcome=$OUTCOME"
  # For the console.
  sleep 1
  systemctl poweroff || systemctl poweroff --force --force
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
