# shellcheck shell=bash
# Messages in a job's log. Programs set job_program, which begins each warning and error.

job_program=docker-cache

# say WORD...: a line for those who read the log.
say() { printf '%s\n' "$*"; }

# note WORD...: as say, on standard error, and so also where standard output is an answer.
note() { printf '%s\n' "$*" >&2; }

# group TITLE: begins a group, which Buildkite folds.
group() { printf -- '--- %s\n' "$*"; }

# warn WORD...: what went wrong and what happens instead.
warn() { printf '%s: warning: %s\n' "$job_program" "$*" >&2; }

# fail WORD...: what was found, what was expected, and the fix. Returns 1.
fail() {
  printf '%s: %s\n' "$job_program" "$*" >&2
  return 1
}

# refuse WORD...: what is not understood. Returns 2.
refuse() {
  fail "$@" || return 2
}
