# shellcheck shell=bash
# Options of the command, and the words behind -- , which are docker's. The options are those of options.json.

job_texts=(app branch mode region account-id)
job_flags=(read-only print plain)
# Also sets job_words to what stands behind --, and job_invalidate to the build argument's value, or unset.
declare -A job_option=()
declare -a job_words=()

# read_options WORD...: returns 2 if one is not understood.
read_options() {
  local job_name job_value
  job_option=() job_words=()
  unset job_invalidate
  while (($# > 0)); do
    if [[ "$1" == -- ]]; then
      shift
      job_words=("$@")
      break
    fi
    [[ "$1" == --?* ]] || refuse "found $1, expected an option that begins with --, or -- and then the words of docker buildx build" || return
    job_name="${1#--}" job_value=''
    if [[ "$job_name" == *=* ]]; then
      job_value="${job_name#*=}" job_name="${job_name%%=*}"
      shift
    elif is_one_of "$job_name" "${job_texts[@]}" && (($# > 1)); then
      job_value="$2"
      shift 2
    elif is_one_of "$job_name" "${job_flags[@]}" invalidate; then
      job_value=true
      [[ "$job_name" != invalidate ]] || job_value="$(date -u '+%Y-%m-%dT%H%M:%SZ')"
      shift
    else
      refuse "found $1, expected one of the options, with its value; those of docker buildx build stand behind --" || return
    fi
    take_option "$job_name" "$job_value" || return
  done
  check_options
}

# take_option NAME VALUE
take_option() {
  if [[ "$1" == invalidate ]]; then
    job_invalidate="$2"
  else
    is_one_of "$1" "${job_texts[@]}" "${job_flags[@]}" || refuse "found --$1, expected one of the options; those of docker buildx build stand behind --" || return
    job_option[$1]="$2"
  fi
}

# expect NAME PATTERN MEANING: returns 2 if an option is given, and is another.
expect() {
  [[ -z "${job_option[$1]+given}" || "${job_option[$1]}" =~ ^($2)$ ]] || refuse "--$1 is \"${job_option[$1]}\", expected $3"
}

# check_options: returns 2 if one is wrong. Fills those that have a default.
check_options() {
  # Else a range such as A-Z has letters of other alphabets, too.
  local LC_ALL=C
  local job_name
  for job_name in "${job_flags[@]}"; do
    expect "$job_name" 'true|false' 'no value' || return
    job_option[$job_name]="${job_option[$job_name]:-false}"
  done
  expect mode 'max|min' 'max or min' || return
  expect app '[A-Za-z0-9][A-Za-z0-9._-]{0,62}' 'a letter or digit and then letters, digits, . _ or -, 63 at most: no slash' || return
  expect region '[a-z]+(-[a-z0-9]+)+' 'a region of AWS' || return
  expect account-id '[0-9]{12}' '12 digits' || return
  [[ -z "${job_option[branch]+given}" || -n "${job_option[branch]}" ]] || refuse '--branch is empty, expected the name of a branch' || return
  job_option[mode]="${job_option[mode]:-max}"
  job_option[region]="${job_option[region]:-${job_set_region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}}"
  [[ -z "$job_set_entry" || "${job_option[region]}" =~ ^[a-z]+(-[a-z0-9]+)+$ ]] || refuse "the region is \"${job_option[region]}\", expected --region, or a region of AWS in AWS_REGION" || return
  [[ -n "${job_option[app]:-}" ]] || job_option[app]="$(find_app)"
}
