# shellcheck shell=bash
# The image in the registry: pulled, or looked for. What Docker says of a failure is for people: the registry is asked instead.

# read_transfer_seconds: sets job_transfer_seconds, how long a pull or a push may take before it counts as a stall.
read_transfer_seconds() {
  job_transfer_seconds="${DOCKER_ECR_CACHE_TRANSFER_SECONDS:-900}"
  [[ ! "$job_transfer_seconds" =~ ^[1-9][0-9]{0,5}$ ]] || return 0
  warn "DOCKER_ECR_CACHE_TRANSFER_SECONDS is \"$job_transfer_seconds\", expected a whole number from 1 to 999999; it is taken as 900"
  job_transfer_seconds=900
}

# transfer ARGUMENT...: docker pull or push. Returns 2 after a stall, which is not tried again, and 1 after any other failure.
transfer() {
  local job_status=0
  bound "$job_transfer_seconds" docker "$@" || job_status=$?
  ((job_status != 0)) || return 0
  job_why="docker $1 failed with status $job_status"
  is_time_out "$job_status" || return 1
  job_why="docker $1 did not end within $job_transfer_seconds s (DOCKER_ECR_CACHE_TRANSFER_SECONDS)"
  return 2
}

# look_up_tag: returns 0 if the registry has the tag, 3 if it has not, else sets job_why: 1 if it cannot be told now, 2 if another try cannot help.
look_up_tag() {
  if [[ "${job_option["registry-provider"]}" == gcr ]]; then look_in_google; else look_in_ecr; fi
}

# find_shared: returns 0 if the image is in the registry, and on this machine too unless skip-pull-from-cache is set; 3 if it is not in the registry. Else
# sets job_unshared.
find_shared() {
  local job_status=0
  if [[ "${job_option["skip-pull-from-cache"]}" == true ]]; then
    try "looking for $job_image:$job_tag" look_up_tag || job_status=$?
  else
    group 'Pulling image'
    try "pulling $job_image:$job_tag" pull_once || job_status=$?
  fi
  case "$job_status" in
    0) ;;
    3)
      say "$job_image:$job_tag is not in the registry"
      return 3
      ;;
    *)
      job_unshared="whether the registry has the image, and can give it, is not known: $job_why"
      return 1
      ;;
  esac
  [[ "${job_option["skip-pull-from-cache"]}" == true ]] || return 0
  say 'Image exists, skipping pull'
  # The next command pulls it then, and needs the login.
  [[ "${job_option["registry-provider"]}" == gcr ]] || is_here || job_login_kept=true
}

# pull_once: returns 0 if the image was pulled, 3 if the registry has none, else sets job_why.
pull_once() {
  local job_status=0
  transfer pull "$job_image:$job_tag" || job_status=$?
  ((job_status == 1)) || return "$job_status"
  look_up_tag || return
  job_why='docker pull failed, though the registry has the image'
  return 1
}
