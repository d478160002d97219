# shellcheck shell=bash
# The end of a build.

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
  leave_volume || log "the volume was not left in order: the next build formats it"
  end_shipping
  [[ -z "$INSTANCE_ID" ]] || timeout 120 aws ec2 create-tags --resources "$INSTANCE_ID" --tags "Key=docker-cache:outcome,Value=$OUTCOME"
  # For the console.
  sleep 1
  systemctl poweroff || systemctl poweroff --force --force
}
