# shellcheck shell=bash
# The replication gate: DLM snapshots the volume within an hour after REPLICATE_AT, and must not meet a build.

# is_gate_open NOW REPLICATE-AT WATCHDOG-MINUTES: times as HH:MM in UTC. Open only if the build ends before the next replication and the last one
# began more than 70 minutes ago. Without a replication it is always open.
is_gate_open() {
  [[ -n "$2" ]] || return 0
  local since=$(((10#${1%:*} * 60 + 10#${1#*:} - 10#${2%:*} * 60 - 10#${2#*:} + 1440) % 1440))
  ((since > 70 && 1440 - since > $3))
}
