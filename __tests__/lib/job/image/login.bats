#!/usr/bin/env bats
# The login, into a configuration of Docker's that is this run's own.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load ../helper

setup() { use; }

@test "log_in: the password goes from one program to the other, and nowhere else" {
  run in_ecr 'log_in; echo "$?"; declare -p; cat "$job_work"/*; find "$job_work" -type f -exec cat {} +'
  says 0
  equal "$OWN p4ssw0rd" "$(<"$T/logins")"
  silent p4ssw0rd
  called "docker login --username AWS --password-stdin $OWN"
  uncalled '*p4ssw0rd*'
}

@test "log_in: into a folder of this run's own, that nobody else can read" {
  run in_ecr 'log_in; echo "$DOCKER_CONFIG"; env | grep ^DOCKER_CONFIG; stat -c %a "$DOCKER_CONFIG"'
  says "$T/work.*/docker-config
DOCKER_CONFIG=$T/work.*/docker-config
700"
  [[ ! -e "$T/home/.docker" ]]
}

@test "log_in: the caller's configuration stays, except that no helper keeps this registry's login" {
  mkdir -p "$T/their config/contexts"
  echo '{"credsStore": "desktop", "credHelpers": {"'"$OWN"'": "ecr-login", "gcr.io": "gcr"}, "auths": {"quay.io": {"auth": "x"}}, "currentContext": "c"}' \
    >"$T/their config/config.json"
  cp "$T/their config/config.json" "$T/before"
  echo plugin >"$T/their config/cli-plugins"
  echo hidden >"$T/their config/.token_seed"
  export DOCKER_CONFIG="$T/their config"
  run in_ecr 'log_in; cat "$DOCKER_CONFIG/cli-plugins" "$DOCKER_CONFIG/.token_seed"; [[ -d "$DOCKER_CONFIG/contexts" ]] && ls -A "$DOCKER_CONFIG"'
  equal 'plugin
hidden
.token_seed
cli-plugins
config.json
contexts' "$output"
  equal '{"auths":{"quay.io":{"auth":"x"}},"credHelpers":{"'"$OWN"'":"","gcr.io":"gcr"},"credsStore":"desktop","currentContext":"c"}' \
    "$(jq -cS . "$T/login-config.json")"
  cmp "$T/before" "$T/their config/config.json"
}

@test "log_in: three tries, whatever is refused; then the caller's own logins are used" {
  turns get-login-password AccessDeniedException ThrottlingException cut
  export DOCKER_CONFIG="$T/theirs"
  run in_ecr 'log_in; echo "$?|$job_why|$DOCKER_CONFIG"; env | grep ^DOCKER_CONFIG'
  says "attempt 1 of 3 failed: login to $OWN: aws ecr get-login-password: An error occurred (AccessDeniedException)"
  says "attempt 2 of 3 failed: login to $OWN: aws ecr get-login-password: An error occurred (ThrottlingException)"
  says "1|aws ecr get-login-password: Could not connect to the endpoint URL: \"https://api.ecr\"|$T/theirs
DOCKER_CONFIG=$T/theirs"
  counted 3 'aws ecr get-login-password *'
  unset DOCKER_CONFIG
  turns get-login-password cut cut cut
  run in_ecr 'log_in; echo "${DOCKER_CONFIG-unset}"'
  says unset
}

@test "log_in: Google's is its helper's" {
  run in_google 'log_in; echo "$?|${DOCKER_CONFIG-unset}"'
  says $'docker-credential-gcr is on PATH*\n0|unset'
  equal '' "$(calls_of docker aws)"
}

@test "log_in: without a folder there is no login, and the caller's configuration stays" {
  run in_ecr 'mkdir "$job_work/docker-config"; job_why=; log_in 2>/dev/null; echo "$?|$job_why|${DOCKER_CONFIG-unset}"'
  equal '1|a folder for the login cannot be made|unset' "$output"
  uncalled 'docker login *'
}
