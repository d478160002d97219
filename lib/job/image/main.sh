# shellcheck shell=bash
# What a job calls: tag, ensure, env, or hook, which is ensure for Buildkite. All variables of lib/job begin with job_: build arguments and secrets read
# the job's environment, and a variable of bash would stand in for one of the same name, for docker too.

job_settings=(job_set_repository job_set_region job_set_max_age_days job_set_registry)

main() {
  local job_action="${1:-}" job_dry_run='' job_status=0
  (($# == 0)) || shift
  # What a caller may have handed down by SHELLOPTS; a trace would show values of build arguments.
  set +o xtrace +o errexit +o noglob +o noclobber +o allexport -o nounset -o pipefail
  IFS=$' \t\n'
  if [[ "$job_action" == help || " $job_action ${1:-} " == *' --help '* ]]; then
    print_help
    return
  fi
  decode_settings "${job_settings[@]}" || return 1
  require_commands "$job_action" || return 1
  read_options "$job_action" "$@" || job_status=$?
  # A pipeline's mistakes have the original's exit codes; a command's are not understood.
  ((job_status == 0)) || [[ "$job_action" == hook ]] || job_status=2
  ((job_status == 0)) || return "$job_status"
  compute_tag || return 1
  case "$job_action" in
    tag) say "$job_tag" ;;
    env) name_image && print_exports ;;
    # What docker leaves running would keep the hook waiting for the end of descriptor 3.
    hook) make_work && ensure_image 3>&- && hand_over ;;
    ensure)
      if [[ -n "$job_dry_run" ]]; then
        name_known || job_image="${job_option["ecr-name"]}"
        say "would look for $job_image:$job_tag in ${job_option[region]}, and build it if it is nowhere"
      else
        # Standard output is the answer alone. A login is kept by the hook only: another one removes it.
        { make_work && ensure_image && job_login_kept=false; } >&2 && say "$job_image:$job_tag"
      fi
      ;;
  esac
}

# read_options ACTION ARGUMENT...: reads and checks them before anything is asked of anybody.
read_options() {
  local job_action="$1"
  shift
  clear_options
  case "$job_action" in
    hook)
      job_program=docker-ecr-cache
      read_environment
      ;;
    tag | ensure | env)
      job_program="docker-cache image $job_action"
      read_arguments "$@" || return
      ;;
    *)
      fail "found \"$job_action\", expected tag, ensure or env"
      return
      ;;
  esac
  fill_options || return
  if [[ "$job_action" == tag ]]; then check_tag_options; else check_options; fi
}

# require_commands ACTION
require_commands() {
  local job_command
  ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || fail "found bash $BASH_VERSION, expected 4.4 or later" || return 1
  local -a job_commands=(jq sha1sum)
  [[ "$1" == tag ]] || job_commands+=(docker)
  for job_command in "${job_commands[@]}"; do
    command -v "$job_command" >/dev/null || fail "found no command $job_command on this machine: install it" || return 1
  done
}

# make_work: a folder for this run alone, removed at its end. Sets job_work, job_outer, which is the one to remove if a login is kept, and job_dockerfile.
make_work() {
  local job_under="${TMPDIR:-/tmp}"
  [[ "$job_under" == /* && -d "$job_under" && -w "$job_under" ]] || job_under=/tmp
  # A step can have the plugin twice, and pre-exit knows one folder.
  job_outer="${DOCKER_ECR_CACHE_FOLDER:-}"
  if [[ "$job_outer" =~ ^/.*/docker-ecr-cache\.[A-Za-z0-9]{8}$ && -d "$job_outer" ]]; then job_under="$job_outer"; else job_outer=''; fi
  job_work="$(mktemp -d "$job_under/docker-ecr-cache.XXXXXXXX")" || return 1
  job_outer="${job_outer:-$job_work}"
  trap remove_work EXIT
  job_dockerfile="${job_option[dockerfile]}"
  [[ -n "${job_option["dockerfile-inline"]}" ]] || return 0
  mkdir "$job_work/inline" && printf '%s\n' "${job_option["dockerfile-inline"]}" >"$job_work/inline/Dockerfile" || return 1
  job_dockerfile="$job_work/inline/Dockerfile"
}

remove_work() { [[ "${job_login_kept:-}" == true ]] || rm -rf -- "$job_work"; }
