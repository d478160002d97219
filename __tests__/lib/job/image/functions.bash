# shellcheck shell=bash
# For tests of single functions: all of them, with the options that a job has which gives none, in a folder of the test's own.

JOB="$(cd "${BASH_SOURCE[0]%/*}/../../../../lib/job" && pwd)"
for job_file in "$JOB"/shared/*.sh "$JOB"/image/*.sh; do
  # shellcheck source=/dev/null
  [[ "$job_file" == */call-main.sh ]] || source "$job_file"
done

# begin: as main does before it reads options.
begin() {
  local name
  while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(BUILDKITE_|AWS_)')
  job_set_repository='' job_set_region='' job_set_max_age_days='' job_set_registry=''
  job_sums='' job_missing=0 job_jq_said=''
  clear_options
  cd "$BATS_TEST_TMPDIR" || return
}

# equal EXPECTED FOUND
equal() {
  [[ "$1" == "$2" ]] && return
  printf 'expected: %s\nfound:    %s\n' "$1" "$2" >&2
  return 1
}
