# shellcheck shell=bash
# The login to ECR, into a configuration of Docker's that is one run's own. Programs set job_work, a folder of the run, and have registry_host, which
# prints the host that the login is for.

# log_in_apart: into a folder of this run. Returns 1, with the user's own configuration as before, and sets job_why if there is no login.
log_in_apart() {
  local job_before="${DOCKER_CONFIG:-}"
  make_login_folder && try "login to $(registry_host)" log_in_ecr && return
  # What logins the user has are better then.
  if [[ -n "$job_before" ]]; then DOCKER_CONFIG="$job_before"; else unset DOCKER_CONFIG; fi
  return 1
}

# make_login_folder: sets DOCKER_CONFIG to a folder of this run, with all that is in the user's: a build needs the logins to other registries.
make_login_folder() {
  local job_from="${DOCKER_CONFIG:-}" job_entry
  [[ -n "$job_from" ]] || job_from=~/.docker
  [[ "$job_from" == /* ]] || job_from="$PWD/$job_from"
  job_why='a folder for the login cannot be made'
  mkdir -m 700 "$job_work/docker-config" || return 1
  for job_entry in "$job_from"/* "$job_from"/.[!.]*; do
    [[ -e "$job_entry" && "${job_entry##*/}" != config.json ]] || continue
    ln -s "$job_entry" "$job_work/docker-config/" || return 1
  done
  write_login_config "$job_from/config.json" >"$job_work/docker-config/config.json" || return 1
  export DOCKER_CONFIG="$job_work/docker-config"
}

# write_login_config FILE: the user's configuration, except that no helper or store keeps the login of this registry: an empty name of a helper is the
# file itself (docker/cli, cli/config/configfile/file.go, GetCredentialsStore).
write_login_config() {
  local job_host
  job_host="$(registry_host)"
  if [[ -e "$1" ]]; then
    jq --arg host "$job_host" 'if type == "object" then . else error("no object") end | .credHelpers[$host] = ""' "$1" 2>/dev/null && return
    warn "$1 cannot be read: the build has no logins from it"
  fi
  jq -n --arg host "$job_host" '{credHelpers: {($host): ""}}'
}

# log_in_ecr: one try. The password goes through a pipe, and nowhere else.
log_in_ecr() {
  local job_raw
  local -a job_statuses
  if ! command -v aws >/dev/null; then
    job_why='there is no AWS CLI (command aws) on this machine'
    return 2
  fi
  find_timeout
  # The outer braces keep what both say apart from the password.
  job_raw="$(
    {
      run_aws ecr get-login-password 2>&3 |
        bound 60 docker login --username AWS --password-stdin "$(registry_host)" 2>&1 >/dev/null
      printf '\036%s' "${PIPESTATUS[*]}"
    } 3>"$job_work/login-error"
  )"
  read -r -a job_statuses <<<"${job_raw##*$'\036'}"
  if ((job_statuses[0] != 0)); then
    explain_aws 'ecr get-login-password' "${job_statuses[0]}" "$(<"$job_work/login-error")"
    return 1
  fi
  ((job_statuses[1] != 0)) || return 0
  job_why="$(tr -s '[:space:]' ' ' <<<"${job_raw%$'\036'*}")"
  job_why="docker login: ${job_why% }"
  ! is_time_out "${job_statuses[1]}" || job_why='docker login: no answer within 60 s'
  return 1
}
