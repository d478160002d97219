# shellcheck shell=bash
# The consumer's own script.

# run_user_script: in the place of this process, so that its exit code is its own. Not below /run, which may be mounted noexec.
run_user_script() {
  [[ -n "${USER_SCRIPT:-}" ]] || return 0
  local script="$WORKER_HOME/user-script"
  base64 -d <<<"$USER_SCRIPT" | gzip -d >"$script"
  chmod 700 "$script"
  export -n USER_SCRIPT
  exec "$script"
}
