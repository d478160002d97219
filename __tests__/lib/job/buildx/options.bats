#!/usr/bin/env bats
# Options of the command, and what is refused.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
}

@test "read_options: each of options.json in both forms, and the words behind -- as they are" {
  local name
  read_options --app a --branch 'b c' --mode min --region eu-west-2 --account-id 111111111111 --read-only --print --plain --invalidate=v -- --x '' $'a\nb' -- '*'
  equal 'a|b c|min|eu-west-2|111111111111|true|true|true|v' "${job_option[app]}|${job_option[branch]}|${job_option[mode]}|${job_option[region]}|${job_option["account-id"]}|${job_option["read-only"]}|${job_option[print]}|${job_option[plain]}|$job_invalidate"
  equal "$(printf '%q ' --x '' $'a\nb' -- '*')" "$(printf '%q ' "${job_words[@]}")"
  read_options --app=a --branch=b=c --mode=min --region=eu-west-2 --account-id=111111111111 --read-only=true --print=false
  equal 'a|b=c|min|eu-west-2|111111111111|true|false|false|0' "${job_option[app]}|${job_option[branch]}|${job_option[mode]}|${job_option[region]}|${job_option["account-id"]}|${job_option["read-only"]}|${job_option[print]}|${job_option[plain]}|${#job_words[@]}"
  while read -r name; do
    is_one_of "$name" "${job_texts[@]}" "${job_flags[@]}" invalidate || equal "an option of options.sh" "$name"
  done < <(jq -r '.[].name' "$JOB/buildx/options.json")
  equal "$(jq length "$JOB/buildx/options.json")" "$((${#job_texts[@]} + ${#job_flags[@]} + 1))"
}

@test "read_options: defaults; nothing is left of another run" {
  job_invalidate=x
  read_options --app a --read-only
  read_options --app a
  equal 'max|false|false|false|eu-west-1|unset' "${job_option[mode]}|${job_option["read-only"]}|${job_option[print]}|${job_option[plain]}|${job_option[region]}|${job_invalidate-unset}"
}

@test "read_options: --invalidate without a value is the time as the original writes it; an empty one is a value" {
  stub date 'echo "of date: $*"'
  read_options --app a --invalidate -- .
  equal 'of date: -u +%Y-%m-%dT%H%M:%SZ' "$job_invalidate"
  read_options --app a --invalidate= -- .
  equal given "${job_invalidate+given}${job_invalidate}"
}

@test "read_options: what is not understood is refused with 2" {
  local given
  for given in build -x - --nope --nope=1 --app --branch '--entry ci' --push '--app a b'; do
    # shellcheck disable=SC2086 # words
    run read_options $given
    equal "2 $given" "$status $given"
    says 'found '
  done
  run read_options --push -- .
  says 'docker-cache buildx: found --push, expected one of the options, with its value; those of docker buildx build stand behind --'
}

@test "take_option: an option of another name is none" {
  take_option app x
  equal x "${job_option[app]}"
  take_option invalidate y
  equal y "$job_invalidate"
  run take_option push true
  equal 2 "$status"
}

@test "expect: the whole of it, if it is given" {
  job_option[mode]=max
  expect mode 'max|min' x
  expect nothing 'max|min' x
  job_option[mode]=maximum
  run expect mode 'max|min' 'max or min'
  equal '2 docker-cache buildx: --mode is "maximum", expected max or min' "$status $output"
}

@test "check_options: each is checked, and named" {
  local given
  for given in mode=no app=a/b app=-a app= "app=$(printf 'a%.0s' {1..64})" $'app=a\nb' app=ü region=EU 'region=eu-west-1,x' account-id=12 branch= plain=yes read-only= print=1; do
    run read_options --app=ok "--$given"
    equal "2 $given" "$status $given"
    says "--${given%%=*} is "
  done
  read_options --app "$(printf 'a%.0s' {1..63})"
  read_options --app 1.a_b-c
}

@test "check_options: letters are those of ASCII in each locale" {
  localedef -i en_US -f UTF-8 "$T/en_US.UTF-8"
  export LOCPATH="$T"
  LC_ALL=en_US.UTF-8 bash -c '[[ ü =~ ^[A-Za-z]$ ]]'
  LC_ALL=en_US.UTF-8 run buildx --app ü --print -- .
  equal 2 "$status"
}

@test "check_options: the region, from the option, the entry, then the environment; none is refused" {
  read_options --app a --region ap-south-1
  equal ap-south-1 "${job_option[region]}"
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-2
  read_options --app a
  equal eu-west-1 "${job_option[region]}"
  job_set_region=''
  read_options --app a
  equal us-east-1 "${job_option[region]}"
  unset AWS_REGION
  read_options --app a
  equal us-east-2 "${job_option[region]}"
  unset AWS_DEFAULT_REGION
  run read_options --app a
  equal '2 docker-cache buildx: the region is "", expected --region, or a region of AWS in AWS_REGION' "$status $output"
}

@test "check_options: the app is the repository's name, if it is not given" {
  GITHUB_REPOSITORY=acme/shop read_options
  equal shop "${job_option[app]}"
}
