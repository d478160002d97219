# shellcheck shell=bash
# For tests of single functions in the test's own shell: all of them, and options as main has them before it reads any.

# shellcheck source=../helper.bash
source "${BASH_SOURCE[0]%/*}/../helper.bash"
for job_file in "$JOB"/shared/*.sh "$JOB"/image/*.sh; do
  # shellcheck source=/dev/null
  [[ "$job_file" == */call-main.sh ]] || source "$job_file"
done

# begin: without what this machine's environment says, in a folder of the test's own.
begin() {
  local name
  while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(BUILDKITE_|AWS_)')
  job_set_repository='' job_set_region='' job_set_max_age_days='' job_set_registry=''
  job_sums='' job_missing=0 job_jq_said=''
  clear_options
  cd "$BATS_TEST_TMPDIR" || return
}
