# shellcheck shell=bash
# The end of the script: until here there are functions and names only, so that each file can be sourced by a test.

main "$@" || {
  job_ended=$?
  # `eval "$(… env …)"` hides how this ends: what it evaluates fails then.
  [[ "${1:-}" != env ]] || echo false
  exit "$job_ended"
}
