# shellcheck shell=bash
# The login, into a configuration of Docker's that is this run's own.

# log_in: returns 1 and sets job_why if there is no login.
log_in() {
  local job_before="${DOCKER_CONFIG:-}"
  if [[ "${job_option["registry-provider"]}" == gcr ]]; then
    log_in_google
    return
  fi
  make_login_folder && try "login to $(registry_host)" log_in_ecr && return
  # What logins the user has are better then.
  if [[ -n "$job_before" ]]; then DOCKER_CONFIG="$job_before"; else unset DOCKER_CONFIG; fi
  return 1
}
