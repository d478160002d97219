#!/usr/bin/env bats
# The login to ECR, into a configuration of Docker's that is one run's own. Those of `image` stand in for programs that have one.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load ../helper

setup() { use; }

@test "make_login_folder: from the home folder; a relative one is the same from elsewhere" {
  mkdir -p "$T/home/.docker" here
  echo '{"auths": {"a": {}}}' >"$T/home/.docker/config.json"
  echo '{"auths": {"b": {}}}' >here/config.json
  echo x >here/entry
  equal '["a"]' "$(in_ecr 'make_login_folder; jq -c ".auths | keys" "$DOCKER_CONFIG/config.json"')"
  equal '["a"]' "$(in_ecr 'unset HOME; HOME='"$T"'/home; make_login_folder; jq -c ".auths | keys" "$DOCKER_CONFIG/config.json"')"
  equal $'["b"]\nx' "$(DOCKER_CONFIG=here in_ecr 'make_login_folder; jq -c ".auths | keys" "$DOCKER_CONFIG/config.json"; cd /; cat "$DOCKER_CONFIG/entry"')"
}

@test "write_login_config: without a configuration there, or with one that cannot be read" {
  run in_ecr "write_login_config $T/none | jq -c ."
  equal '{"credHelpers":{"'"$OWN"'":""}}' "$output"
  for text in 'not JSON' '[]'; do
    echo "$text" >"$T/broken"
    run in_ecr "write_login_config $T/broken | jq -c ."
    says "docker-ecr-cache: warning: $T/broken cannot be read"
    says '{"credHelpers":{"'"$OWN"'":""}}'
  done
}

@test "log_in_apart: a login of this run's; or the user's own configuration, as it was" {
  run in_ecr 'log_in_apart; echo "$?|${DOCKER_CONFIG#"$job_work"}"'
  equal '0|/docker-config' "$output"
  turns login 1 1 1
  DOCKER_CONFIG=/own run in_ecr 'log_in_apart; echo "$?|$DOCKER_CONFIG|$job_why"'
  says '1|/own|docker login: docker login: the registry said no'
}

@test "log_in_ecr: what Docker says is the reason, and it may pass" {
  turns login 1
  run in_ecr 'make_login_folder; log_in_ecr; echo "$?|$job_why"'
  equal '1|docker login: docker login: the registry said no' "$output"
  silent p4ssw0rd
}

@test "log_in_ecr: stalls of either end" {
  turns get-login-password stalls
  run in_ecr 'job_aws_seconds=1; make_login_folder; log_in_ecr; echo "$?|$job_why"'
  equal '1|aws ecr get-login-password: no answer within 1 s' "$output"
  turns login 124
  run in_ecr 'make_login_folder; log_in_ecr; echo "$?|$job_why"'
  equal '1|docker login: no answer within 60 s' "$output"
}

@test "log_in_ecr: without the AWS CLI there is nothing to try" {
  run in_ecr 'PATH=/nowhere; log_in_ecr; echo "$?|$job_why"'
  equal '2|there is no AWS CLI (command aws) on this machine' "$output"
}
