# shellcheck shell=bash
# A builder that does not end by itself is powered off, which terminates it: the launch template says so.

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

# minutes_left: until the watchdog.
minutes_left() { printf %s $((WATCHDOG_MINUTES - SECONDS / 60)); }
