# shellcheck shell=bash
# The repository in ECR: made if it is absent; life cycle and tags written only if they differ. Nothing here stops the job.

# configure_repository: sets job_unshared if the repository is absent and cannot be made.
configure_repository() {
  local job_status=0 job_name="${job_option["ecr-name"]}"
  try "reading the repository $job_name" ask_ecr describe-repositories --repository-names "$job_name" || job_status=$?
  if ((job_status == 0)); then
    adjust_repository
  elif [[ "$job_error" == RepositoryNotFoundException ]]; then
    create_repository
  else
    # What is refused may well be there.
    warn "whether the repository $job_name is there cannot be told: $job_why"
  fi
}

# repository_arn
repository_arn() {
  local job_partition
  read -r job_partition _ < <(partition_of "${job_option[region]}")
  printf %s "arn:$job_partition:ecr:${job_option[region]}:${job_image%%.*}:repository/${job_option["ecr-name"]}"
}

# create_repository: with tags and life cycle. One that another job has made meanwhile is well.
create_repository() {
  local -a job_arguments=(--repository-name "${job_option["ecr-name"]}")
  [[ "$job_tags_json" == '[]' ]] || job_arguments+=(--tags "$job_tags_json")
  say "Creating the repository ${job_option["ecr-name"]}"
  if ! try "creating the repository ${job_option["ecr-name"]}" ask_ecr create-repository "${job_arguments[@]}" &&
    [[ "$job_error" != RepositoryAlreadyExistsException ]]; then
    job_unshared="the repository ${job_option["ecr-name"]} is absent and cannot be made: $job_why"
    ! is_denied || job_unshared+=" (the permission ecr:CreateRepository on $(repository_arn) is missing; or make the repository by Terraform, module ci-images)"
    return
  fi
  put_life_cycle
}

# adjust_repository: one of Terraform's is left as it is, and so is one of which that cannot be told.
adjust_repository() {
  local job_status=0
  try "reading the tags of ${job_option["ecr-name"]}" ask_aws ecr list-tags-for-resource --resource-arn "$(repository_arn)" || job_status=$?
  if ((job_status == 0)) && ! answers '.tags | type == "array"'; then
    job_status=1 job_why='aws ecr list-tags-for-resource answered without tags'
  fi
  if ((job_status != 0)); then
    ! is_denied || job_why+=' (the permission ecr:ListTagsForResource on the repository is missing)'
    warn "the repository ${job_option["ecr-name"]} is left as it is, because its tags cannot be read: $job_why"
    return
  fi
  # Of lib/contract.ts (a test holds them equal).
  if answers '.tags | any(.Key == "docker-cache:companion")'; then
    say "The repository ${job_option["ecr-name"]} is Terraform's, and is left as it is"
    return
  fi
  adjust_tags
  adjust_life_cycle
}

# adjust_tags: of the tags in job_answer, writes those that are absent or differ. Others stay.
adjust_tags() {
  local job_missing_tags
  job_missing_tags="$(jq -c --argjson wanted "$job_tags_json" '$wanted - (.tags | map({Key, Value}))' <<<"$job_answer")"
  [[ "$job_missing_tags" != '[]' ]] || return 0
  try "tagging ${job_option["ecr-name"]}" ask_aws ecr tag-resource --resource-arn "$(repository_arn)" --tags "$job_missing_tags" && return
  ! is_denied || job_why+=' (the permission ecr:TagResource on the repository is missing)'
  warn "the tags of the repository ${job_option["ecr-name"]} could not be written: $job_why"
}

# life_cycle: images expire some days after their push. ECR allows one rule alone for images of any tag.
life_cycle() {
  jq -cn --argjson days "${job_option["max-age-days"]}" '{rules: [{rulePriority: 1, description: "Expire images older than \($days) days",
    selection: {tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: $days}, action: {type: "expire"}}]}'
}

# adjust_life_cycle: writes it if it differs.
adjust_life_cycle() {
  if try "reading the life cycle of ${job_option["ecr-name"]}" ask_ecr get-lifecycle-policy --repository-name "${job_option["ecr-name"]}"; then
    # shellcheck disable=SC2016 # jq's variable
    answers --argjson wanted "$(life_cycle)" '.lifecyclePolicyText | fromjson == $wanted' && return
  elif [[ "$job_error" != LifecyclePolicyNotFoundException ]]; then
    ! is_denied || job_why+=' (the permission ecr:GetLifecyclePolicy on the repository is missing)'
    warn "the life cycle of the repository ${job_option["ecr-name"]} could not be read, and is left as it is: $job_why"
    return
  fi
  put_life_cycle
}

put_life_cycle() {
  try "writing the life cycle of ${job_option["ecr-name"]}" ask_ecr put-lifecycle-policy --repository-name "${job_option["ecr-name"]}" \
    --lifecycle-policy-text "$(life_cycle)" && return
  ! is_denied || job_why+=' (the permission ecr:PutLifecyclePolicy on the repository is missing)'
  warn "the life cycle of the repository ${job_option["ecr-name"]} could not be written: $job_why"
}
