#!/usr/bin/env bats
# Options: from variables and arguments, with defaults, and what is refused.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  P=BUILDKITE_PLUGIN_DOCKER_ECR_CACHE
}

@test "clear_options: nothing is left of another run, nor of the environment" {
  export job_option=x
  job_build_args=(x)
  clear_options
  equal 0 "${#job_option[@]}"
  equal 0 "${#job_build_args[@]}"
  equal '[]' "$job_tags_json"
}

@test "spell_variable" {
  equal SKIP_PULL_FROM_CACHE "$(spell_variable skip-pull-from-cache)"
}

@test "read_environment: texts, switches and lists; an empty one is none" {
  export "${P}_TARGET"='a b' "${P}_STRICT"=false "${P}_CONTEXT"='' "${P}_CACHE_ON"=one "${P}_SECRETS_0"=TOKEN
  read_environment
  equal 'a b' "${job_option[target]}"
  equal false "${job_option[strict]}"
  [[ ! -v job_option[context] ]]
  equal one "${job_cache_on[*]}"
  equal TOKEN "${job_secrets[*]}"
}

@test "read_environment: under another name of the plugin, however the agent spells it" {
  export BUILDKITE_PLUGIN_MY_CACHE_TARGET=mine "${P}_TARGET"=original
  BUILDKITE_PLUGIN_NAME=MY_CACHE read_environment
  equal mine "${job_option[target]}"
  clear_options
  BUILDKITE_PLUGIN_NAME=my-cache read_environment
  equal mine "${job_option[target]}"
  clear_options
  BUILDKITE_PLUGIN_NAME='x[$(touch evaluated)]' read_environment
  [[ ! -e evaluated ]]
}

@test "read_list: the variable itself, then the numbered ones as 0, 10, 11, 1, 2; no others" {
  local job_prefix="$P" i
  for i in 0 1 2 10 11 X 1X; do export "${P}_BUILD_ARGS_$i=$i"; done
  export "${P}_BUILD_ARGS"=scalar
  read_list build-args job_build_args
  equal 'scalar 0 10 11 1 2' "${job_build_args[*]}"
}

@test "list_numbered: names only, of exported variables" {
  export V_1=$'a\nV_2=b'
  V_3=inner
  equal V_1 "$(list_numbered V)"
}

@test "read_tags: keys as written if the agent gives its JSON, whatever they begin with; values of any characters" {
  local job_prefix="$P"
  export "${P}_ECR_TAGS_KEY"=$'a "b"\nc' "${P}_ECR_TAGS_KEY2"=x
  read_tags
  equal '[{"Key":"KEY","Value":"a \"b\"\nc"},{"Key":"KEY2","Value":"x"}]' "$job_tags_json"
  export BUILDKITE_PLUGIN_CONFIGURATION='{"ecr-tags":{"Key":"a \"b\"\nc","Key2":"x","n":1}}'
  read_tags
  equal '[{"Key":"Key","Value":"a \"b\"\nc"},{"Key":"Key2","Value":"x"},{"Key":"n","Value":"1"}]' "$job_tags_json"
}

@test "read_tags: a configuration that is no JSON, or has none, is passed over" {
  local job_prefix="$P" given
  for given in '{' '[]' '{"ecr-tags":"x"}' 'null'; do
    BUILDKITE_PLUGIN_CONFIGURATION="$given" read_tags
    equal '[]' "$job_tags_json"
  done
}

@test "read_arguments: a value in the same word or the next, lists repeated, switches alone" {
  read_arguments --target=a=b --context -x --cache-on a --cache-on='b c' --skip-pull-from-cache --strict=false --ecr-tags K=v=w --ecr-tags='L='
  equal a=b "${job_option[target]}"
  equal -x "${job_option[context]}"
  equal 2 "${#job_cache_on[@]}"
  equal true "${job_option["skip-pull-from-cache"]}"
  equal false "${job_option[strict]}"
  equal '[{"Key":"K","Value":"v=w"},{"Key":"L","Value":""}]' "$job_tags_json"
}

@test "read_arguments: a switch takes true or false as the next word, and no other" {
  read_arguments --strict false --local --push-latest true --target x
  equal 'false true true x' "${job_option[strict]} ${job_option[local]} ${job_option["push-latest"]} ${job_option[target]}"
}

@test "warn_of_unknown: a variable of the plugin's that is no option" {
  local job_prefix="$P"
  export "${P}_CAHCE_ON"=x "${P}_CACHE_ON_0"=x "${P}_CACHE_ON_X"=x "${P}_ECR_TAGS_X"=x "${P}_EXPORT_TAG"=x "${P}_TARGET"=x "${P}_TARGET_0"=x "${P}S_OTHER"=x
  run warn_of_unknown
  equal "docker-cache: warning: ${P}_CACHE_ON_X is none of the options, and counts for nothing
docker-cache: warning: ${P}_CAHCE_ON is none of the options, and counts for nothing
docker-cache: warning: ${P}_TARGET_0 is none of the options, and counts for nothing" "$(sort <<<"$output")"
}

@test "read_arguments: what is not understood returns 2, and says what was found" {
  local given
  for given in target --target --nope=1 --nope -- --ecr-tags=K --ecr-tags==v '--from-environment --target=x' '--target=x --from-environment'; do
    # shellcheck disable=SC2086 # words
    run read_arguments $given
    equal "$given: 2" "$given: $status"
    [[ "$output" == docker-cache:*found* || "$output" == *expected* ]]
  done
}

@test "read_arguments: --from-environment reads the plugin's variables" {
  export "${P}_TARGET"=x
  read_arguments --from-environment
  equal x "${job_option[target]}"
}

@test "take_option and refuse" {
  take_option build-args A=1
  equal A=1 "${job_build_args[*]}"
  run take_option nope x
  equal 2 "$status"
  run refuse x
  equal "2 docker-cache: x" "$status $output"
}

@test "default: for what is not given, or empty" {
  job_option[a]='' job_option[b]=given
  default a 1
  default b 1
  equal '1 given' "${job_option[a]} ${job_option[b]}"
}

@test "fill_options: the original's defaults" {
  BUILDKITE_ORGANIZATION_SLUG=acme BUILDKITE_PIPELINE_SLUG=app fill_options
  local name found=''
  for name in dockerfile max-age-days export-env-variable skip-pull-from-cache registry-provider ecr-name region registry-hostname push strict push-latest local tag-length target; do
    found+="$name=${job_option[$name]} "
  done
  equal 'dockerfile=Dockerfile max-age-days=7 export-env-variable=BUILDKITE_PLUGIN_DOCKER_IMAGE skip-pull-from-cache=false registry-provider=ecr ecr-name=build-cache/acme/app region=eu-west-1 registry-hostname=gcr.io push=auto strict=true push-latest=true local=true tag-length=7 target= ' "$found"
}

@test "fill_options: the region of the option, the deployment, AWS_REGION, AWS_DEFAULT_REGION" {
  region_of() { # OPTION SETTING AWS_REGION AWS_DEFAULT_REGION
    clear_options
    [[ -z "$1" ]] || job_option[region]="$1"
    job_set_region="$2" AWS_REGION="$3" AWS_DEFAULT_REGION="$4" fill_options
    printf '%s\n' "${job_option[region]}"
  }
  equal a-b-1 "$(region_of a-b-1 c-d-1 e-f-1 g-h-1)"
  equal c-d-1 "$(region_of '' c-d-1 e-f-1 g-h-1)"
  equal e-f-1 "$(region_of '' '' e-f-1 g-h-1)"
  equal g-h-1 "$(region_of '' '' '' g-h-1)"
}

@test "fill_options: the deployment's settings stand before the defaults, and behind the options" {
  job_set_repository=team/app job_set_max_age_days=3 job_set_registry=host
  job_option["ecr-name"]=mine
  fill_options
  equal 'mine 3 host' "${job_option["ecr-name"]} ${job_option["max-age-days"]} $job_registry"
}

@test "fill_options: two Dockerfiles exclude each other, in the original's words" {
  job_option[dockerfile]=a job_option["dockerfile-inline"]=b
  run fill_options
  equal "1 docker-cache: Cannot specify both 'dockerfile' and 'dockerfile-inline'." "$status $output"
}

@test "expect, expect_number: the whole value counts, and nothing is reckoned before it is known to be a number" {
  job_option[x]=$'true\nx' job_option[n]='a[$(touch evaluated)]'
  run ! expect x 'true|false' 'true or false'
  run ! expect_number n 1 9
  [[ ! -e evaluated ]]
  job_option[n]=08
  expect_number n 1 9
  equal 8 "${job_option[n]}"
  local value
  for value in 0 10 '' -1 1.5 99999999999999999999; do
    job_option[n]="$value"
    run ! expect_number n 1 9
  done
}

# refused NAME VALUE: whether check_options refuses a value, and names the option.
refused() {
  clear_options
  job_option["$1"]="$2"
  fill_options
  run check_options
  equal "$1=$2: 1" "$1=$2: $status"
  [[ "$output" == *"$1 is \"$2\", expected "* ]]
}

@test "check_options: each value that cannot be meant" {
  refused max-age-days 0
  refused max-age-days 3651
  refused max-age-days 7.5
  refused tag-length 6
  refused tag-length 41
  refused strict yes
  refused push-latest 1
  refused local on
  refused push maybe
  refused export-env-variable 'a b'
  refused ecr-name 'Upper/Case'
  refused ecr-name 'a/../b'
  refused region 'eu-west-1;x'
}

@test "check_options: all that is wrong is said at once; all defaults are right" {
  fill_options
  check_options
  clear_options
  job_option[push]=x job_option[local]=x job_option["tag-length"]=x
  fill_options
  run check_options
  equal 3 "${#lines[@]}"
}

@test "check_options: skip-pull-from-cache is false if it is not true, as in the original, with a warning" {
  job_option["skip-pull-from-cache"]=yes
  fill_options
  check_options 2>warning
  equal false "${job_option["skip-pull-from-cache"]}"
  grep -q 'warning: skip-pull-from-cache is "yes"' warning
}

@test "check_tag_options: a build argument without a name" {
  fill_options
  job_build_args=(A=1)
  check_tag_options
  job_build_args=('')
  run ! check_tag_options
  job_build_args=('=x')
  run ! check_tag_options
}

@test "check_provider: the original's exit codes" {
  job_option["registry-provider"]=quay
  fill_options
  run check_provider
  equal 67 "$status"
  [[ "$output" == *'Failed to source registry-provider.'*'must be set to one of [ecr, gcr]' ]]
  job_option["registry-provider"]=gcr
  run check_provider
  equal '34 docker-cache: gcp-project in plugin settings must have a value.' "$status $output"
  job_option["gcp-project"]=acme
  check_provider
  job_option["registry-hostname"]=europe-docker.pkg.dev
  check_provider
  job_option["registry-hostname"]=a/b
  run check_provider
  equal 1 "$status"
}

@test "check_secrets: a name becomes id and env; what is neither is refused and not shown" {
  job_secrets=(TOKEN 'id=npmrc,src=.npmrc')
  check_secrets
  equal 'id=TOKEN,env=TOKEN id=npmrc,src=.npmrc' "${job_secrets[*]}"
  job_secrets=(TOKEN=hush)
  run check_secrets
  equal 1 "$status"
  [[ "$output" != *hush* && "$output" == *'number 1'* ]]
}

@test "take_option: a key of ecr-tags that is given twice has its last value: ECR refuses a key that stands there twice" {
  take_option ecr-tags a=1
  take_option ecr-tags b=2
  take_option ecr-tags a=3
  equal '[{"Key":"b","Value":"2"},{"Key":"a","Value":"3"}]' "$job_tags_json"
}
