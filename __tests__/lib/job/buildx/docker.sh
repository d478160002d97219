# shellcheck shell=bash
# Docker with buildx, of $VERSION (0.29.1), whose builder has the driver $T/driver says; it has none if the file is not there. The Nth build writes
# $T/builds/N.err to standard error and $T/builds/N.out to standard output, keeps its standard input in $T/builds/N.in, and ends with the status in
# $T/builds/N.status; N.sh is run before. $T/refused has images of which no builder starts.

case "$1 ${2:-} ${3:-}" in
  'buildx version '*) printf 'github.com/docker/buildx %s\n' "${VERSION-0.29.1+ds1 0.29.1+ds1-4}" ;;
  'buildx inspect --bootstrap')
    image="$(<"$T/image")"
    if grep -q -x -F -- "$image" "$T/refused" 2>/dev/null; then
      printf '#1 booting buildkit\nERROR: cannot pull %s\n' "$image" >&2
      exit 1
    fi
    ;;
  'buildx inspect '*)
    [[ -e "$T/driver" ]] || {
      echo 'ERROR: no builder found' >&2
      exit 1
    }
    printf 'Name:   %s\nDriver:  %s\n\nNodes:\nName: x\nDriver: other\n' "$3" "$(<"$T/driver")"
    ;;
  'buildx create '*)
    if [[ -e "$T/driver" || -e "$T/other-makes" ]]; then
      cp "$T/other-makes" "$T/driver" 2>/dev/null
      printf 'ERROR: existing instance for "docker-cache"\nbut no append mode\n' >&2
      exit 1
    fi
    [[ ! -e "$T/no-create" ]] || exit 1
    echo docker-container >"$T/driver"
    previous=''
    for argument in "$@"; do
      [[ "$previous" != --driver-opt ]] || echo "${argument#image=}" >"$T/image"
      [[ "$previous" != --buildkitd-config ]] || cp "$argument" "$T/buildkitd.toml"
      previous="$argument"
    done
    echo docker-cache
    ;;
  'buildx rm '*) rm -f "$T/driver" ;;
  'buildx prune '*) echo 'Total: 0B' ;;
  'buildx imagetools inspect') cat "$T/references/${*: -1}" 2>/dev/null || exit 1 ;;
  'buildx build '*)
    mkdir -p "$T/builds"
    number=$(($(cat "$T/builds/count" 2>/dev/null || echo 0) + 1))
    echo "$number" >"$T/builds/count"
    env >"$T/builds/$number.env"
    [[ ! -e "$T/reads-input" ]] || cat >"$T/builds/$number.in"
    # shellcheck source=/dev/null
    [[ ! -e "$T/builds/$number.sh" ]] || source "$T/builds/$number.sh"
    cat "$T/builds/$number.out" 2>/dev/null
    cat "$T/builds/$number.err" >&2 2>/dev/null
    exit "$(cat "$T/builds/$number.status" 2>/dev/null || echo 0)"
    ;;
  'login --username '*)
    read -r password
    printf '%s %s\n' "${*: -1}" "$password" >>"$T/logins"
    ;;
  *) exit 64 ;;
esac
