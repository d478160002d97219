#!/usr/bin/env bats
# The actions, with docker recorded; and what a job gets of them.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  use
  begin
  cd "$T/checkout" || return
  export TMPDIR="$T/tmp"
  mkdir "$TMPDIR"
}

# image ACTION ARGUMENT...: as the script runs, with what is in BEFORE put in front.
image() {
  bash -c "for file in '$JOB'/shared/*.sh '$JOB'/image/*.sh; do [[ \$file == */call-main.sh ]] || source \"\$file\"; done; ${BEFORE:-:}; main \"\$@\"" script "$@"
}

@test "main: tag prints the tag alone, and asks nobody" {
  run --separate-stderr image tag
  [[ "$status" == 0 && "$output" =~ ^[0-9a-f]{7}$ ]]
  uncalled 'docker*'
  uncalled 'aws*'
}

@test "main: ensure prints the image alone on standard output, and leaves nothing behind" {
  run --separate-stderr image ensure --ecr-name build-cache/app
  [[ "$status" == 0 && "$output" =~ ^$IMAGE:[0-9a-f]{7}$ ]]
  [[ "$stderr" == *'--- Building image'* ]]
  equal '' "$(ls "$TMPDIR")"
}

@test "main: ensure leaves no login behind, also of an image that stays in the registry: no hook would remove it" {
  image ensure --ecr-name build-cache/app >/dev/null 2>&1
  : >"$T/local"
  run --separate-stderr image ensure --ecr-name build-cache/app --skip-pull-from-cache
  [[ "$status" == 0 && "$output" =~ ^$IMAGE:[0-9a-f]{7}$ && "$stderr" == *'Image exists, skipping pull'* ]]
  equal '' "$(ls "$TMPDIR")"
}

@test "main: ensure --dry-run says what it would do, wherever it stands, and asks nobody" {
  run --separate-stderr image ensure --ecr-name build-cache/app --dry-run --target x
  [[ "$status" == 0 && "$output" =~ ^would\ look\ for\ build-cache/app:[0-9a-f]{7}\ in\ eu-west-1, ]]
  uncalled 'docker*'
}

@test "main: env prints what a shell evaluates, of an image that is here without asking AWS" {
  image ensure --ecr-name build-cache/app --push never >/dev/null 2>&1
  : >"$CALLS"
  eval "$(image env --ecr-name build-cache/app 2>/dev/null)"
  equal "$IMAGE" "$BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE"
  equal "$IMAGE:$BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG" "$BUILDKITE_PLUGIN_DOCKER_IMAGE"
  uncalled 'aws*'
}

@test "main: env prints nothing, and fails, if nobody says whose account it is and the image is not here" {
  turns get-caller-identity cut cut cut
  run --separate-stderr image env --ecr-name build-cache/app
  equal '1 ' "$status $output"
  [[ "$stderr" == *'docker-cache image env: the account is not known: aws sts get-caller-identity: Could not connect'*'ensure'* ]]
}

@test "main: a command's mistakes are 2, a missing input is 1, a pipeline's mistakes are the original's" {
  run image
  equal 2 "$status"
  [[ "$output" == *'found "", expected tag, ensure or env'* ]]
  run image build
  equal 2 "$status"
  run image ensure --max-age-days 0
  equal 2 "$status"
  run image ensure --registry-provider quay
  equal 2 "$status"
  run image tag --cache-on nope
  equal 1 "$status"
  BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_REGISTRY_PROVIDER=quay run image hook
  equal 67 "$status"
  BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_MAX_AGE_DAYS=0 run image hook
  equal 1 "$status"
}

@test "main: a shell that evaluates what env prints fails if env does" {
  local script="$JOB/../../buildkite-plugin/lib/image.bash" given
  for given in '--cache-on nope' '--push maybe'; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr bash "$script" env $given
    [[ "$status" != 0 && "$output" == false ]]
    # shellcheck disable=SC2086 # words
    run bash -c 'set -e; eval "$(bash "$@" 2>/dev/null)"; echo went on' _ "$script" env $given
    equal '1 ' "$status $output"
  done
  run --separate-stderr bash "$script" tag --cache-on nope
  equal '1 ' "$status $output"
}

@test "main and print_help: help lists every option, and asks nobody" {
  local given name
  for given in help --help 'tag --help' 'ensure --help'; do
    # shellcheck disable=SC2086 # words
    run image $given
    equal 0 "$status"
    for name in $(jq -r '.[].name' "$JOB/image/options.json"); do says "  --$name "; done
  done
  equal '' "$(calls_of docker aws)"
}

@test "main: a failed build fails, and prints no image" {
  stub docker 'case "$1" in build | pull | manifest) exit 1 ;; esac'
  run --separate-stderr image ensure --registry-provider gcr --gcp-project p
  equal '1 ' "$status $output"
  equal '' "$(ls "$TMPDIR")"
}

@test "main: the deployment's settings count, and the environment's of the same name do not" {
  local name
  for name in job_set_repository job_set_region; do printf -v "$name" %s "$(printf 'team/app' | base64)"; done
  BEFORE="job_set_repository=$job_set_repository job_set_region= job_set_max_age_days= job_set_registry=" run --separate-stderr image ensure --dry-run
  [[ "$output" == *team/app:* ]]
}

@test "main: a trace that a caller has exported does not show the value of a build argument" {
  export VALUE=hush
  run bash -c 'export SHELLOPTS; set -x; bash "$@"' _ "$JOB/../../buildkite-plugin/lib/image.bash" ensure --build-args VALUE --dry-run
  equal 0 "$status"
  silent hush
}

@test "read_options: nothing is asked of anybody before they are checked" {
  run image ensure --push maybe
  equal 2 "$status"
  uncalled '*'
}

@test "require_commands: what is not there is named" {
  require_commands tag
  mkdir "$T/jq"
  ln -s "$(type -P jq)" "$T/jq"
  local path="$PATH"
  # shellcheck disable=SC2123 # a machine with jq alone is meant
  PATH="$T/jq"
  run ! require_commands tag
  PATH="$path"
  [[ "$output" == *'found no command sha1sum on this machine: install it' ]]
}

@test "make_work and remove_work: a folder that nobody else reads; an inline Dockerfile in it; kept with the login alone" {
  fill_options
  job_option["dockerfile-inline"]='FROM x'
  make_work
  trap - EXIT
  equal 700 "$(stat -c %a "$job_work")"
  equal 'FROM x' "$(<"$job_dockerfile")"
  job_login_kept=true
  remove_work
  [[ -d "$job_work" ]]
  job_login_kept=false
  remove_work
  [[ ! -e "$job_work" ]]
}

@test "make_work: in /tmp, if TMPDIR is not there or is relative, which a job that changes its folder would not find again" {
  local folder
  fill_options
  mkdir relative
  for folder in "$T/gone" relative Dockerfile; do
    TMPDIR="$folder" make_work
    trap - EXIT
    [[ "$job_work" == /tmp/docker-ecr-cache.* && -d "$job_work" ]]
    rmdir "$job_work"
  done
}

@test "main: a step that has the plugin twice leaves no login of the first behind" {
  local name line
  export BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_ECR_NAME=build-cache/app BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_SKIP_PULL_FROM_CACHE=true
  image ensure --ecr-name build-cache/app >/dev/null 2>&1
  : >"$T/local"
  for name in ONE TWO; do
    export BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_ENV_VARIABLE="$name"
    while IFS= read -r line; do export "${line?}"; done < <(image hook 3>&1 >/dev/null 2>&1)
  done
  equal "$ONE" "$TWO"
  [[ -s "$DOCKER_CONFIG/config.json" ]]
  source "$JOB/image/plugin/pre-exit.sh"
  equal '' "$(ls "$TMPDIR")"
}

@test "list_exports and print_exports" {
  job_image=host/a job_tag=0123abc
  job_option["export-env-variable"]=MINE
  equal 'BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE=host/a
BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG=0123abc
MINE=host/a:0123abc' "$(list_exports)"
  equal "export MINE='host/a:0123abc'" "$(print_exports | tail -1)"
}

@test "hand_over: on descriptor 3, with the login only if the next command needs it" {
  job_image=host/a job_tag=0123abc job_outer=/w DOCKER_CONFIG=/w/docker-config
  job_option["export-env-variable"]=MINE
  equal 3 "$(hand_over 3>&1 | wc -l)"
  job_login_kept=true
  equal 'DOCKER_ECR_CACHE_FOLDER=/w
DOCKER_CONFIG=/w/docker-config' "$(hand_over 3>&1 | tail -2)"
}

@test "every function of lib/job is tested, by its name" {
  local name
  while read -r name; do
    grep -qrE "\b$name\b" "$JOB_TESTS" --include=*.bats || { echo "no test names $name" >&2 && return 1; }
  done < <(grep -rhoE '^[a-z_]+\(\)' "$JOB" --include=*.sh | tr -d '()' | grep -v docker_ecr_cache_pre_command)
}
