# shellcheck shell=bash
# The build.

# build_image: returns 1 if it fails, whatever docker's status was.
build_image() {
  local job_context="${job_option[context]}" job_argument
  local -a job_arguments=("--file=$job_dockerfile" --progress=plain "--tag=$job_image:$job_tag") job_more=()
  split_arguments
  check_platforms || return 1
  if [[ -z "$job_context" ]]; then
    job_context=.
    [[ -n "${job_option["dockerfile-inline"]}" ]] || job_context="$(dirname -- "$job_dockerfile")"
  fi
  [[ -z "${job_option[target]}" ]] || job_arguments+=("--target=${job_option[target]}")
  for job_argument in "${job_build_args[@]}"; do job_arguments+=("--build-arg=$job_argument"); done
  for job_argument in "${job_secrets[@]}"; do job_arguments+=(--secret "$job_argument"); done
  job_arguments+=("${job_more[@]}" "$job_context")
  group 'Building image'
  say "Inside $PWD, running docker build$(printf ' %q' "${job_arguments[@]}")"
  run_build "${job_arguments[@]}" && return
  note '^^^ +++'
  fail "the build of $job_image:$job_tag failed"
}

# run_build ARGUMENT...: secrets need BuildKit.
run_build() {
  if ((${#job_secrets[@]} > 0)); then
    DOCKER_BUILDKIT=1 docker build "$@"
  else
    docker build "$@"
  fi
}

# split_arguments: sets job_more to the words of additional-build-args, split at spaces alone: no name of a file takes a pattern's place.
split_arguments() { IFS=$' \t\n' read -r -d '' -a job_more <<<"${job_option["additional-build-args"]}" || true; }

# list_platforms WORD...: each platform that docker build is asked for, one a line.
list_platforms() {
  local job_words='' job_name
  local -a job_names
  while (($# > 0)); do
    case "$1" in
      --platform=*) job_words+=",${1#*=}" ;;
      --platform) job_words+=",${2:-}" ;;
    esac
    shift
  done
  IFS=, read -r -a job_names <<<"$job_words"
  for job_name in "${job_names[@]}"; do [[ -z "$job_name" ]] || printf '%s\n' "$job_name"; done | LC_ALL=C sort -u
}

# is_containerd: true if Docker keeps images in containerd's store.
is_containerd() {
  local job_answer
  job_answer="$(docker info --format '{{json .DriverStatus}}' 2>/dev/null)" && answers 'any(.[]; .[1] == "io.containerd.snapshotter.v1")'
}

# check_platforms: an image of many platforms can be loaded into containerd's store alone. Returns 1 if it is asked for and the store is another. What the
# build itself pushes, or puts elsewhere, is not loaded.
check_platforms() {
  local -a job_platforms
  mapfile -t job_platforms < <(list_platforms "${job_more[@]}")
  ((${#job_platforms[@]} > 1)) || return 0
  [[ ! " ${job_more[*]} " =~ \ (--push|--output|-o)[\ =] ]] || return 0
  is_containerd && return
  fail "additional-build-args asks for ${#job_platforms[@]} platforms (${job_platforms[*]}), and Docker's image store here can load one alone:" \
    'name one platform, or switch to the containerd image store ("features": {"containerd-snapshotter": true} in daemon.json)'
}
