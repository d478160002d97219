#!/usr/bin/env bats
# ECR: whose registry it is, and whether it has the tag.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

named() { script "$1 && echo \"\$job_image\""; }

@test "name_ecr: by the deployment's settings, if they name a registry" {
  equal "$IMAGE" "$(named "job_registry=$OWN; name_ecr")"
  run named name_ecr
  [[ "$status" == 1 && -z "$output" ]]
  equal '' "$(calls_of docker aws)"
}

@test "name_ecr: in another region it is the same account's registry there" {
  equal '123456789012.dkr.ecr.us-east-1.amazonaws.com/build-cache/app' "$(named "job_registry=$OWN job_option[region]=us-east-1; name_ecr")"
  run named 'job_registry=registry.example.com; name_ecr'
  [[ "$status" == 1 ]]
}

@test "name_of_account: an account's id, and nothing else" {
  local id
  equal "$IMAGE" "$(named 'name_of_account 123456789012')"
  for id in '' 12345678901 1234567890123 12345678901x; do
    run named "name_of_account '$id'"
    [[ "$status" == 1 && -z "$output" ]]
  done
}

@test "name_by_caller: the account of these credentials, in the region's partition" {
  equal 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/build-cache/app "$(named 'job_option[region]=cn-north-1; name_by_caller')"
  called 'aws sts get-caller-identity --region cn-north-1 *'
}

@test "name_by_caller: without an answer there is no name" {
  turns get-caller-identity cut
  run script 'job_image=; name_by_caller; echo "$?|$job_image|$job_why"'
  equal '1||aws sts get-caller-identity: Could not connect to the endpoint URL: "https://api.ecr"' "$output"
}

@test "ask_caller: a refusal is worth another try, a missing CLI is not" {
  turns get-caller-identity AccessDenied
  run script ask_caller
  [[ "$status" == 1 ]]
  run script 'PATH=/nowhere; ask_caller'
  [[ "$status" == 2 ]]
}

@test "ask_caller: an answer without an account is none" {
  local answer
  for answer in '' '{}' '{"Account": "1"}' 'not JSON' '{"Account": null}'; do
    stub aws "printf %s '$answer'"
    run script 'ask_caller; echo "$?|$job_why"'
    equal '1|aws sts get-caller-identity names no account' "$output"
  done
}

@test "registry_host and ask_ecr: of the image's own registry, which need not be the caller's" {
  equal "$OWN" "$(in_ecr registry_host)"
  in_ecr 'job_image=999999999999.dkr.ecr.eu-west-1.amazonaws.com/x; ask_ecr describe-repositories --repository-names x'
  called 'aws ecr describe-repositories --registry-id 999999999999 --repository-names x --region eu-west-1 *'
}

@test "look_in_ecr: there, not there, refused, not known" {
  echo "$IMAGE:0123abc x" >"$T/registry"
  in_ecr look_in_ecr
  called 'aws ecr describe-images --registry-id 123456789012 --repository-name build-cache/app --image-ids imageTag=0123abc --region eu-west-1 *'
  : >"$T/registry"
  run in_ecr look_in_ecr
  [[ "$status" == 3 ]]
  rm "$T/repository"
  run in_ecr look_in_ecr
  [[ "$status" == 3 ]]
  turns describe-images AccessDeniedException
  run in_ecr 'look_in_ecr; echo "$?|$job_why"'
  says '2|aws ecr describe-images: *ecr:DescribeImages on the repository is missing'
  turns describe-images ThrottlingException
  run in_ecr look_in_ecr
  [[ "$status" == 1 ]]
  turns describe-images cut
  run in_ecr look_in_ecr
  [[ "$status" == 1 ]]
}

@test "look_in_ecr: an answer without an image is neither" {
  local answer
  for answer in '' '{}' '{"imageDetails": []}' 'not JSON'; do
    stub aws "printf %s '$answer'"
    run in_ecr 'look_in_ecr; echo "$?|$job_why"'
    equal '1|aws ecr describe-images answered without an image' "$output"
  done
}
