#!/usr/bin/env bats
# The repository in ECR.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() {
  use
  script life_cycle >"$T/life-cycle"
}

ARN=arn:aws:ecr:eu-west-1:123456789012:repository/build-cache/app
NOW='--region eu-west-1 *'

@test "configure_repository: what is as it should be is only read" {
  run in_ecr configure_repository
  [[ "$status" == 0 && -z "$output" ]]
  equal 'describe-repositories list-tags-for-resource get-lifecycle-policy ' "$(calls_of aws | cut -d ' ' -f 3 | tr '\n' ' ')"
}

@test "configure_repository: one that is absent is made, with tags and life cycle" {
  rm "$T/repository" "$T/life-cycle"
  run in_ecr 'job_tags_json='"'"'[{"Key":"a b","Value":"it is \"so\"\nand so"}]'"'"'; configure_repository; echo "unshared=$job_unshared"'
  equal $'Creating the repository build-cache/app\nunshared=' "$output"
  equal '[{"Key":"a b","Value":"it is \"so\"\nand so"}]' "$(<"$T/tags")"
  called "aws ecr create-repository --registry-id 123456789012 --repository-name build-cache/app --tags *"
  called "aws ecr put-lifecycle-policy --registry-id 123456789012 --repository-name build-cache/app --lifecycle-policy-text *"
  equal 'describe-repositories create-repository put-lifecycle-policy ' "$(calls_of aws | cut -d ' ' -f 3 | tr '\n' ' ')"
}

@test "configure_repository: one that is denied is not absent" {
  turns describe-repositories AccessDeniedException
  run in_ecr 'configure_repository; echo "unshared=$job_unshared"'
  says 'warning: whether the repository build-cache/app is there cannot be told: aws ecr describe-repositories: An error occurred (AccessDeniedException)'
  says 'unshared='
  uncalled '*create-repository*'
  counted 1 'aws *'
}

@test "configure_repository: no answer is tried again, and then it is not absent either" {
  turns describe-repositories cut ThrottlingException 503
  run in_ecr 'configure_repository; echo "unshared=$job_unshared"'
  says 'unshared='
  counted 3 'aws ecr describe-repositories *'
  uncalled '*create-repository*'
}

@test "repository_arn: of the registry's account, in the region's partition" {
  equal "$ARN" "$(in_ecr repository_arn)"
  equal arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/build-cache/app "$(in_ecr 'job_option[region]=us-gov-west-1; repository_arn')"
}

@test "create_repository: the permission that is missing, or the module" {
  rm "$T/repository"
  turns create-repository AccessDeniedException
  run in_ecr 'create_repository; echo "unshared=$job_unshared"'
  says "unshared=the repository build-cache/app is absent and cannot be made: aws ecr create-repository: *the permission ecr:CreateRepository on $ARN is missing; or make the repository by Terraform, module ci-images"
  uncalled '*put-lifecycle-policy*'
}

@test "create_repository: another failure has its own reason" {
  turns create-repository LimitExceededException LimitExceededException LimitExceededException
  run in_ecr 'create_repository; echo "unshared=$job_unshared"'
  says 'unshared=the repository build-cache/app is absent and cannot be made: aws ecr create-repository: An error occurred (LimitExceededException)'
  silent ecr:CreateRepository
}

@test "create_repository: one that another job has made meanwhile is well" {
  rm "$T/life-cycle"
  run in_ecr 'create_repository; echo "unshared=$job_unshared"'
  says unshared=
  silent warning
  [[ -s "$T/life-cycle" ]]
}

@test "adjust_repository: one of Terraform's is left as it is" {
  echo '[{"Key": "docker-cache:companion", "Value": "ci-images"}]' >"$T/tags"
  rm "$T/life-cycle"
  run in_ecr 'job_tags_json='"'"'[{"Key":"a","Value":"b"}]'"'"'; adjust_repository'
  equal "The repository build-cache/app is Terraform's, and is left as it is" "$output"
  counted 1 'aws *'
  called "aws ecr list-tags-for-resource --resource-arn $ARN $NOW"
}

@test "adjust_repository: the tag is the contract's" {
  [[ "$(<"$JOB/../contract.ts")" == *'companion: "docker-cache:companion"'* ]]
}

@test "adjust_repository: without its tags it cannot be told whose it is" {
  rm "$T/life-cycle"
  turns list-tags-for-resource AccessDeniedException
  run in_ecr adjust_repository
  says 'warning: the repository build-cache/app is left as it is, because its tags cannot be read: *ecr:ListTagsForResource'
  ((${#lines[@]} == 1))
  counted 1 'aws *'
  for tags in '' '{}' null 'not JSON'; do
    echo "$tags" >"$T/tags"
    run in_ecr adjust_repository
    says 'is left as it is, because its tags cannot be read'
  done
  stub aws
  run in_ecr adjust_repository
  says 'is left as it is, because its tags cannot be read'
  uncalled '*lifecycle*'
}

@test "adjust_tags: only those that are absent or differ are written" {
  local answer='job_answer='"'"'{"tags": [{"Key": "same", "Value": "1"}, {"Key": "other", "Value": "2"}, {"Key": "theirs", "Value": "3"}]}'"'"
  in_ecr 'job_tags_json='"'"'[{"Key":"same","Value":"1"},{"Key":"other","Value":"x"},{"Key":"Same","Value":"1"}]'"'"'; '"$answer; adjust_tags"
  equal '[{"Key":"other","Value":"x"},{"Key":"Same","Value":"1"}]' "$(<"$T/tags")"
  called "aws ecr tag-resource --resource-arn $ARN --tags *"
  : >"$CALLS"
  in_ecr 'job_tags_json='"'"'[{"Key":"same","Value":"1"}]'"'"'; '"$answer; adjust_tags"
  in_ecr "$answer; adjust_tags"
  equal '' "$(calls_of aws)"
}

@test "adjust_tags: a failure is a warning with the permission" {
  turns tag-resource AccessDeniedException
  run in_ecr 'job_tags_json='"'"'[{"Key":"a","Value":"1"}]'"'"'; job_answer='"'"'{"tags":[]}'"'"'; adjust_tags'
  [[ "$status" == 0 ]]
  says 'warning: the tags of the repository build-cache/app could not be written: *ecr:TagResource'
}

@test "life_cycle: as the original writes it" {
  equal '{"rules":[{"rulePriority":1,"description":"Expire images older than 30 days","selection":{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":30},"action":{"type":"expire"}}]}' \
    "$(script 'job_option[max-age-days]=30; life_cycle')"
}

@test "adjust_life_cycle: written only if it differs, whatever its layout" {
  jq -S . "$T/life-cycle" >"$T/other-layout"
  cp "$T/other-layout" "$T/life-cycle"
  in_ecr adjust_life_cycle
  uncalled '*put-lifecycle-policy*'
  in_ecr 'job_option[max-age-days]=8; adjust_life_cycle'
  equal "$(script 'job_option[max-age-days]=8; life_cycle')" "$(<"$T/life-cycle")"
  called 'aws ecr put-lifecycle-policy --registry-id 123456789012 --repository-name build-cache/app --lifecycle-policy-text *'
}

@test "adjust_life_cycle: an absent one is written; one that cannot be read is left as it is" {
  rm "$T/life-cycle"
  turns get-lifecycle-policy AccessDeniedException
  run in_ecr adjust_life_cycle
  says 'warning: the life cycle of the repository build-cache/app could not be read, and is left as it is: *ecr:GetLifecyclePolicy'
  uncalled '*put-lifecycle-policy*'
  run in_ecr adjust_life_cycle
  [[ -z "$output" && -s "$T/life-cycle" ]]
}

@test "put_life_cycle: a failure is a warning with the permission" {
  turns put-lifecycle-policy AccessDeniedException
  run in_ecr put_life_cycle
  [[ "$status" == 0 ]]
  says 'warning: the life cycle of the repository build-cache/app could not be written: *ecr:PutLifecyclePolicy'
}
