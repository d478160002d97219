# shellcheck shell=bash
# What a job gets: IMAGE:TAG in the chosen variable, and the original's two. The values are checked names, without quotes or blanks.

# list_exports: NAME=VALUE, one a line.
list_exports() {
  printf '%s\n' "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_IMAGE=$job_image" "BUILDKITE_PLUGIN_DOCKER_ECR_CACHE_EXPORT_TAG=$job_tag" \
    "${job_option["export-env-variable"]}=$job_image:$job_tag"
}

# print_exports: for eval in a shell.
print_exports() {
  local job_line
  list_exports | while IFS= read -r job_line; do printf "export %s='%s'\n" "${job_line%%=*}" "${job_line#*=}"; done
}

# hand_over: to the hook, which reads descriptor 3 and exports the lines. A login that the next step needs goes along.
hand_over() {
  {
    list_exports
    [[ "${job_login_kept:-}" != true ]] || printf '%s\n' "DOCKER_ECR_CACHE_FOLDER=$job_outer" "DOCKER_CONFIG=$DOCKER_CONFIG"
  } >&3
}
