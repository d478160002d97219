# shellcheck shell=bash
# Bounds in time, and second tries.

# bound SECONDS COMMAND...: runs a program, and ends it after that time if this machine can. Returns its status.
bound() {
  local job_seconds="$1"
  shift
  find_timeout
  if ((${#job_timeout[@]} > 0)); then
    "${job_timeout[@]}" "$job_seconds" "$@"
  else
    "$@"
  fi
}

# find_timeout: sets job_timeout to how timeout is called here: coreutils', busybox's, or empty if there is none. In the foreground Ctrl-C ends the
# program too.
find_timeout() {
  [[ -z "${job_timeout_sought:-}" ]] || return 0
  job_timeout_sought=1
  job_timeout=(timeout --foreground -k 10)
  ! "${job_timeout[@]}" 10 true 2>/dev/null || return 0
  job_timeout=(timeout -k 10)
  ! "${job_timeout[@]}" 10 true 2>/dev/null || return 0
  job_timeout=()
}

# is_time_out STATUS: true if bound has ended the program, or a signal did: 124 by coreutils, else 128 and the signal.
is_time_out() { [[ "$1" == 124 || "$1" == 137 || "$1" == 143 ]]; }

# pause SECONDS
pause() { sleep "$1"; }

# try WHAT COMMAND...: up to three tries with pauses of 2 and 6 seconds, each failure said. COMMAND returns 0, or 1 if another try may help, or anything
# else if none would; it sets job_why to what went wrong. Returns what the last try did.
try() {
  local job_what="$1" job_attempt job_status job_pause
  shift
  for job_attempt in 1 2 3; do
    job_status=0
    "$@" || job_status=$?
    ((job_status == 1)) || return "$job_status"
    if ((job_attempt == 3)); then
      note "attempt 3 of 3 failed: $job_what: $job_why"
    else
      job_pause=$((job_attempt * 4 - 2))
      note "attempt $job_attempt of 3 failed: $job_what: $job_why; the next one in $job_pause s"
      pause "$job_pause"
    fi
  done
  return 1
}
