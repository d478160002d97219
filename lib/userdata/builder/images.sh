# shellcheck shell=bash
# The configured images: parallel arrays, one element an image. Lines of the contract: `REFERENCE[ optional][ warm=whole][ smoke=COMMAND]`.

declare -a REFERENCES=() OPTIONAL=() WHOLE=() SMOKE=() DIGESTS=() SOURCES=() LOCAL_NAMES=() ORIGINALS=() NOTES=()

# read_images: from the parameters below the configured path.
read_images() {
  local lines line
  lines="$(aws read-parameters "$IMAGES_PARAMETER_PATH")"
  while IFS= read -r line; do add_image "$line"; done < <(sort -u <<<"$lines")
  ((${#REFERENCES[@]} > 0)) || fail "no images below the parameter path $IMAGES_PARAMETER_PATH"
  log "${#REFERENCES[@]} images are configured"
}

# add_image LINE: as the configuration and the module take it, by the vectors of __tests__/fixtures/image-references.json. An empty line is none.
add_image() {
  [[ -n "$1" ]] || return 0
  [[ "$1" =~ ^([^[:space:]]+)(\ optional)?(\ warm=whole)?(\ smoke=([^[:space:]][^$'\r']*))?$ ]] ||
    fail "an image line is REFERENCE[ optional][ warm=whole][ smoke=COMMAND], found: $1"
  REFERENCES+=("${BASH_REMATCH[1]}")
  OPTIONAL+=("${BASH_REMATCH[2]:+yes}")
  WHOLE+=("${BASH_REMATCH[3]:+yes}")
  SMOKE+=("${BASH_REMATCH[5]}")
}

# drop_image INDEX: an optional image that failed is left out; the failure of any other is the build's.
drop_image() {
  [[ -n "${OPTIONAL[$1]}" ]] || fail "${REFERENCES[$1]}: $2"
  log "left out, since it is optional: ${REFERENCES[$1]}: $2"
  unset "REFERENCES[$1]"
}
