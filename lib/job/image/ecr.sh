# shellcheck shell=bash
# ECR: whose registry it is, and whether it has the tag.

# name_ecr: sets job_image if the deployment's settings name the registry, else returns 1. Another region's is the same account's there.
name_ecr() {
  if [[ "$job_registry" == *".${job_option[region]}."* ]]; then
    job_image="$job_registry/${job_option["ecr-name"]}"
  else
    name_of_account "${job_registry%%.*}"
  fi
}

# name_of_account ID: sets job_image to the name in this account's registry. Returns 1 if it is no account's id.
name_of_account() {
  local job_domain
  [[ "$1" =~ ^[0-9]{12}$ ]] || return 1
  read -r _ job_domain < <(partition_of "${job_option[region]}")
  job_image="$1.dkr.ecr.${job_option[region]}.$job_domain/${job_option["ecr-name"]}"
}

# name_by_caller: sets job_image by asking AWS whose credentials these are.
name_by_caller() {
  ask_caller || return
  name_of_account "$job_answer"
}

# ask_caller: sets job_answer to the account's id. Each failure is worth another try, a refusal too: credentials of a job can come late.
ask_caller() {
  local job_status=0
  ask_aws sts get-caller-identity || job_status=$?
  if ((job_status != 0)); then
    [[ -z "$job_error" ]] || return 1
    return "$job_status"
  fi
  job_answer="$(jq -r '.Account // empty' <<<"$job_answer" 2>/dev/null)"
  [[ "$job_answer" =~ ^[0-9]{12}$ ]] && return
  job_why="aws sts get-caller-identity names no account"
  return 1
}

# registry_host: the registry's host, of job_image.
registry_host() { printf %s "${job_image%%/*}"; }

# ask_ecr OPERATION ARGUMENT...: of the registry's account, which need not be the caller's.
ask_ecr() {
  local job_operation="$1"
  shift
  ask_aws ecr "$job_operation" --registry-id "${job_image%%.*}" "$@"
}

# look_in_ecr: returns 0 if the registry has the tag, 3 if it has not, 2 if AWS does not let us look, 1 if it cannot be told.
look_in_ecr() {
  local job_status=0
  ask_ecr describe-images --repository-name "${job_option["ecr-name"]}" --image-ids "imageTag=$job_tag" || job_status=$?
  case "$job_status:$job_error" in
    0:)
      answers '.imageDetails | length > 0' && return
      job_why='aws ecr describe-images answered without an image'
      return 1
      ;;
    *:ImageNotFoundException | *:RepositoryNotFoundException) return 3 ;;
  esac
  ! is_denied || job_why+=" (the permission ecr:DescribeImages on the repository is missing)"
  return "$job_status"
}
