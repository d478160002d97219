# shellcheck shell=bash
# What tests of scripts say of the calls that their stubs wrote into $CALLS, and of texts.

# called PATTERN: whether a stub was called so; a pattern of bash.
called() {
  local line
  # shellcheck disable=SC2053 # a pattern is meant
  while IFS= read -r line; do [[ $line == $1 ]] && return; done <"$CALLS"
  printf 'no call like: %s\nthe calls:\n%s\n' "$1" "$(<"$CALLS")" >&2
  return 1
}

# uncalled PATTERN: that no stub was called so.
uncalled() {
  called "$1" 2>/dev/null || return 0
  printf 'called, though it should not be: %s\nthe calls:\n%s\n' "$1" "$(<"$CALLS")" >&2
  return 1
}

# equal EXPECTED FOUND
equal() {
  [[ "$1" == "$2" ]] && return
  printf 'expected: %s\nfound:    %s\n' "$1" "$2" >&2
  return 1
}
