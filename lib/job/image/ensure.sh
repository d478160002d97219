# shellcheck shell=bash
# From a tag to an image that a job can use: found on this machine, else in the registry, else built and pushed.

# ensure_image: sets job_image. Returns 1 if there is no image, or none in the registry though that is what the job is for. job_unshared is then or else
# why nothing is shared with others; job_login_kept is true if the next command has to pull with the login in DOCKER_CONFIG.
ensure_image() {
  job_image='' job_unshared='' job_login_kept=false job_here_before=false
  read_transfer_seconds
  # With skip-pull-from-cache the registry is what counts.
  if [[ "${job_option[local]}" == true && "${job_option["skip-pull-from-cache"]}" == false ]] && find_here; then return 0; fi
  name_shared
  [[ -n "$job_unshared" ]] || log_in || job_unshared="there is no login to $(registry_host): $job_why"
  if [[ -z "$job_unshared" ]]; then
    [[ "${job_option[push]}" == never || "${job_option["registry-provider"]}" == gcr ]] || configure_repository
    ! find_shared || return 0
  fi
  [[ -z "$job_unshared" ]] || ! must_share || refuse_unshared || return 1
  # Then another job of this machine may be using it.
  if must_share && is_here; then job_here_before=true; fi
  build_image && share_image
}

# name_image: sets job_image, and asks AWS only if it must. Returns 1 if nobody can tell: what ensure would call it then is not here.
name_image() {
  job_image='' job_unshared=''
  name_known || name_here || name_shared
  [[ -z "$job_unshared" ]] || fail "$job_unshared. The image is not on this machine either: run ensure first."
}

# name_known: sets job_image if the options and settings tell it.
name_known() {
  if [[ "${job_option["registry-provider"]}" == gcr ]]; then name_google; else name_ecr; fi
}

# name_shared: sets job_image to the name in the registry. If the account cannot be told it is a name that Docker looks for nowhere else, and job_unshared
# says why.
name_shared() {
  name_known || try 'asking AWS for the account' name_by_caller && return
  job_image="localhost/${job_option["ecr-name"]}"
  job_unshared="the account is not known: $job_why"
}
