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
decode_settings() {
local job_setting
for job_setting in "$@"; do
printf -v "$job_setting" %s "$(printf %s "${!job_setting:-}" | base64 -d)" || return 1
done
}
job_texts=(additional-build-args dockerfile dockerfile-inline target context max-age-days export-env-variable registry-provider ecr-name region gcp-project
registry-hostname push tag-length)
job_switches=(skip-pull-from-cache strict push-latest local)
job_lists=(build-args cache-on secrets)
clear_options() {
unset job_option
declare -gA job_option=()
job_build_args=() job_cache_on=() job_secrets=() job_tags_json='[]'
}
is_one_of() {
local job_wanted="$1" job_listed
shift
for job_listed in "$@"; do [[ "$job_listed" != "$job_wanted" ]] || return 0; done
return 1
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
    | to_entries | map({Key: .key, Value: (.value | if type == "string" then . elif . == null then "" else tojson end)})')"
}
read_arguments() {
local job_name job_value job_from_environment='' job_others=''
while (($# > 0)); do
if [[ "$1" == --from-environment ]]; then
job_from_environment=1
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
elif (($# > 1)); then
job_value="$2"
shift
else
refuse "--$job_name has no value" || return 2
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
job_tags_json="$(jq -c --arg key "${2%%=*}" --arg value "${2#*=}" '. + [{Key: $key, Value: $value}]' <<<"$job_tags_json")"
;;
*)
is_one_of "$1" "${job_texts[@]}" "${job_switches[@]}" || refuse "there is no option --$1" || return 2
job_option[$1]="$2"
;;
esac
}
refuse() {
fail "$@" || return 2
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
job_tag="${job_tag:0:job_option["tag-length"]}"
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
elif job_sum="$(cd -- "$(dirname -- "$job_path")" && sha1sum -- "$(basename -- "$job_path")")"; then
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
[[ -z "$job_unread" ]] || miss "$job_unread"
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
[[ "${job_login_kept:-}" != true ]] || printf '%s\n' "DOCKER_ECR_CACHE_FOLDER=$job_work" "DOCKER_CONFIG=$DOCKER_CONFIG"
} >&3
}
job_settings=(job_set_repository job_set_region job_set_max_age_days job_set_registry)
main() {
local job_action="${1:-}" job_dry_run='' job_status=0
(($# == 0)) || shift
set +o errexit +o noglob +o noclobber +o allexport -o nounset -o pipefail
IFS=$' \t\n'
decode_settings "${job_settings[@]}" || return 1
require_commands "$job_action" || return 1
if [[ "$job_action" == ensure && "${1:-}" == --dry-run ]]; then
job_dry_run=1
shift
fi
read_options "$job_action" "$@" || job_status=$?
((job_status == 0)) || [[ "$job_action" == hook ]] || job_status=2
((job_status == 0)) || return "$job_status"
compute_tag || return 1
case "$job_action" in
tag) say "$job_tag" ;;
env) name_image && print_exports ;;
hook) make_work && ensure_image && hand_over ;;
ensure)
if [[ -n "$job_dry_run" ]]; then
say "would look for ${job_option["ecr-name"]}:$job_tag, and build it if it is nowhere"
else
make_work && ensure_image && say "$job_image:$job_tag"
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
local -a job_commands=(jq sha1sum)
[[ "$1" == tag ]] || job_commands+=(docker)
for job_command in "${job_commands[@]}"; do
command -v "$job_command" >/dev/null || fail "found no command $job_command on this machine: install it" || return 1
done
}
make_work() {
job_work="$(mktemp -d "${TMPDIR:-/tmp}/docker-ecr-cache.XXXXXXXX")" || return 1
trap remove_work EXIT
job_dockerfile="${job_option[dockerfile]}"
[[ -n "${job_option["dockerfile-inline"]}" ]] || return 0
mkdir "$job_work/inline" && printf '%s\n' "${job_option["dockerfile-inline"]}" >"$job_work/inline/Dockerfile" || return 1
job_dockerfile="$job_work/inline/Dockerfile"
}
remove_work() { [[ "${job_login_kept:-}" == true ]] || rm -rf -- "$job_work"; }
main "$@"
