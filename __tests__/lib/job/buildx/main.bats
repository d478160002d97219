#!/usr/bin/env bats
# The whole, with docker and aws recorded.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  mkdir "$T/builds"
  echo docker-container >"$T/driver"
  cp "$BUILDX_TESTS/streams/hit-0.29.txt" "$T/builds/1.err"
  LINE="docker buildx build --builder docker-cache --cache-to $S3,name=branches/shop/x-2d711642b726b044,mode=max,ignore-error=true --cache-from $S3,name=branches/shop/x-2d711642b726b044 --cache-from $S3,name=default/shop/main-0d6e4079e36703eb"
}

# plainly WHY WORD...: that a build is plain for that reason, and ends as docker does.
plainly() {
  local why="$1"
  shift
  rm -f "$T/builds/"*
  : >"$CALLS"
  echo 5 >"$T/builds/1.status"
  run --separate-stderr buildx "$@"
  equal "5 cache: not used: $why" "$status ${stderr##*$'\n'}"
  uncalled 'docker buildx build *--cache-*'
  equal 1 "$(<"$T/builds/count")"
}

@test "main and print_line: --print prints one line, does nothing, and prints the same again; no credential is in it" {
  export AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=hush AWS_SESSION_TOKEN=hush
  run buildx --print --app shop --branch x -- --push -t 'a b' .
  equal "0 $LINE --push -t 'a b' ." "$status $output"
  equal "$output" "$(buildx --print --app shop --branch x -- --push -t 'a b' . 2>&1)"
  silent hush
  silent AKIA
  uncalled '*'
  run buildx --print --app shop --branch feature/ü -- --push --progress=tty -t x .
  equal 0 "$status"
  equal 1 "${#lines[@]}"
  says "branches/shop/feature-$(printf feature/ü | sha256sum | cut -c 1-16),mode=max"
  says ' --push -t x . --progress=tty'
}

@test "main: options with a hyphen reach the line and the end" {
  run buildx --print --app shop --branch x --read-only --account-id 111111111111 -- .
  equal "docker buildx build --builder docker-cache --cache-from ${S3/123456789012/111111111111},name=branches/shop/x-2d711642b726b044 --cache-from ${S3/123456789012/111111111111},name=default/shop/main-0d6e4079e36703eb ." "$output"
  run buildx --app shop --branch x --read-only -- --push .
  says 'wrote nothing: --read-only'
  uncalled '*--cache-to*'
}

@test "print_line: a plain build is printed as that; without an account the line has a word for it, and a warning" {
  run --separate-stderr buildx --print --plain --app shop -- --push .
  equal 'the line has no cache: --plain' "$stderr"
  equal 'docker buildx build --builder docker-cache --push .' "$output"
  turns get-caller-identity cut cut cut
  run --separate-stderr buildx account= --print --app shop --branch x -- .
  [[ "$output" == *bucket=docker-cache-ci-ACCOUNT_ID-eu-west-1,* ]]
  [[ "$stderr" == *'warning: ACCOUNT_ID stands for the account'*'--account-id. aws sts get-caller-identity: '* ]]
}

@test "main: a build with the cache; standard error ends with what the cache was good for" {
  run --separate-stderr buildx --app shop --branch x -- --push --build-arg TOKEN=hush .
  equal 0 "$status"
  called 'docker buildx build --progress=rawjson --builder docker-cache --cache-to type=s3*name=branches/shop/x-2d711642b726b044* --push --build-arg TOKEN=hush .'
  [[ "${stderr##*$'\n'}" == 'cache: 2 of 4 steps cached; '*'; wrote branches/shop/x-2d711642b726b044' ]]
  [[ "$stderr" == *"build arguments: TOKEN $(printf hush | sha256sum | cut -c 1-8)"* && "$stderr" != *hush* ]]
}

@test "main: what is not understood is 2, and nothing is done" {
  local given
  for given in '' --nope '--mode x -- .' '--app shop' '--app shop --' '--app shop -- --builder x .' 'build .'; do
    # shellcheck disable=SC2086 # words
    run buildx $given
    equal "2 $given" "$status $given"
  done
  run buildx 'bucket=a,b' --print --app shop --branch x -- .
  equal 2 "$status"
  uncalled '*'
}

@test "main and print_help: help names every option, and does nothing" {
  local given name
  for given in help --help; do
    run buildx "$given"
    equal 0 "$status"
    for name in $(jq -r '.[].name' "$JOB/buildx/options.json"); do says "--$name"; done
  done
  uncalled '*'
}

@test "why_off: --plain, and DOCKER_CACHE_LAYER_CACHE=off" {
  plainly --plain --app shop --plain -- --push .
  export DOCKER_CACHE_LAYER_CACHE=off
  plainly 'DOCKER_CACHE_LAYER_CACHE is off' --app shop -- --push .
}

@test "find_reason: quiet, an old buildx, no jq" {
  plainly 'found --quiet, which hides what BuildKit tells of the cache' --app shop -- --push -q .
  export VERSION='v0.12.1 0123abc'
  plainly 'found buildx v0.12.1 0123abc, expected 0.13 or later, which tells of the cache in JSON' --app shop -- --push .
  unset VERSION
  BEFORE='command() { [[ "$2" != jq ]] && builtin command "$@"; }'
  plainly 'found no command jq on this machine, which reads what BuildKit tells: install it' --app shop -- --push .
}

@test "knows_rawjson: versions, as buildx and distributions write them" {
  local given
  for given in 'v0.13.0 x' '0.29.1+ds1 y' v1.0.0 'v0.13.0-rc1 x'; do
    export VERSION="$given"
    require_buildx && knows_rawjson
  done
  for given in 'v0.12.5 x' 'v0.9.1 x' '' 'unknown'; do
    export VERSION="$given"
    require_buildx
    run knows_rawjson
    equal "1 $given" "$status $given"
  done
}

@test "prepare: no builder can be made, or nobody tells the account: a plain build by docker's own" {
  rm "$T/driver"
  echo moby/buildkit:buildx-stable-1 >"$T/refused"
  plainly 'the builder docker-cache cannot be made: ERROR: cannot pull moby/buildkit:buildx-stable-1' --app shop -- --push .
  called 'docker buildx build --push .'
  rm "$T/refused"
  turns get-caller-identity cut cut cut
  plainly 'the account is not known: aws sts get-caller-identity: Could not connect to the endpoint URL: "https://api.ecr"' account= --app shop -- --push .
}

@test "prepare: a builder of another kind is an error, and nothing is built" {
  echo docker >"$T/driver"
  run buildx --app shop --branch x -- --push .
  equal 1 "$status"
  uncalled 'docker buildx build *'
}

@test "prepare: a login that fails is said, and the build goes on" {
  turns get-login-password cut cut cut
  run buildx backend=ecr --app shop --branch x -- --push .
  equal 0 "$status"
  says "warning: there is no login to $HOST: aws ecr get-login-password: "
}

@test "warn_of_output: nothing will remain" {
  run buildx --app shop --branch x -- .
  says 'warning: found none of --push, --load and --output: nothing of this build will remain but its layers in the cache'
  job_outputs=true
  run warn_of_output
  equal '' "$output"
}

@test "main: a trace that a caller has exported does not show the value of a build argument, and its options change nothing" {
  run buildx --help
  run --separate-stderr bash -c 'export SHELLOPTS; set -x -f -u; bash "$@"' _ "$T/script" --app shop --branch x -- --push --build-arg TOKEN=hush .
  equal 0 "$status"
  [[ "${stderr##*$'\n'}" == *'wrote branches/shop/x-2d711642b726b044'* ]]
  # What is traced before the options are read is the line as it was called, which the caller's own trace has too.
  [[ "$(grep -v '^+* main \|^+* bash ' <<<"$stderr")" != *hush* ]]
}

@test "main: every variable is job_…; docker sees the job's environment, and DOCKER_CONFIG and BUILDX_CONFIG besides" {
  export status=sentinel image=sentinel tag=sentinel branch=sentinel line=sentinel
  env | grep -v '^_=\|^SHLVL=' | sort >"$T/before"
  run buildx backend=ecr --app shop --branch x -- --push .
  sort "$T/builds/1.env" | grep -v '^_=\|^SHLVL=' | grep -v '^DOCKER_CONFIG=\|^BUILDX_CONFIG=' >"$T/after"
  equal '' "$(diff "$T/before" "$T/after" | grep -v 'sentinel$' | grep '^[<>]' | cut -c 1-60 || true)"
  equal '' "$(grep '^job_' "$T/after" || true)"
  grep -q '^image=sentinel$' "$T/after"
  BEFORE='compgen -v | sort >"$T/variables-before"; remove_work() { compgen -v | sort >"$T/variables"; rm -rf -- "$job_work"; }' buildx --app shop --branch x -- --push . 2>/dev/null
  equal '' "$(comm -13 "$T/variables-before" "$T/variables" | grep -v '^job_\|^DOCKER_CONFIG$\|^BUILDX_CONFIG$\|^BASH_REMATCH$\|^FUNCNAME$\|^PIPESTATUS$\|^COPROC$\|^MAPFILE$\|^_$' || true)"
}
