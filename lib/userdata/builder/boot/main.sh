# shellcheck shell=bash
# The first half of a builder, which is all that its user data holds: what ends the instance whatever happens, what tells of it, and what reads the second
# half (docs/decisions/0015-builder-in-two-halves.md).

# main: the exit trap ends the build however it goes. Nothing is asked of a network before the watchdog is armed.
main() {
  # First of all: whatever goes wrong from here on, the instance goes.
  trap end_build EXIT
  mkdir -p "$RUN"
  rm -f -- "$RUN/failure"
  open_log
  decode_settings "${COMMON_SETTINGS[@]}" "${BUILDER_SETTINGS[@]}" || fail "the settings are not whole"
  # The power goes soon: no time for a look at the store.
  trap 'STORE_DOUBT=; exit 143' INT TERM HUP
  trap 'report_error "$LINENO" "$BASH_COMMAND"' ERR
  arm_watchdog
  export_proxy
  read_instance
  start_shipping
  step 'reading the second half of the script' read_script
  # shellcheck source=/dev/null
  source "$RUN/build.sh"
  build
}

# read_script: from parameters, gzipped in base64, into $RUN/build.sh. It runs only if it is the one that this user data was made with.
read_script() {
  aws read-parameters "$SCRIPT_PARAMETER_PATH" | base64 -d | gunzip >"$RUN/build.sh" || true
  [[ "$(sha256sum <"$RUN/build.sh")" == "$SCRIPT_SHA256  -" ]] ||
    fail "the parameters below $SCRIPT_PARAMETER_PATH are not the script with the SHA-256 $SCRIPT_SHA256: start another build if Terraform has just replaced them, else apply the builder again"
}
