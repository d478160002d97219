# shellcheck shell=bash
# Docker, as far as images have names: $T/local has a line `NAME TIME CONTENT` for each image of this machine, $T/registry has `NAME CONTENT`.
# $T/turns/VERB, if it is there, says how the next calls of this verb end: statuses, `stalls`, or `well`, one a line.

row() { grep -m 1 -F -- "$1 " "$2"; }
unrow() { { grep -v -F -- "$1 " "$2" || true; } >"$2.new" && mv "$2.new" "$2"; }

stumble() {
  local turn
  [[ -s "$T/turns/$1" ]] || return 0
  read -r turn <"$T/turns/$1"
  sed -i 1d "$T/turns/$1"
  case "$turn" in
    well) ;;
    stalls) exec "$REAL_SLEEP" 30 ;;
    *)
      echo "docker $1: the registry said no" >&2
      exit "$turn"
      ;;
  esac
}

name="${*: -1}"
case "$1 ${2:-}" in
  'image ls')
    while read -r name _; do
      for argument in "$@"; do
        # shellcheck disable=SC2053 # a pattern is meant
        [[ "$argument" != reference=* || "$name" != ${argument#*=} ]] || printf '%s\n' "$name"
      done
    done <"$T/local"
    ;;
  'image inspect')
    read -r _ created content < <(row "$name" "$T/local") || exit 1
    printf '[{"Id": "%s", "Created": "%s"}]\n' "$content" "$created"
    ;;
  'image rm') unrow "$name" "$T/local" ;;
  'manifest inspect') row "$name" "$T/registry" >/dev/null || exit 1 ;;
  'login --username')
    read -r password
    stumble login
    printf '%s %s\n' "$name" "$password" >>"$T/logins"
    cp "$DOCKER_CONFIG/config.json" "$T/login-config.json"
    printf 'WARNING! Your credentials are stored unencrypted\n' >&2
    ;;
  'info --format') printf '%s\n' "${STORE-null}" ;;
  pull\ *)
    stumble pull
    read -r _ content < <(row "$name" "$T/registry") || exit 1
    unrow "$name" "$T/local"
    printf '%s 2026-01-01T00:00:00Z %s\n' "$name" "$content" >>"$T/local"
    ;;
  build\ *)
    [[ ! -e "$T/environment" ]] || env -0 | sort -z | tr '\0' '\n' >"$T/environment"
    [[ ! -e "$T/other-job" ]] || cat "$T/other-job" >>"$T/registry"
    stumble build
    for argument in "$@"; do [[ "$argument" != --tag=* ]] || printf '%s 2026-01-01T00:00:00Z own\n' "${argument#*=}" >>"$T/local"; done
    ;;
  tag\ *)
    stumble tag
    read -r _ created content < <(row "$2" "$T/local") || exit 1
    unrow "$name" "$T/local"
    printf '%s %s %s\n' "$name" "$created" "$content" >>"$T/local"
    ;;
  push\ *)
    stumble push
    read -r _ _ content < <(row "$name" "$T/local") || exit 1
    unrow "$name" "$T/registry"
    printf '%s %s\n' "$name" "$content" >>"$T/registry"
    ;;
  *) exit 64 ;;
esac
