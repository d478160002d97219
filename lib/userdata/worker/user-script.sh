# shellcheck shell=bash
# The consumer's own script.

# run_user_script: in the place of this process, so that its exit code is its own. Not below /run, which may be mounted noexec.
run_user_script() {
  [[ -n "${USER_SCRIPT:-}" ]] || return 0
  printf %s "$USER_SCRIPT" | base64 --decode | gzip --decompress >"$WORKER_HOME/user-script"
  chmod 700 "$WORKER_HOME/user-script"
  unset USER_SCRIPT
  exec "$WORKER_HOME/user-script"
}
