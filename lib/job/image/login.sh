# shellcheck shell=bash
# The login, into a configuration of Docker's that is this run's own.

# log_in: returns 1 and sets job_why if there is no login.
log_in() {
  if [[ "${job_option["registry-provider"]}" == gcr ]]; then
    log_in_google
    return
  fi
  log_in_apart
}
