# shellcheck shell=bash
# Makes the image of the step's plugins available, and says by variables what it is called. Buildkite's agent sources this, so all work is done in a shell
# of its own; here nothing is left behind but exported variables.

docker_ecr_cache_pre_command() {
  unset -f docker_ecr_cache_pre_command
  local job_folder job_line job_lines='' job_status=0
  job_folder="$(dirname -- "${BASH_SOURCE[0]}")/.."
  # Descriptor 3 carries the variables; what is printed goes where it would go without it.
  { job_lines="$(bash "$job_folder/lib/image.bash" hook 3>&1 1>&4 4>&-)" || job_status=$?; } 4>&1
  ((job_status == 0)) || return "$job_status"
  while IFS= read -r job_line; do
    export "${job_line?}"
  done <<<"$job_lines"
}
docker_ecr_cache_pre_command
