# shellcheck shell=bash
# Options: where they are read, and what they may be. options.json says what they mean; a test holds the two equal.

# Names by kind, beside the map ecr-tags. Keys of job_option stand in quotes: shfmt takes a bare hyphen
# for a minus.
job_texts=(additional-build-args dockerfile dockerfile-inline target context max-age-days export-env-variable registry-provider ecr-name region gcp-project
  registry-hostname push tag-length)
job_switches=(skip-pull-from-cache strict push-latest local)
job_lists=(build-args cache-on secrets)
job_see_help='--help lists them'

# print_help: what a command of the script takes.
print_help() {
  local job_name
  say 'bash SCRIPT tag|ensure|env [OPTION…]'
  say
  say 'tag prints the tag; ensure makes the image available here and prints its name; env prints variables for a shell.'
  say
  for job_name in "${job_texts[@]}"; do say "  --$job_name VALUE"; done
  for job_name in "${job_lists[@]}"; do say "  --$job_name VALUE, any number of times"; done
  say '  --ecr-tags KEY=VALUE, any number of times'
  for job_name in "${job_switches[@]}"; do say "  --$job_name true|false"; done
  say '  --from-environment: read these from the variables of the Buildkite plugin'
  say '  --dry-run, of ensure: say what would be looked for, and ask nobody'
}

# clear_options: none is given.
clear_options() {
  unset job_option
  declare -gA job_option=()
  job_build_args=() job_cache_on=() job_secrets=() job_tags_json='[]'
}

# read_environment: options from the variables that Buildkite's agent makes of a pipeline's YAML. Their prefix has the plugin's name.
read_environment() {
  local job_name job_variable job_prefix="${BUILDKITE_PLUGIN_NAME:-DOCKER_ECR_CACHE}"
  job_prefix="${job_prefix^^}"
  job_prefix="BUILDKITE_PLUGIN_${job_prefix//[^A-Z0-9]/_}"
  for job_name in "${job_texts[@]}" "${job_switches[@]}"; do
    job_variable="${job_prefix}_$(spell_variable "$job_name")"
    [[ -z "${!job_variable:-}" ]] || job_option[$job_name]="${!job_variable}"
  done
  read_list build-args job_build_args
  read_list cache-on job_cache_on
  read_list secrets job_secrets
  read_tags
  warn_of_unknown
}

# warn_of_unknown: a misspelt option would be left out in silence, and the tag be that of another image.
warn_of_unknown() {
  local job_variable job_name job_known=' EXPORT_IMAGE EXPORT_TAG '
  for job_name in "${job_texts[@]}" "${job_switches[@]}" "${job_lists[@]}"; do job_known+="$(spell_variable "$job_name") "; done
  while read -r job_variable; do
    [[ "$job_variable" == "${job_prefix}_"* ]] || continue
    job_name="${job_variable#"${job_prefix}_"}"
    [[ "$job_name" != ECR_TAGS_* ]] || continue
    [[ ! "$job_name" =~ ^(BUILD_ARGS|CACHE_ON|SECRETS)_[0-9]+$ ]] || continue
    [[ "$job_known" == *" $job_name "* ]] || warn "$job_variable is none of the options, and counts for nothing"
  done < <(compgen -e)
}

# spell_variable NAME: an option's name as it stands in variables.
spell_variable() {
  local job_spelled="${1^^}"
  printf %s "${job_spelled//-/_}"
}

# read_list NAME ARRAY: the variable itself first, then the numbered ones in byte order of NAME=value, so 0, 10, 11, 1, 2.
read_list() {
  local job_variable
  local -n job_array="$2"
  job_variable="${job_prefix}_$(spell_variable "$1")"
  [[ -z "${!job_variable:-}" ]] || job_array+=("${!job_variable}")
  while read -r job_variable; do job_array+=("${!job_variable}"); done < <(list_numbered "$job_variable")
}

# list_numbered VARIABLE: names of the exported variables VARIABLE_0 and so on.
list_numbered() {
  local job_found
  compgen -e | while read -r job_found; do
    [[ ! "$job_found" =~ ^"$1"_[0-9]+$ ]] || printf '%s=\n' "$job_found"
  done | LC_ALL=C sort | tr -d =
}

# read_tags: from the agent's JSON of the configuration, which keeps the case of keys; else from variables, whose names are in capitals.
read_tags() {
  job_tags_json="$(jq -cn --arg prefix "${job_prefix}_ECR_TAGS_" '
    (try (env.BUILDKITE_PLUGIN_CONFIGURATION | fromjson | .["ecr-tags"]) catch null) as $given
    | if ($given | type) == "object" then $given
      else env | with_entries(select(.key | startswith($prefix)) | .key |= ltrimstr($prefix)) end
    | to_entries | sort_by(.key) | map({Key: .key, Value: (.value | if type == "string" then . elif . == null then "" else tojson end)})')"
}

# read_arguments ARGUMENT...: options as --NAME VALUE or --NAME=VALUE, lists repeated, switches also without a value.
# --dry-run sets job_dry_run. Returns 2 if one is not understood.
read_arguments() {
  local job_name job_value job_from_environment='' job_others=''
  while (($# > 0)); do
    case "$1" in
      --from-environment) job_from_environment=1 ;;
      --dry-run) job_dry_run=1 ;;
    esac
    if [[ "$1" == --from-environment || "$1" == --dry-run ]]; then
      shift
      continue
    fi
    job_others="$1"
    [[ "$1" == --?* ]] || refuse "found $1, expected an option that begins with --" || return 2
    job_name="${1#--}"
    if [[ "$job_name" == *=* ]]; then
      job_value="${job_name#*=}" job_name="${job_name%%=*}"
    elif is_one_of "$job_name" "${job_switches[@]}"; then
      job_value=true
      if [[ "${2:-}" == true || "${2:-}" == false ]]; then
        job_value="$2"
        shift
      fi
    elif is_one_of "$job_name" "${job_texts[@]}" "${job_lists[@]}" ecr-tags && (($# > 1)); then
      job_value="$2"
      shift
    else
      refuse "found $1, expected one of the options, with a value; $job_see_help" || return 2
    fi
    shift
    take_option "$job_name" "$job_value" || return 2
  done
  [[ -n "$job_from_environment" ]] || return 0
  [[ -z "$job_others" ]] || refuse "found $job_others beside --from-environment, which reads the options from variables instead" || return 2
  read_environment
}

# take_option NAME VALUE
take_option() {
  case "$1" in
    build-args) job_build_args+=("$2") ;;
    cache-on) job_cache_on+=("$2") ;;
    secrets) job_secrets+=("$2") ;;
    ecr-tags)
      [[ "$2" == ?*=* ]] || refuse "--ecr-tags is \"$2\", expected KEY=VALUE" || return 2
      job_tags_json="$(jq -c --arg key "${2%%=*}" --arg value "${2#*=}" 'map(select(.Key != $key)) + [{Key: $key, Value: $value}]' <<<"$job_tags_json")"
      ;;
    *)
      is_one_of "$1" "${job_texts[@]}" "${job_switches[@]}" || refuse "found --$1, expected one of the options; $job_see_help" || return 2
      job_option[$1]="$2"
      ;;
  esac
}

# default NAME VALUE: what an option is if it is not given, or empty.
default() { [[ -n "${job_option[$1]:-}" ]] || job_option[$1]="$2"; }

# fill_options: defaults, of the deployment's settings where there are some. Returns 1 if two options exclude each other.
fill_options() {
  local job_name job_repository='build-cache'
  if [[ -n "${job_option[dockerfile]:-}" && -n "${job_option["dockerfile-inline"]:-}" ]]; then
    fail "Cannot specify both 'dockerfile' and 'dockerfile-inline'."
    return
  fi
  job_repository+="${BUILDKITE_ORGANIZATION_SLUG:+/$BUILDKITE_ORGANIZATION_SLUG}${BUILDKITE_PIPELINE_SLUG:+/$BUILDKITE_PIPELINE_SLUG}"
  default dockerfile Dockerfile
  default max-age-days "${job_set_max_age_days:-7}"
  default export-env-variable BUILDKITE_PLUGIN_DOCKER_IMAGE
  default registry-provider ecr
  default ecr-name "${job_set_repository:-$job_repository}"
  default region "${job_set_region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-eu-west-1}}}"
  default registry-hostname gcr.io
  default push auto
  default tag-length 7
  default skip-pull-from-cache false
  for job_name in strict push-latest local; do default "$job_name" true; done
  for job_name in "${job_texts[@]}"; do default "$job_name" ''; done
  job_registry="${job_set_registry:-}"
}

# expect NAME PATTERN MEANING: returns 1 if an option's value is another.
expect() {
  [[ "${job_option[$1]}" =~ ^($2)$ ]] || fail "$1 is \"${job_option[$1]}\", expected $3"
}

# expect_number NAME LEAST MOST
expect_number() {
  local job_value="${job_option[$1]}"
  if [[ "$job_value" =~ ^[0-9]{1,9}$ ]] && ((10#$job_value >= $2 && 10#$job_value <= $3)); then
    job_option[$1]=$((10#$job_value))
  else
    fail "$1 is \"$job_value\", expected a whole number from $2 to $3"
  fi
}

# check_tag_options: what the tag depends on. Says all that is wrong, and returns 1 then.
check_tag_options() {
  local job_name job_argument job_wrong=0
  expect_number tag-length 7 40 || job_wrong=1
  expect strict 'true|false' 'true or false' || job_wrong=1
  for job_argument in "${job_build_args[@]}"; do
    [[ -n "$job_argument" && "$job_argument" != =* ]] || fail "build-args has one without a name, expected NAME or NAME=VALUE" || job_wrong=1
  done
  return "$job_wrong"
}

# check_options: all of them. Returns 1, or what the original returns for a provider.
check_options() {
  local job_name job_wrong=0
  check_tag_options || job_wrong=1
  check_provider || return
  expect_number max-age-days 1 3650 || job_wrong=1
  expect export-env-variable '[A-Za-z_][A-Za-z0-9_]*' 'the name of a variable' || job_wrong=1
  expect ecr-name '[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*' 'the name of a repository, in lower case' || job_wrong=1
  expect region '[a-z]+(-[a-z0-9]+)+' 'a region of AWS' || job_wrong=1
  expect push 'auto|always|never' 'auto, always or never' || job_wrong=1
  for job_name in push-latest local; do expect "$job_name" 'true|false' 'true or false' || job_wrong=1; done
  # As the original, for which all but true is false.
  [[ "${job_option["skip-pull-from-cache"]}" =~ ^(true|false)$ ]] || {
    warn "skip-pull-from-cache is \"${job_option["skip-pull-from-cache"]}\", which counts as false: only true is true"
    job_option["skip-pull-from-cache"]=false
  }
  check_secrets || job_wrong=1
  return "$job_wrong"
}

# check_provider: the exit codes 67 and 34 are the original's.
check_provider() {
  local job_host='[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?'
  case "${job_option["registry-provider"]}" in
    ecr) ;;
    gcr)
      [[ -n "${job_option["gcp-project"]}" ]] || fail 'gcp-project in plugin settings must have a value.' || return 34
      expect gcp-project '[a-z0-9][a-z0-9._/:-]*' 'the id of a project' || return 1
      expect registry-hostname "$job_host" 'the host of a registry' || return 1
      ;;
    *)
      fail "Failed to source registry-provider. registry-provider is \"${job_option["registry-provider"]}\" and must be set to one of [ecr, gcr]" || return 67
      ;;
  esac
}

# check_secrets: each becomes an argument of docker build, so none may hold a value. Returns 1 if one is neither id=… nor a name; it is not shown.
check_secrets() {
  local job_index job_secret
  for job_index in "${!job_secrets[@]}"; do
    job_secret="${job_secrets[job_index]}"
    if [[ "$job_secret" =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then
      job_secrets[job_index]="id=$job_secret,env=$job_secret"
    elif [[ "$job_secret" != id=?* ]]; then
      fail "secrets: number $((job_index + 1)) is neither the name of a variable nor id=…; its value is not shown here" || return 1
    fi
  done
}
