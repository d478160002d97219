# shellcheck shell=bash
# AWS's command-line interface. $T/repository is there if the repository is; $T/tags and $T/life-cycle are its own. $T/turns/OPERATION, if it is there,
# says how the next calls end: AWS's error codes, `cut` for no answer, `stalls`, or `well`, one a line.

error() {
  local word title=''
  for word in ${operation//-/ }; do title+="${word^}"; done
  printf '\nAn error occurred (%s) when calling the %s operation: no, by %s\n' "$1" "$title" "$1" >&2
  exit 254
}

operation="$2"
if [[ -s "$T/turns/$operation" ]]; then
  read -r turn <"$T/turns/$operation"
  sed -i 1d "$T/turns/$operation"
  case "$turn" in
    well) ;;
    stalls) exec "$REAL_SLEEP" 30 ;;
    cut)
      printf '\nCould not connect to the endpoint URL: "https://api.ecr"\n' >&2
      exit 255
      ;;
    *) error "$turn" ;;
  esac
fi
value() {
  local previous=''
  for argument in "${arguments[@]}"; do
    [[ "$previous" != "$1" ]] || printf %s "$argument"
    previous="$argument"
  done
}
arguments=("$@")
[[ "$operation" != *lifecycle* && "$operation" != describe-* || -e "$T/repository" ]] || error RepositoryNotFoundException
case "$1 $operation" in
  'sts get-caller-identity') echo '{"UserId": "u", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:role/r"}' ;;
  'ecr get-login-password') echo p4ssw0rd ;;
  'ecr describe-repositories') echo '{"repositories": [{}]}' ;;
  'ecr create-repository')
    [[ ! -e "$T/repository" ]] || error RepositoryAlreadyExistsException
    touch "$T/repository"
    tags="$(value --tags)"
    printf %s "${tags:-[]}" >"$T/tags"
    ;;
  'ecr list-tags-for-resource') printf '{"tags": %s}\n' "$(<"$T/tags")" ;;
  'ecr tag-resource') value --tags >"$T/tags" ;;
  'ecr get-lifecycle-policy')
    [[ -e "$T/life-cycle" ]] || error LifecyclePolicyNotFoundException
    jq -n --rawfile text "$T/life-cycle" '{lifecyclePolicyText: $text}'
    ;;
  'ecr put-lifecycle-policy') value --lifecycle-policy-text >"$T/life-cycle" ;;
  'ecr describe-images')
    tag="$(value --image-ids)"
    grep -q "/$(value --repository-name):${tag#imageTag=} " "$T/registry" || error ImageNotFoundException
    echo '{"imageDetails": [{"imageDigest": "sha256:0"}]}'
    ;;
  *)
    echo 'usage: aws' >&2
    exit 252
    ;;
esac
