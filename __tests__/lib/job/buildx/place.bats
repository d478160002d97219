#!/usr/bin/env bats
# Where the cache is, and the folders and the login of a run.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
}

@test "find_place: the account from the option, then the settings, then AWS" {
  job_option["account-id"]=111111111111
  find_place
  equal "111111111111.dkr.ecr.eu-west-1.amazonaws.com docker-cache-ci-111111111111-eu-west-1" "$job_registry $job_bucket"
  unset 'job_option[account-id]'
  find_place
  equal "$HOST docker-cache-ci-123456789012-eu-west-1" "$job_registry $job_bucket"
  uncalled 'aws *'
  job_set_account='' job_option[region]=cn-north-1
  find_place
  equal "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn docker-cache-ci-123456789012-cn-north-1" "$job_registry $job_bucket"
  called 'aws sts get-caller-identity --region cn-north-1 *'
}

@test "find_place: nobody tells the account" {
  job_set_account=''
  turns get-caller-identity cut cut cut
  find_place && false
  # The CLI has tried that often enough.
  equal docker-cache-ci-ACCOUNT_ID-eu-west-1 "$job_bucket"
  [[ "$job_why" == 'aws sts get-caller-identity: Could not connect'* ]]
  counted 1 'aws *'
}

@test "needs_account: not of a bucket of the user's without mirrors" {
  needs_account
  job_set_bucket=mine
  run ! needs_account
  job_set_account=''
  find_place
  equal mine "$job_bucket"
  uncalled 'aws *'
  job_set_mirrors='quay.io quay'
  needs_account
  job_set_mirrors='' job_set_backend=ecr
  needs_account
}

@test "ask_account: an answer without an account is none" {
  stub aws 'echo "{}"'
  run ask_account
  equal 1 "$status"
  stub aws 'echo "{\"Account\": \"123456789012\"}"'
  ask_account
  equal 123456789012 "$job_account"
}

@test "registry_host" { equal "$HOST" "$(registry_host)"; }

@test "make_work and remove_work: in memory if there is such a place; for this user alone; with what was read from standard input gone at the end" {
  local made
  made="$(make_work && echo "$job_work" && stat -c '%a %U' "$job_work")"
  [[ "$made" == */docker-cache-buildx.*$'\n700 '* ]]
  [[ ! -e "${made%%$'\n'*}" ]]
  ! is_in_memory /dev/shm || [[ "$made" == /dev/shm/* ]]
  touch "$T/copy"
  job_work="$T/work" job_input_copy="$T/copy"
  remove_work
  [[ ! -e "$T/work" && ! -e "$T/copy" ]]
}

@test "make_work: XDG_RUNTIME_DIR before /dev/shm, if it is in memory; else TMPDIR, else /tmp" {
  stub stat 'echo tmpfs'
  mkdir "$T/run"
  [[ "$(XDG_RUNTIME_DIR="$T/run" make_work && echo "$job_work")" == "$T/run/"* ]]
  [[ "$(XDG_RUNTIME_DIR=relative make_work && echo "$job_work")" == /dev/shm/* ]]
  stub stat 'echo ext2/ext3'
  [[ "$(XDG_RUNTIME_DIR="$T/run" make_work && echo "$job_work")" == "$T/tmp/"* ]]
  [[ "$(TMPDIR='' make_work && echo "$job_work")" == /tmp/* ]]
  [[ "$(TMPDIR=/nowhere make_work && echo "$job_work")" == /tmp/* ]]
}

@test "is_in_memory: by the file system's kind" {
  stub stat 'echo tmpfs'
  is_in_memory /x
  stub stat 'exit 1'
  run ! is_in_memory /x
}

@test "needs_login: for ECR, for mirrors, and for a word with the registry's name; else not" {
  run ! needs_login
  job_words=(--push -t "$HOST/shop:1" .)
  needs_login
  job_words=(.) job_set_backend=ecr
  needs_login
  job_set_backend=s3 job_set_mirrors='quay.io quay'
  needs_login
}

@test "log_in: only if it is needed; into a folder of the run's, with BUILDX_CONFIG where it was, or the builder would be another" {
  log_in
  uncalled '*'
  equal unset "${DOCKER_CONFIG-unset}"
  job_set_backend=ecr
  log_in
  equal "$T/work/docker-config|$HOME/.docker/buildx" "$DOCKER_CONFIG|$BUILDX_CONFIG"
  equal "$HOST p4ssw0rd" "$(<"$T/logins")"
  uncalled '*p4ssw0rd*'
}

@test "log_in: BUILDX_CONFIG stays as it is, or is below the user's DOCKER_CONFIG" {
  job_set_backend=ecr
  (
    export BUILDX_CONFIG=/mine
    log_in
    equal /mine "$BUILDX_CONFIG"
  )
  rm -r "$T/work/docker-config"
  export DOCKER_CONFIG="$T/theirs"
  log_in
  equal "$T/theirs/buildx" "$BUILDX_CONFIG"
}

@test "log_in: a login that fails leaves the user's configuration as it was" {
  job_set_backend=ecr
  turns get-login-password AccessDeniedException AccessDeniedException AccessDeniedException AccessDeniedException AccessDeniedException AccessDeniedException
  run log_in
  equal 1 "$status"
  job_status=0
  rm -rf "$T/work/docker-config"
  DOCKER_CONFIG="$T/theirs"
  log_in 2>/dev/null || job_status=$?
  equal "1 $T/theirs" "$job_status $DOCKER_CONFIG"
  [[ "$job_why" == 'aws ecr get-login-password: An error occurred (AccessDeniedException)'* ]]
}

@test "has_login: a login, or a helper, of the user's is kept" {
  local config
  job_set_backend=ecr
  mkdir -p "$HOME/.docker"
  for config in '{"auths": {"@": {"auth": "x"}}}' '{"auths": {"@": {"identitytoken": "x"}}}' '{"credHelpers": {"@": "ecr-login"}}'; do
    echo "${config//@/$HOST}" >"$HOME/.docker/config.json"
    has_login "$HOME/.docker/config.json"
    log_in
  done
  uncalled 'docker login *'
  for config in '{}' '[]' 'no JSON' '{"auths": {"@": {}}}' '{"auths": {"other": {"auth": "x"}}}' '{"credHelpers": {"@": ""}}'; do
    echo "${config//@/$HOST}" >"$HOME/.docker/config.json"
    run ! has_login "$HOME/.docker/config.json"
  done
  run ! has_login "$T/none"
}

# token SECONDS: a login to ECR that ends so long from now, as ECR writes it.
token() { printf 'AWS:%s' "$(jq -cn --argjson last "$(($(date +%s) + $1))" '{payload: "x", expiration: $last}' | base64 -w 0)" | base64 -w 0; }

@test "has_login: one that has ended is none" {
  echo "{\"auths\": {\"$HOST\": {\"auth\": \"$(token 600)\"}}}" >"$T/config.json"
  has_login "$T/config.json"
  echo "{\"auths\": {\"$HOST\": {\"auth\": \"$(token -600)\"}}}" >"$T/config.json"
  run ! has_login "$T/config.json"
}

@test "take_work: a folder in which nothing fits is none" {
  job_work=''
  take_work "$T"
  [[ -d "$job_work" && -z "$(ls -A "$job_work")" ]]
  rm -r "$job_work"
  run ! take_work "$T/none"
  # shellcheck disable=SC2317 # called by take_work
  mktemp() { echo /proc; }
  # shellcheck disable=SC2317
  rm() { :; }
  take_work "$T" && false
  equal '' "$job_work"
}

@test "is_in_store: a store that has the login; no other program is called" {
  stub docker-credential-desktop "echo '{\"https://$HOST\": \"AWS\"}'"
  echo '{"credsStore": "desktop"}' >"$T/config.json"
  is_in_store desktop
  has_login "$T/config.json"
  stub docker-credential-desktop "echo '{\"$HOST\": \"AWS\"}'"
  is_in_store desktop
  stub docker-credential-desktop "echo '{\"other\": \"AWS\"}'"
  run ! is_in_store desktop
  run ! is_in_store missing
  run ! is_in_store 'x; touch evaluated'
  run ! is_in_store ''
  [[ ! -e evaluated ]]
}
