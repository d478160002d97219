# shellcheck shell=bash
# For tests of the functions of `buildx`: all of them in the test's own shell, with settings and options as main has them; and the whole script.

# shellcheck source=../helper.bash
source "${BASH_SOURCE[0]%/*}/../helper.bash"
BUILDX_TESTS="$JOB_TESTS/buildx"
# What a file declares would be the own of the function that sources it, which is a test's setup.
for job_file in "$JOB"/shared/*.sh "$JOB"/buildx/*.sh; do
  # shellcheck source=/dev/null
  [[ "$job_file" == */call-main.sh ]] || source <(sed 's/^declare -/declare -g/' "$job_file")
done
HOST=123456789012.dkr.ecr.eu-west-1.amazonaws.com
S3=type=s3,region=eu-west-1,bucket=docker-cache-ci-123456789012-eu-west-1,prefix=ci/

# begin: stubs, a folder of the test's own that is no checkout, nothing of what this machine's environment says, and an entry `ci` with S3.
begin() {
  local name
  while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(BUILDKITE|GITHUB_|GITLAB_|CI$|CI_|CODEBUILD_|JENKINS_|AWS_|GIT_|CHANGE_|BRANCH_NAME$|TAG_NAME$|DOCKER_|BUILDX_|XDG_)')
  use
  rm "$T/checkout/Dockerfile"
  export TMPDIR="$T/tmp" GIT_CEILING_DIRECTORIES="$T"
  mkdir "$TMPDIR" "$T/work" "$T/streams"
  # Short pauses wait for what is going on.
  # shellcheck disable=SC2016
  stub sleep '[[ "$1" != 0.1 ]] || "$REAL_SLEEP" 0.1'
  stub docker "source '$BUILDX_TESTS/docker.sh'"
  job_program='docker-cache buildx' job_why='' job_why_plain='' job_why_again='' job_fetching='' job_summary='' job_input='' job_error='' job_answer=''
  job_set_entry=ci job_set_region=eu-west-1 job_set_backend=s3 job_set_bucket='' job_set_account=123456789012 job_set_protected=main
  job_set_builder=docker-cache job_set_image=moby/buildkit:buildx-stable-1 job_set_keep_gib=20 job_set_mirrors=''
  job_option=([app]=shop [mode]=max ["read-only"]=false [print]=false [plain]=false [region]=eu-west-1)
  job_words=(.) job_builder=docker-cache job_work="$T/work" job_account=123456789012 job_registry="$HOST"
  job_bucket=docker-cache-ci-123456789012-eu-west-1
  job_own='branches/shop/x-1' job_shared=(default/shop/main-2) job_asked=("$job_own" "${job_shared[@]}") job_read=("$job_own" "${job_shared[@]}")
  job_branch='' job_kind=branch job_target='' job_build_args=() job_quiet=false job_outputs=true job_look=plain job_look_given='' job_reads_input=false
  unset job_invalidate
}

# buildx [NAME=VALUE...] WORD...: the whole script as it runs in a job, with these settings in the place of begin's. BEFORE is put in front of its last line.
buildx() {
  local name
  local -A settings=([entry]=ci [region]=eu-west-1 [backend]=s3 [bucket]='' [account]=123456789012 [protected]=main [builder]=docker-cache
    [image]=moby/buildkit:buildx-stable-1 [keep_gib]=20 [mirrors]='')
  while [[ "${1:-}" =~ ^[a-z_]+= ]]; do
    settings[${1%%=*}]="${1#*=}"
    shift
  done
  {
    for name in "${!settings[@]}"; do printf "job_set_%s='%s'\n" "$name" "$(printf %s "${settings[$name]}" | base64 -w 0)"; done
    cat "$JOB"/shared/*.sh
    for name in "$JOB"/buildx/*.sh; do [[ "$name" == */call-main.sh ]] || cat "$name"; done
    echo "${BEFORE:-:}"
    cat "$JOB/buildx/call-main.sh"
  } >"$T/script"
  bash "$T/script" "$@"
}
