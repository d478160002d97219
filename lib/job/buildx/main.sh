# shellcheck shell=bash
# docker buildx build, with the layers of earlier builds of the branch and of the protected branches. All variables of lib/job begin with job_: build arguments
# and secrets read the job's environment, and a variable of bash would stand in for one of the same name, for docker too.

job_settings=(job_set_entry job_set_region job_set_backend job_set_bucket job_set_account job_set_protected job_set_builder job_set_image job_set_keep_gib job_set_mirrors)

# main OPTION... -- WORD...: returns what buildx returns; 2 if an option is not understood.
main() {
  local job_status=0
  # What a caller may have handed down by SHELLOPTS; a trace would show values of build arguments.
  set +o xtrace +o errexit +o noglob +o noclobber +o allexport -o nounset -o pipefail
  shopt -u failglob nullglob dotglob nocasematch nocaseglob
  export -n SHELLOPTS BASHOPTS
  # Docker is content without standard input; a descriptor cannot be made of it.
  [[ -e /proc/self/fd/0 || -e /dev/fd/0 ]] || exec </dev/null
  IFS=$' \t\n'
  job_program='docker-cache buildx' job_why='' job_why_plain='' job_why_again='' job_fetching='' job_builder='' job_summary='' job_input='' job_input_copy=''
  if [[ "${1:-}" == --help || "${1:-}" == help ]]; then
    print_help
    return
  fi
  ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || fail "found bash $BASH_VERSION, expected 4.4 or later" || return
  decode_settings "${job_settings[@]}" || return
  read_options "$@" || return
  read_words
  check_words || return
  find_branch
  find_names
  if [[ "${job_option[print]}" == true ]]; then
    print_line
    return
  fi
  warn_of_output
  name_build_args
  require_buildx || return
  prepare || return
  build || job_status=$?
  report "$job_status"
  return "$job_status"
}

# print_line: nothing is done. A plain build is printed as that.
print_line() {
  job_builder="$job_set_builder"
  why_off
  if [[ -z "$job_why_plain" ]]; then
    find_place || warn "ACCOUNT_ID stands for the account, which is not known; name it by --account-id. $job_why"
    [[ -n "$job_own" ]] || note 'the line writes nothing: the branch is not known; name it by --branch'
    compose_line cache || return 2
  else
    note "the line has no cache: $job_why_plain"
    compose_line plain
  fi
  [[ -z "$job_look_given" ]] || job_line+=("--progress=$job_look_given")
  quote "${job_line[@]}"
}

# why_off: sets job_why_plain if there is no cache, or it is not wanted. If it is off, or nowhere, nothing of ours has a part in the build.
why_off() {
  [[ "$job_quiet" == false ]] || job_why_plain='found --quiet, which hides what BuildKit tells of the cache'
  [[ "${job_option[plain]}" == false ]] || job_why_plain='--plain'
  [[ -n "$job_set_entry" ]] || job_why_plain='the configuration has no section layer_cache' job_builder=''
  [[ "${DOCKER_CACHE_LAYER_CACHE:-}" != off ]] || job_why_plain='DOCKER_CACHE_LAYER_CACHE is off' job_builder=''
}

# warn_of_output: as buildx does, which says so at the end of what may be a long log.
warn_of_output() {
  [[ "$job_outputs" == true ]] || warn 'found none of --push, --load and --output: nothing of this build will remain but its layers in the cache'
}

# prepare: place, login and builder. What fails there makes a plain build; returns 1 if the builder cannot be used for any.
prepare() {
  local job_status=0
  job_builder="$job_set_builder"
  why_off
  [[ -n "$job_builder" ]] || return 0
  make_work || {
    job_why_plain="${job_why_plain:-there is no folder for what BuildKit tells}" job_builder=''
    return 0
  }
  [[ -n "$job_why_plain" ]] || find_reason
  if find_place; then
    log_in || warn "there is no login to $job_registry: $job_why"
    [[ -n "$job_why_plain" ]] || fetch_manifests
  else
    job_why_plain="${job_why_plain:-the account is not known: $job_why}"
    job_set_mirrors=''
  fi
  find_builder || job_status=$?
  end_turn
  if ((job_status == 3)); then
    job_why_plain="${job_why_plain:-the builder $job_builder cannot be made: $job_why}"
    job_builder=''
    job_status=0
  fi
  return "$job_status"
}

# require_buildx: sets job_version. Returns 1 without it: nothing can be built then.
require_buildx() {
  local job_said
  command -v docker >/dev/null || fail 'found no command docker on this machine: install Docker, with buildx' || return
  job_said="$(bound 30 docker buildx version 2>/dev/null </dev/null)" ||
    fail 'docker has no buildx on this machine: install its plugin, such as the package docker-buildx or docker-buildx-plugin' || return
  job_version="$(tr -s '[:space:]' ' ' <<<"${job_said#* }")"
  job_version="${job_version% }"
}

# find_reason: sets job_why_plain if this machine cannot tell a failure of the cache from one of the build, which it must.
find_reason() {
  local job_command
  for job_command in jq sha256sum mkfifo; do
    command -v "$job_command" >/dev/null || job_why_plain="found no command $job_command on this machine, which reads what BuildKit tells: install it"
  done
  [[ -n "$job_why_plain" ]] || knows_rawjson || job_why_plain="found buildx $job_version, expected 0.13 or later, which tells of the cache in JSON"
}

# knows_rawjson: true if this buildx has --progress=rawjson. Builds of distributions may not say which version they are.
knows_rawjson() {
  [[ "$job_version" =~ ^v?([0-9]+)[.]([0-9]+) ]] || return 1
  ((10#${BASH_REMATCH[1]} > 0 || 10#${BASH_REMATCH[2]} >= 13))
}

print_help() {
  say 'docker buildx build, with the layers of earlier builds from a cache in S3 or ECR.
Usage: bash SCRIPT [--app NAME] [--branch NAME] [--mode max|min] [--read-only] [--invalidate[=VALUE]] [--print] [--plain] [--region REGION] [--account-id ID] -- WORD...
Words behind -- are those of docker buildx build. DOCKER_CACHE_LAYER_CACHE=off builds plainly.'
}
