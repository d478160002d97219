# shellcheck shell=bash
# The words of docker buildx build, read as it reads them (pflag): what of them matters here. They are handed on as they are, except that --progress is
# how this script shows what BuildKit tells.

# Options without a value (docker/buildx, commands/build.go). Every other one has its value behind = or in the next word.
job_switches=(check debug force-rm help load no-cache pull push quiet rm squash compress stream detach)

# read_words: from job_words. Sets job_outputs to true if something will remain of the build; job_look to how progress is shown, job_look_given to what of it was asked for; job_builder_given;
# job_reads_input to true if standard input is read; job_build_args to NAME=VALUE or NAME; and job_words without --progress.
read_words() {
  local -a job_left=("${job_words[@]}") job_kept=()
  local job_word job_name job_value job_context=''
  job_outputs=false job_look=plain job_look_given='' job_builder_given='' job_reads_input=false job_build_args=() job_quiet=false
  while ((${#job_left[@]} > 0)); do
    job_word="${job_left[0]}" job_left=("${job_left[@]:1}") job_value=''
    case "$job_word" in
      --)
        job_kept+=(-- "${job_left[@]}")
        [[ -n "$job_context" || ${#job_left[@]} -eq 0 ]] || job_context="${job_left[0]}"
        break
        ;;
      --*)
        job_name="${job_word#--}"
        if [[ "$job_name" == *=* ]]; then
          job_value="${job_name#*=}" job_name="${job_name%%=*}"
          [[ "$job_name" == progress ]] || job_kept+=("$job_word")
        elif is_one_of "$job_name" "${job_switches[@]}" || ((${#job_left[@]} == 0)); then
          job_value=true
          job_kept+=("$job_word")
        else
          job_value="${job_left[0]}" job_left=("${job_left[@]:1}")
          [[ "$job_name" == progress ]] || job_kept+=("$job_word" "$job_value")
        fi
        see_option "$job_name" "$job_value"
        ;;
      -?*)
        job_kept+=("$job_word")
        read_letters "${job_word#-}" "${job_left[@]:0:1}" || {
          job_kept+=("${job_left[@]:0:1}")
          job_left=("${job_left[@]:1}")
        }
        ;;
      *)
        job_kept+=("$job_word")
        [[ -n "$job_context" ]] || job_context="$job_word"
        ;;
    esac
  done
  [[ "$job_context" != - ]] || job_reads_input=true
  job_words=("${job_kept[@]}")
}

# read_letters LETTERS NEXT: short options, the last of which may have its value behind it. Returns 1 if that is NEXT.
read_letters() {
  local job_letters="$1"
  while [[ -n "$job_letters" ]]; do
    case "${job_letters:0:1}" in
      q)
        if [[ "${job_letters:1:1}" == = ]]; then
          see_option quiet "${job_letters:2}"
          return 0
        fi
        see_option quiet true
        ;;
      f | o | t)
        job_value="${job_letters:1}"
        job_value="${job_value#=}"
        [[ -n "${job_letters:1}" ]] || job_value="${2:-}"
        case "${job_letters:0:1}" in f) see_option file "$job_value" ;; o) see_option output "$job_value" ;; esac
        [[ -n "${job_letters:1}" ]]
        return
        ;;
    esac
    job_letters="${job_letters:1}"
  done
}

# see_option NAME VALUE
see_option() {
  case "$1" in
    push | load) [[ "$2" == false ]] || job_outputs=true ;;
    output | check | call) job_outputs=true ;;
    quiet) [[ "$2" == false ]] || job_quiet=true ;;
    progress)
      job_look="$2" job_look_given="$2"
      [[ "$2" != quiet && "$2" != none ]] || job_quiet=true
      ;;
    builder) job_builder_given="$2" ;;
    file) [[ "$2" != - ]] || job_reads_input=true ;;
    build-arg) job_build_args+=("$2") ;;
  esac
}

# check_words: returns 2 if there is no line to make of them. --builder names another, with other layers.
check_words() {
  ((${#job_words[@]} > 0)) || refuse 'found nothing behind --, expected the words of docker buildx build, such as -- --push -t IMAGE .' || return
  [[ -z "$job_builder_given" ]] || refuse "found --builder $job_builder_given behind --, expected none: the builder is the entry's, $job_set_builder" || return
}

# name_build_args: prints the line that tells which build arguments have changed between two logs: names, and 8 hex digits of the SHA-256 of each value.
name_build_args() {
  local job_argument job_name job_listed=''
  for job_argument in "${job_build_args[@]}" ${job_invalidate+"cache_invalidator=$job_invalidate"}; do
    job_name="${job_argument%%=*}"
    job_listed+=", $job_name "
    if [[ "$job_argument" == *=* ]]; then
      job_listed+="$(hash_of "${job_argument#*=}" 8)"
    elif [[ "$job_name" =~ ^[A-Za-z_][A-Za-z0-9_]*$ && -n "${!job_name+given}" ]]; then
      job_listed+="$(hash_of "${!job_name}" 8)"
    else
      job_listed+='(not set)'
    fi
  done
  [[ -z "$job_listed" ]] || note "build arguments: ${job_listed#, }"
}
