#!/usr/bin/env bash
job_set_repository=''
job_set_region=''
job_set_max_age_days=''
job_set_registry=''
# shellcheck shell=bash
# Made of lib/job/{shared,image}/*, where the comments are.
job_program=docker-cache
say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
group() { printf -- '--- %s\n' "$*"; }
warn() { printf '%s: warning: %s\n' "$job_program" "$*" >&2; }
fail() {
printf '%s: %s\n' "$job_program" "$*" >&2
return 1
}
refuse() {
fail "$@" || return 2
}
decode_settings() {
local job_setting job_decoded
for job_setting in "$@"; do
job_decoded="$(printf %s "${!job_setting:-}" | base64 -d)" || return 1
printf -v "$job_setting" %s "$job_decoded"
done
}
is_one_of() {
local job_wanted="$1" job_listed
shift
for job_listed in "$@"; do [[ "$job_listed" != "$job_wanted" ]] || return 0; done
return 1
}
bound() {
local job_seconds="$1"
shift
find_timeout
if ((${#job_timeout[@]} > 0)); then
"${job_timeout[@]}" "$job_seconds" "$@"
else
"$@"
fi
}
find_timeout() {
[[ -z "${job_timeout_sought:-}" ]] || return 0
job_timeout_sought=1
job_timeout=(timeout --foreground -k 10)
! "${job_timeout[@]}" 10 true 2>/dev/null || return 0
job_timeout=(timeout -k 10)
! "${job_timeout[@]}" 10 true 2>/dev/null || return 0
job_timeout=()
}
is_time_out() { [[ "$1" == 124 || "$1" == 137 || "$1" == 143 ]]; }
pause() { sleep "$1"; }
try() {
local job_what="$1" job_attempt job_status job_pause
shift
for job_attempt in 1 2 3; do
job_status=0
"$@" || job_status=$?
((job_status == 1)) || return "$job_status"
if ((job_attempt == 3)); then
note "attempt 3 of 3 failed: $job_what: $job_why"
else
job_pause=$((job_attempt * 4 - 2))
note "attempt $job_attempt of 3 failed: $job_what: $job_why; the next one in $job_pause s"
pause "$job_pause"
fi
done
return 1
}
job_aws_seconds=45
run_aws() {
AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off AWS_CLI_ERROR_FORMAT=legacy bound "$job_aws_seconds" aws "$@" --region "${job_option[region]}" --output json \
--cli-connect-timeout 5 --cli-read-timeout 20 </dev/null
}
ask_aws() {
local job_raw job_status
job_answer='' job_error='' job_why=''
if ! command -v aws >/dev/null; then
job_why='there is no AWS CLI (command aws) on this machine'
return 2
fi
find_timeout
job_raw="$(
    {
      job_said="$(run_aws "$@")"
      printf '\036%s\036%s' "$job_said" "$?"
    } 2>&1
  )"
job_status="${job_raw##*$'\036'}"
job_raw="${job_raw%$'\036'*}"
job_answer="${job_raw##*$'\036'}"
((job_status != 0)) || return 0
explain_aws "$1 $2" "$job_status" "${job_raw%$'\036'*}"
! is_decided || return 2
return 1
}
answers() { [[ "$(jq "$@" <<<"$job_answer" 2>/dev/null)" == true ]]; }
explain_aws() {
read_error_code "$3"
job_why="$(tr -s '[:space:]' ' ' <<<"$3")"
job_why="${job_why# }"
job_why="aws $1: ${job_why:-status $2}"
job_why="${job_why% }"
! is_time_out "$2" || job_why="aws $1: no answer within $job_aws_seconds s"
}
read_error_code() {
local job_line
local job_form='^(aws: \[ERROR\]: )?An error occurred \(([A-Za-z0-9.]+)\) when calling the [A-Za-z0-9]+ operation'
job_error=''
while IFS= read -r job_line; do
if [[ "$job_line" =~ $job_form ]]; then
job_error="${BASH_REMATCH[2]}"
return
fi
done <<<"$1"
}
is_decided() { [[ "$job_error" == *NotFoundException || "$job_error" == *AlreadyExistsException ]] || is_denied; }
is_denied() { [[ "$job_error" == AccessDeniedException || "$job_error" == AccessDenied ]]; }
partition_of() {
case "$1" in
cn-*) echo aws-cn amazonaws.com.cn ;;
eusc-*) echo aws-eusc amazonaws.eu ;;
us-gov-*) echo aws-us-gov amazonaws.com ;;
us-isob-*) echo aws-iso-b sc2s.sgov.gov ;;
us-isof-*) echo aws-iso-f csp.hci.ic.gov ;;
us-iso-*) echo aws-iso c2s.ic.gov ;;
eu-isoe-*) echo aws-iso-e cloud.adc-e.uk ;;
*) echo aws amazonaws.com ;;
esac
}
log_in_apart() {
local job_before="${DOCKER_CONFIG:-}"
make_login_folder && try "login to $(registry_host)" log_in_ecr && return
if [[ -n "$job_before" ]]; then DOCKER_CONFIG="$job_before"; else unset DOCKER_CONFIG; fi
return 1
}
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
write_login_config() {
local job_host
job_host="$(registry_host)"
if [[ -e "$1" ]]; then
jq --arg host "$job_host" 'if type == "object" then . else error("no object") end | .credHelpers[$host] = ""' "$1" 2>/dev/null && return
warn "$1 cannot be read: the build has no logins from it"
fi
jq -n --arg host "$job_host" '{credHelpers: {($host): ""}}'
}
log_in_ecr() {
local job_raw
local -a job_statuses
if ! command -v aws >/dev/null; then
job_why='there is no AWS CLI (command aws) on this machine'
return 2
fi
find_timeout
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
job_texts=(additional-build-args dockerfile dockerfile-inline target context max-age-days export-env-variable registry-provider ecr-name region gcp-project
registry-hostname push tag-length)
job_switches=(skip-pull-from-cache strict push-latest local)
job_lists=(build-args cache-on secrets)
job_see_help='--help lists them'
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
clear_options() {
unset job_option
declare -gA job_option=()
job_build_args=() job_cache_on=() job_secrets=() job_tags_json='[]'
}
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
spell_variable() {
local job_spelled="${1^^}"
printf %s "${job_spelled//-/_}"
}
read_list() {
local job_variable
local -n job_array="$2"
job_variable="${job_prefix}_$(spell_variable "$1")"
[[ -z "${!job_variable:-}" ]] || job_array+=("${!job_variable}")
while read -r job_variable; do job_array+=("${!job_variable}"); done < <(list_numbered "$job_variable")
}
list_numbered() {
local job_found
compgen -e | while read -r job_found; do
[[ ! "$job_found" =~ ^"$1"_[0-9]+$ ]] || printf '%s=\n' "$job_found"
done | LC_ALL=C sort | tr -d =
}
read_tags() {
job_tags_json="$(jq -cn --arg prefix "${job_prefix}_ECR_TAGS_" '
    (try (env.BUILDKITE_PLUGIN_CONFIGURATION | fromjson | .["ecr-tags"]) catch null) as $given
    | if ($given | type) == "object" then $given
      else env | with_entries(select(.key | startswith($prefix)) | .key |= ltrimstr($prefix)) end
    | to_entries | sort_by(.key) | map({Key: .key, Value: (.value | if type == "string" then . elif . == null then "" else tojson end)})')"
}
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
default() { [[ -n "${job_option[$1]:-}" ]] || job_option[$1]="$2"; }
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
expect() {
[[ "${job_option[$1]}" =~ ^($2)$ ]] || fail "$1 is \"${job_option[$1]}\", expected $3"
}
expect_number() {
local job_value="${job_option[$1]}"
if [[ "$job_value" =~ ^[0-9]{1,9}$ ]] && ((10#$job_value >= $2 && 10#$job_value <= $3)); then
job_option[$1]=$((10#$job_value))
else
fail "$1 is \"$job_value\", expected a whole number from $2 to $3"
fi
}
check_tag_options() {
local job_name job_argument job_wrong=0
expect_number tag-length 7 40 || job_wrong=1
expect strict 'true|false' 'true or false' || job_wrong=1
for job_argument in "${job_build_args[@]}"; do
[[ -n "$job_argument" && "$job_argument" != =* ]] || fail "build-args has one without a name, expected NAME or NAME=VALUE" || job_wrong=1
done
return "$job_wrong"
}
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
[[ "${job_option["skip-pull-from-cache"]}" =~ ^(true|false)$ ]] || {
warn "skip-pull-from-cache is \"${job_option["skip-pull-from-cache"]}\", which counts as false: only true is true"
job_option["skip-pull-from-cache"]=false
}
check_secrets || job_wrong=1
return "$job_wrong"
}
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
compute_tag() {
local job_argument job_entry job_architecture
job_sums='' job_missing=0 job_jq_said=''
job_architecture="$(uname -m)"
{
group 'Computing tag'
add_dockerfile
add_text "${job_option[target]}"
say ARCHITECTURE
say "+ $job_architecture"
add_text "$job_architecture"
say BUILD_ARGS
for job_argument in "${job_build_args[@]}"; do add_build_argument "$job_argument"; done
if [[ -n "${job_option["additional-build-args"]}" ]]; then
say ADDITIONAL_BUILD_ARGS
say "+ ${job_option["additional-build-args"]}"
add_text "${job_option["additional-build-args"]}"
fi
say CACHE_ON
for job_entry in "${job_cache_on[@]}"; do add_entry "$job_entry"; done
} >&2
((job_missing == 0)) || return 1
job_tag="$(printf '%s\n' "$job_sums" | sha1sum)"
job_tag="${job_tag:0:${job_option["tag-length"]}}"
}
add_text() { job_sums+="$(printf '%s\n' "$1" | sha1sum)"; }
add_dockerfile() {
local job_sum job_path="${job_option[dockerfile]}"
say DOCKERFILE
if [[ -n "${job_option["dockerfile-inline"]}" ]]; then
say "+ dockerfile-inline:${job_option[target]:-<target>}"
job_sum="$(printf '%s\n' "${job_option["dockerfile-inline"]}" | sha1sum)"
job_sums+="${job_sum%-}Dockerfile"
return
fi
say "+ $job_path:${job_option[target]:-<target>}"
if [[ ! -f "$job_path" ]]; then
miss "dockerfile: found no file $job_path"
elif job_sum="$(CDPATH='' builtin cd -- "$(dirname -- "$job_path")" >/dev/null && sha1sum -- "$(basename -- "$job_path")")"; then
job_sums+="$job_sum"
else
miss "dockerfile: $job_path cannot be read"
fi
}
add_build_argument() {
local job_value=''
say "+ $1"
if [[ "$1" == *=* ]]; then
add_text "$1"
return
fi
if [[ "$1" =~ ^[A-Za-z_][A-Za-z0-9_]*$ && -v "$1" ]]; then job_value="${!1}"; fi
add_text "$1=$job_value"
}
add_entry() {
local job_word
local -a job_words
say "$1"
mapfile -d '' -t job_words < <(expand_entry "$1")
for job_word in "${job_words[@]}"; do
if [[ "$job_word" == *.json#* ]]; then
add_json "${job_word%%#*}" "${job_word#*#}"
elif [[ -d "$job_word" ]]; then
[[ " $1 " != *" $job_word "* ]] || warn "cache-on: $job_word is a folder, which counts for nothing: name its files, e.g. $job_word/**"
else
add_file "$job_word"
fi
done
}
expand_entry() (
unset GLOBIGNORE GLOBSORT
IFS=$' \t\n'
LC_ALL=C
set +o noglob
shopt -s globstar
shopt -u dotglob nullglob failglob nocaseglob extglob
[[ "$1" == *[!$' \t\n']* ]] || return 0
printf '%s\0' $1
)
add_file() {
local job_sum
if [[ ! -e "$1" ]]; then
miss "cache-on: found nothing at $1"
elif job_sum="$(sha1sum -- "$1")"; then
say "+ $1"
job_sums+="$job_sum"
else
miss "cache-on: $1 cannot be read"
fi
}
add_json() {
local job_printed='' job_unread=''
say "+ $1#$2"
[[ -n "$job_jq_said" ]] || say "$(jq --version) prints the keys of JSON files; other versions may print numbers otherwise"
job_jq_said=1
if [[ ! -f "$1" ]]; then
job_unread="cache-on: found no file $1 for $1#$2; one word cannot have both a glob and a filter"
else
job_printed="$(jq -r " $2" <"$1")" || job_unread="cache-on: jq cannot read $1#$2"
fi
if [[ -n "$job_unread" ]]; then
miss "$job_unread"
elif [[ "$job_printed" == null || -z "$job_printed" ]]; then
warn "cache-on: $1 has nothing at $2, so a change there never changes the tag; is it spelled right?"
fi
job_sums+="$(printf %s "$job_printed" | sha1sum)"
}
miss() {
if [[ "${job_option[strict]}" == true ]]; then
job_missing=$((job_missing + 1))
fail "$1. Add it, correct the path, or leave it out with strict: false." || true
else
warn "$1; it is left out of the tag, because strict is false"
fi
}
list_exports() {
printf '%s\n' "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE=$job_image" "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG=$job_tag" \
"${job_option["export-env-variable"]}=$job_image:$job_tag"
}
print_exports() {
local job_line
list_exports | while IFS= read -r job_line; do printf "export %s='%s'\n" "${job_line%%=*}" "${job_line#*=}"; done
}
hand_over() {
{
list_exports
[[ "${job_login_kept:-}" != true ]] || printf '%s\n' "DOCKER_ECR_CACHE_FOLDER=$job_outer" "DOCKER_CONFIG=$DOCKER_CONFIG"
} >&3
}
find_here() {
name_known || name_here || return 1
is_fresh || return 1
say "$job_image:$job_tag is on this machine: the registry is not asked"
}
name_here() {
local job_line job_domain job_host job_alone='' job_account
local -a job_found=()
read -r _ job_domain < <(partition_of "${job_option[region]}")
job_host=".dkr.ecr.${job_option[region]}.$job_domain/${job_option["ecr-name"]}"
while IFS= read -r job_line; do
job_account="${job_line%"$job_host:$job_tag"}"
if [[ "$job_line" == "localhost/${job_option["ecr-name"]}:$job_tag" ]]; then
job_alone=1
elif [[ "$job_account" =~ ^[0-9]{12}$ ]]; then
job_found+=("$job_account")
fi
done < <(docker image ls --filter "reference=*$job_host:$job_tag" --filter "reference=localhost/${job_option["ecr-name"]}:$job_tag" \
--format '{{.Repository}}:{{.Tag}}' 2>/dev/null)
if ((${#job_found[@]} == 1)); then
job_image="${job_found[0]}$job_host"
elif ((${#job_found[@]} == 0)) && [[ -n "$job_alone" ]]; then
job_image="localhost/${job_option["ecr-name"]}"
else
return 1
fi
}
is_fresh() {
local job_created
job_created="$(docker image inspect "$job_image:$job_tag" 2>/dev/null)" || return 1
job_created="$(read_created "$job_created")" || return 1
if ((job_created > $(now) + 86400)); then
say "$job_image:$job_tag is on this machine, but says that it was made in the future: it counts for nothing"
return 1
fi
((job_created <= $(now) - ${job_option["max-age-days"]} * 86400)) || return 0
say "$job_image:$job_tag is on this machine, but older than ${job_option["max-age-days"]} days: it counts for nothing"
return 1
}
read_created() {
local job_seconds
job_seconds="$(jq -r '.[0].Created | capture("^(?<time>[0-9-]+T[0-9:]+)([.][0-9]+)?(Z|(?<sign>[+-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))$")
    | (.time + "Z" | fromdateiso8601) - (if .sign == null then 0 else (if .sign == "-" then -1 else 1 end) * ((.hours | tonumber) * 3600 + (.minutes | tonumber) * 60) end)' \
    <<<"$1" 2>/dev/null)"
[[ "$job_seconds" =~ ^-?[0-9]+$ ]] && printf %s "$job_seconds"
}
now() { printf '%(%s)T' -1; }
is_here() { docker image inspect "$job_image:$job_tag" &>/dev/null; }
log_in() {
if [[ "${job_option["registry-provider"]}" == gcr ]]; then
log_in_google
return
fi
log_in_apart
}
name_ecr() {
if [[ "$job_registry" == *".${job_option[region]}."* ]]; then
job_image="$job_registry/${job_option["ecr-name"]}"
else
name_of_account "${job_registry%%.*}"
fi
}
name_of_account() {
local job_domain
[[ "$1" =~ ^[0-9]{12}$ ]] || return 1
read -r _ job_domain < <(partition_of "${job_option[region]}")
job_image="$1.dkr.ecr.${job_option[region]}.$job_domain/${job_option["ecr-name"]}"
}
name_by_caller() {
ask_caller || return
name_of_account "$job_answer"
}
ask_caller() {
local job_status=0
ask_aws sts get-caller-identity || job_status=$?
if ((job_status != 0)); then
[[ -z "$job_error" ]] || return 1
return "$job_status"
fi
job_answer="$(jq -r '.Account // empty' <<<"$job_answer" 2>/dev/null)"
[[ "$job_answer" =~ ^[0-9]{12}$ ]] && return
job_why="aws sts get-caller-identity names no account"
return 1
}
registry_host() { printf %s "${job_image%%/*}"; }
ask_ecr() {
local job_operation="$1"
shift
ask_aws ecr "$job_operation" --registry-id "${job_image%%.*}" "$@"
}
look_in_ecr() {
local job_status=0
ask_ecr describe-images --repository-name "${job_option["ecr-name"]}" --image-ids "imageTag=$job_tag" || job_status=$?
case "$job_status:$job_error" in
0:)
answers '.imageDetails | length > 0' && return
job_why='aws ecr describe-images answered without an image'
return 1
;;
*:ImageNotFoundException | *:RepositoryNotFoundException) return 3 ;;
esac
! is_denied || job_why+=" (the permission ecr:DescribeImages on the repository is missing)"
return "$job_status"
}
configure_repository() {
local job_status=0 job_name="${job_option["ecr-name"]}"
try "reading the repository $job_name" ask_ecr describe-repositories --repository-names "$job_name" || job_status=$?
if ((job_status == 0)); then
adjust_repository
elif [[ "$job_error" == RepositoryNotFoundException ]]; then
create_repository
else
warn "whether the repository $job_name is there cannot be told: $job_why"
fi
}
repository_arn() {
local job_partition
read -r job_partition _ < <(partition_of "${job_option[region]}")
printf %s "arn:$job_partition:ecr:${job_option[region]}:${job_image%%.*}:repository/${job_option["ecr-name"]}"
}
create_repository() {
local -a job_arguments=(--repository-name "${job_option["ecr-name"]}")
[[ "$job_tags_json" == '[]' ]] || job_arguments+=(--tags "$job_tags_json")
say "Creating the repository ${job_option["ecr-name"]}"
if ! try "creating the repository ${job_option["ecr-name"]}" ask_ecr create-repository "${job_arguments[@]}" &&
[[ "$job_error" != RepositoryAlreadyExistsException ]]; then
job_unshared="the repository ${job_option["ecr-name"]} is absent and cannot be made: $job_why"
! is_denied || job_unshared+=" (the permission ecr:CreateRepository on $(repository_arn) is missing; or make the repository by Terraform, module ci-images)"
return
fi
put_life_cycle
}
adjust_repository() {
local job_status=0
try "reading the tags of ${job_option["ecr-name"]}" ask_aws ecr list-tags-for-resource --resource-arn "$(repository_arn)" || job_status=$?
if ((job_status == 0)) && ! answers '.tags | type == "array"'; then
job_status=1 job_why='aws ecr list-tags-for-resource answered without tags'
fi
if ((job_status != 0)); then
! is_denied || job_why+=' (the permission ecr:ListTagsForResource on the repository is missing)'
warn "the repository ${job_option["ecr-name"]} is left as it is, because its tags cannot be read: $job_why"
return
fi
if answers '.tags | any(.Key == "docker-cache:companion")'; then
say "The repository ${job_option["ecr-name"]} is Terraform's, and is left as it is"
return
fi
adjust_tags
adjust_life_cycle
}
adjust_tags() {
local job_missing_tags
job_missing_tags="$(jq -c --argjson wanted "$job_tags_json" '$wanted - (.tags | map({Key, Value}))' <<<"$job_answer")"
[[ "$job_missing_tags" != '[]' ]] || return 0
try "tagging ${job_option["ecr-name"]}" ask_aws ecr tag-resource --resource-arn "$(repository_arn)" --tags "$job_missing_tags" && return
! is_denied || job_why+=' (the permission ecr:TagResource on the repository is missing)'
warn "the tags of the repository ${job_option["ecr-name"]} could not be written: $job_why"
}
life_cycle() {
jq -cn --argjson days "${job_option["max-age-days"]}" '{rules: [{rulePriority: 1, description: "Expire images older than \($days) days",
    selection: {tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: $days}, action: {type: "expire"}}]}'
}
adjust_life_cycle() {
if try "reading the life cycle of ${job_option["ecr-name"]}" ask_ecr get-lifecycle-policy --repository-name "${job_option["ecr-name"]}"; then
answers --argjson wanted "$(life_cycle)" '.lifecyclePolicyText | fromjson == $wanted' && return
elif [[ "$job_error" != LifecyclePolicyNotFoundException ]]; then
! is_denied || job_why+=' (the permission ecr:GetLifecyclePolicy on the repository is missing)'
warn "the life cycle of the repository ${job_option["ecr-name"]} could not be read, and is left as it is: $job_why"
return
fi
put_life_cycle
}
put_life_cycle() {
try "writing the life cycle of ${job_option["ecr-name"]}" ask_ecr put-lifecycle-policy --repository-name "${job_option["ecr-name"]}" \
--lifecycle-policy-text "$(life_cycle)" && return
! is_denied || job_why+=' (the permission ecr:PutLifecyclePolicy on the repository is missing)'
warn "the life cycle of the repository ${job_option["ecr-name"]} could not be written: $job_why"
}
name_google() { job_image="${job_option["registry-hostname"]}/${job_option["gcp-project"]}/${job_option["ecr-name"]}"; }
log_in_google() {
say "Plugin currently assumes that docker-credential-gcr is on PATH, or another credential helper of Docker's for ${job_option["registry-hostname"]}"
}
look_in_google() { bound 60 docker manifest inspect "$job_image:$job_tag" &>/dev/null || return 3; }
hint_google() {
[[ "${job_option["registry-provider"]}" == gcr && "${job_option["registry-hostname"]}" =~ ^([a-z]+\.)?gcr\.io$ ]] || return 0
note "${job_option["registry-hostname"]} lives on in Artifact Registry: the project ${job_option["gcp-project"]} needs a repository called" \
"${job_option["registry-hostname"]} there, or give the host of Artifact Registry by registry-hostname, e.g. europe-docker.pkg.dev"
}
read_transfer_seconds() {
job_transfer_seconds="${DOCKER_ECR_CACHE_TRANSFER_SECONDS:-900}"
[[ ! "$job_transfer_seconds" =~ ^[1-9][0-9]{0,5}$ ]] || return 0
warn "DOCKER_ECR_CACHE_TRANSFER_SECONDS is \"$job_transfer_seconds\", expected a whole number from 1 to 999999; it is taken as 900"
job_transfer_seconds=900
}
transfer() {
local job_status=0
bound "$job_transfer_seconds" docker "$@" || job_status=$?
((job_status != 0)) || return 0
job_why="docker $1 failed with status $job_status"
is_time_out "$job_status" || return 1
job_why="docker $1 did not end within $job_transfer_seconds s (DOCKER_ECR_CACHE_TRANSFER_SECONDS)"
return 2
}
look_up_tag() {
if [[ "${job_option["registry-provider"]}" == gcr ]]; then look_in_google; else look_in_ecr; fi
}
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
[[ "${job_option["registry-provider"]}" == gcr ]] || is_here || job_login_kept=true
}
pull_once() {
local job_status=0
transfer pull "$job_image:$job_tag" || job_status=$?
((job_status == 1)) || return "$job_status"
look_up_tag || return
job_why='docker pull failed, though the registry has the image'
return 1
}
build_image() {
local job_context="${job_option[context]}" job_argument
local -a job_arguments=("--file=$job_dockerfile" --progress=plain "--tag=$job_image:$job_tag") job_more=()
split_arguments
check_platforms || return 1
if [[ -z "$job_context" ]]; then
job_context=.
[[ -n "${job_option["dockerfile-inline"]}" ]] || job_context="$(dirname -- "$job_dockerfile")"
fi
[[ -z "${job_option[target]}" ]] || job_arguments+=("--target=${job_option[target]}")
for job_argument in "${job_build_args[@]}"; do job_arguments+=("--build-arg=$job_argument"); done
for job_argument in "${job_secrets[@]}"; do job_arguments+=(--secret "$job_argument"); done
job_arguments+=("${job_more[@]}" "$job_context")
group 'Building image'
say "Inside $PWD, running docker build$(printf ' %q' "${job_arguments[@]}")"
run_build "${job_arguments[@]}" && return
note '^^^ +++'
fail "the build of $job_image:$job_tag failed"
}
run_build() {
if ((${#job_secrets[@]} > 0)); then
DOCKER_BUILDKIT=1 docker build "$@"
else
docker build "$@"
fi
}
split_arguments() { IFS=$' \t\n' read -r -d '' -a job_more <<<"${job_option["additional-build-args"]}" || true; }
list_platforms() {
local job_words='' job_name
local -a job_names
while (($# > 0)); do
case "$1" in
--platform=*) job_words+=",${1#*=}" ;;
--platform) job_words+=",${2:-}" ;;
esac
shift
done
IFS=, read -r -a job_names <<<"$job_words"
for job_name in "${job_names[@]}"; do [[ -z "$job_name" ]] || printf '%s\n' "$job_name"; done | LC_ALL=C sort -u
}
is_containerd() {
local job_answer
job_answer="$(docker info --format '{{json .DriverStatus}}' 2>/dev/null)" && answers 'any(.[]; .[1] == "io.containerd.snapshotter.v1")'
}
check_platforms() {
local -a job_platforms
mapfile -t job_platforms < <(list_platforms "${job_more[@]}")
((${#job_platforms[@]} > 1)) || return 0
[[ ! " ${job_more[*]} " =~ \ (--push|--output|-o)[\ =] ]] || return 0
is_containerd && return
fail "additional-build-args asks for ${#job_platforms[@]} platforms (${job_platforms[*]}), and Docker's image store here can load one alone:" \
'name one platform, or switch to the containerd image store ("features": {"containerd-snapshotter": true} in daemon.json)'
}
must_share() {
[[ "${job_option[push]}" != never && ("${job_option[push]}" == always || "${job_option["skip-pull-from-cache"]}" == true) ]]
}
refuse_unshared() {
fail "$job_image:$job_tag cannot be shared by the registry: $job_unshared. Nothing is exported, because" \
"$([[ "${job_option[push]}" == always ]] && printf 'push is always' || printf 'skip-pull-from-cache is true')."
}
expect_here() {
is_here || fail "Docker has no image $job_image:$job_tag: a builder of another driver than docker needs --load in additional-build-args. Nothing is exported."
}
share_image() {
local job_status=0
if [[ "${job_option[push]}" == never ]]; then
[[ -z "$job_unshared" ]] || warn "$job_image:$job_tag was built here, though the registry may have it: $job_unshared"
expect_here
return
fi
if [[ -n "$job_unshared" ]]; then
warn "$job_image:$job_tag was built here and is shared with no other machine: $job_unshared"
expect_here
return
fi
group "Pushing tag $job_tag"
if look_up_tag; then job_status=3; else try "pushing $job_image:$job_tag" push_once || job_status=$?; fi
case "$job_status" in
0) push_latest ;;
3) take_other ;;
*)
job_unshared="$job_why"
hint_google
if must_share; then
[[ "${job_here_before:-}" == true ]] || docker image rm "$job_image:$job_tag" &>/dev/null
refuse_unshared
return
fi
warn "$job_image:$job_tag could not be pushed, so other jobs will build it again; this one uses the image of this machine: $job_why"
expect_here
;;
esac
}
push_once() {
local job_status=0 job_failure
transfer push "$job_image:$job_tag" || job_status=$?
((job_status != 0)) || return 0
job_failure="$job_why"
! look_up_tag || return 3
job_why="$job_failure"
return "$job_status"
}
take_other() {
say "Another job has pushed $job_image:$job_tag meanwhile"
transfer pull "$job_image:$job_tag" || note "its image could not be pulled ($job_why): the one that was built here is used"
}
push_latest() {
local job_name
[[ "${job_option["push-latest"]}" == true ]] || return 0
for job_name in "latest-$(uname -m)" latest; do
group "Pushing tag $job_name"
if ! docker tag "$job_image:$job_tag" "$job_image:$job_name"; then
warn "$job_image:$job_tag could not be named $job_name"
elif ! transfer push "$job_image:$job_name"; then
warn "$job_image:$job_name could not be pushed: $job_why"
fi
done
}
ensure_image() {
job_image='' job_unshared='' job_login_kept=false job_here_before=false
read_transfer_seconds
if [[ "${job_option[local]}" == true && "${job_option["skip-pull-from-cache"]}" == false ]] && find_here; then return 0; fi
name_shared
[[ -n "$job_unshared" ]] || log_in || job_unshared="there is no login to $(registry_host): $job_why"
if [[ -z "$job_unshared" ]]; then
[[ "${job_option[push]}" == never || "${job_option["registry-provider"]}" == gcr ]] || configure_repository
! find_shared || return 0
fi
[[ -z "$job_unshared" ]] || ! must_share || refuse_unshared || return 1
if must_share && is_here; then job_here_before=true; fi
build_image && share_image
}
name_image() {
job_image='' job_unshared=''
name_known || name_here || name_shared
[[ -z "$job_unshared" ]] || fail "$job_unshared. The image is not on this machine either: run ensure first."
}
name_known() {
if [[ "${job_option["registry-provider"]}" == gcr ]]; then name_google; else name_ecr; fi
}
name_shared() {
name_known || try 'asking AWS for the account' name_by_caller && return
job_image="localhost/${job_option["ecr-name"]}"
job_unshared="the account is not known: $job_why"
}
job_settings=(job_set_repository job_set_region job_set_max_age_days job_set_registry)
main() {
local job_action="${1:-}" job_dry_run='' job_status=0
(($# == 0)) || shift
set +o xtrace +o errexit +o noglob +o noclobber +o allexport -o nounset -o pipefail
IFS=$' \t\n'
if [[ "$job_action" == help || " $job_action ${1:-} " == *' --help '* ]]; then
print_help
return
fi
decode_settings "${job_settings[@]}" || return 1
require_commands "$job_action" || return 1
read_options "$job_action" "$@" || job_status=$?
((job_status == 0)) || [[ "$job_action" == hook ]] || job_status=2
((job_status == 0)) || return "$job_status"
compute_tag || return 1
case "$job_action" in
tag) say "$job_tag" ;;
env) name_image && print_exports ;;
hook) make_work && ensure_image 3>&- && hand_over ;;
ensure)
if [[ -n "$job_dry_run" ]]; then
name_known || job_image="${job_option["ecr-name"]}"
say "would look for $job_image:$job_tag in ${job_option[region]}, and build it if it is nowhere"
else
{ make_work && ensure_image && job_login_kept=false; } >&2 && say "$job_image:$job_tag"
fi
;;
esac
}
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
require_commands() {
local job_command
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || fail "found bash $BASH_VERSION, expected 4.4 or later" || return 1
local -a job_commands=(jq sha1sum)
[[ "$1" == tag ]] || job_commands+=(docker)
for job_command in "${job_commands[@]}"; do
command -v "$job_command" >/dev/null || fail "found no command $job_command on this machine: install it" || return 1
done
}
make_work() {
local job_under="${TMPDIR:-/tmp}"
[[ "$job_under" == /* && -d "$job_under" && -w "$job_under" ]] || job_under=/tmp
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
main "$@" || {
job_ended=$?
[[ "${1:-}" != env ]] || echo false
exit "$job_ended"
}
