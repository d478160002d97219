# shellcheck shell=bash
# The builder: made if it is not there, with mirrors for each rule of pull-through.

# How long a builder may take to start, with its image.
job_builder_seconds=180

# find_builder: makes job_builder if it is not there. Returns 1 if there is one that cannot be used; 3, with job_why, if there is none and none can be made.
find_builder() {
  local job_driver
  take_turn
  job_driver="$(driver_of "$job_builder")"
  if [[ -z "$job_driver" ]]; then
    make_builder || return 3
  elif [[ "$job_driver" != docker-container ]]; then
    fail "the builder $job_builder has the driver $job_driver, expected docker-container: Docker's own BuildKit has no cache in S3, and with overlay2 none in a registry. Remove it (docker buildx rm $job_builder), or give the entry another builder.name"
  elif ! start_builder; then
    # Of a job that was ended while it made the builder, or whose image is gone.
    note "the builder $job_builder does not start, and is made anew: $job_why"
    make_builder || return 3
  fi
}

# take_turn: jobs of a machine make builders one after another, if it has flock.
take_turn() {
  local job_turn job_place
  for job_place in "${BUILDX_CONFIG:-}" ~/.docker ~ /tmp; do
    if [[ -d "$job_place" && -r "$job_place" ]]; then
      exec {job_turn}<"$job_place" && bound "$((job_builder_seconds * 2))" flock "$job_turn" 2>/dev/null
      job_turns="$job_turn"
      return 0
    fi
  done
}

# end_turn: lets the next one.
end_turn() {
  [[ -z "${job_turns:-}" ]] || exec {job_turns}<&-
  job_turns=''
}

# start_builder: returns 1, sets job_why and removes the builder if it does not start.
start_builder() {
  job_why="$(bound "$job_builder_seconds" docker buildx inspect --bootstrap "$job_builder" 2>&1 >/dev/null </dev/null)" && return
  job_why="${job_why##*$'\n'}"
  bound 60 docker buildx rm --force "$job_builder" >/dev/null 2>&1 </dev/null
  return 1
}

# driver_of BUILDER: prints it, or nothing if there is no such builder.
driver_of() {
  local job_key job_value
  bound 60 docker buildx inspect "$1" 2>/dev/null | while read -r job_key job_value; do
    if [[ "$job_key" == Driver: ]]; then
      printf %s "$job_value"
      break
    fi
  done
}

# make_builder: returns 1 and sets job_why if none of its images starts. The image comes through ECR if a rule serves it; if neither can be pulled, buildx
# takes the one on disk.
make_builder() {
  local job_image
  local -a job_images=()
  job_image="$(through_ecr "$job_set_image")"
  [[ -z "$job_image" ]] || job_images=("$job_image")
  job_images+=("$job_set_image")
  write_buildkitd_toml >"$job_work/buildkitd.toml" || return 1
  for job_image in "${job_images[@]}"; do
    create_builder "$job_image" && return
    note "the builder $job_builder does not start from $job_image: $job_why"
  done
  return 1
}

# create_builder IMAGE: another job of this machine may be making the same one.
create_builder() {
  job_why="$(bound 60 docker buildx create --name "$job_builder" --driver docker-container --driver-opt "image=$1" --buildkitd-config "$job_work/buildkitd.toml" 2>&1 >/dev/null)" || {
    job_why="${job_why//$'\n'/ }"
    [[ "$(driver_of "$job_builder")" == docker-container ]]
    return
  }
  start_builder
}

# write_buildkitd_toml: mirrors of registries, and how much BuildKit keeps (moby/buildkit, docs/buildkitd.toml.md). Its history of builds would have the
# credentials that buildx hands over for the cache, in a file of the state volume (solver/llbsolver/history.go).
write_buildkitd_toml() {
  local job_bytes
  [[ "$job_set_keep_gib" =~ ^[0-9]{1,6}$ ]] || fail "keep_gib is \"$job_set_keep_gib\", expected a number of GiB" || return
  job_bytes=$((10#$job_set_keep_gib * 1024 * 1024 * 1024))
  printf '[history]\n  maxEntries = 0\n[worker.oci]\n  gc = true\n  reservedSpace = %s\n  maxUsedSpace = %s\n' "$job_bytes" "$job_bytes"
  list_mirrors | LC_ALL=C sort | {
    local job_host job_mirror job_before=''
    while read -r job_host job_mirror; do
      if [[ "$job_host" == "$job_before" ]]; then
        printf ', "%s"' "$job_mirror"
      else
        printf '%s\n[registry."%s"]\n  mirrors = ["%s"' "${job_before:+]$'\n'}" "$job_host" "$job_mirror"
        job_before="$job_host"
      fi
    done
    [[ -z "$job_before" ]] || printf ']\n'
  }
}

# list_mirrors: HOST MIRROR, one a line. BuildKit knows mirrors of whole registries alone: what serves a part of one is a mirror if the rest of the path
# is the same in ECR, as docker.io/library is in ecr-public/docker/library. For what a mirror lacks, the original is asked.
list_mirrors() {
  local job_key job_prefix job_path
  while read -r job_key job_prefix; do
    [[ "$job_key$job_prefix" =~ ^[A-Za-z0-9._:/-]+$ ]] || continue
    job_path="${job_key#"${job_key%%/*}"}"
    [[ "$job_prefix" != *"$job_path" ]] || printf '%s %s/%s\n' "${job_key%%/*}" "$job_registry" "${job_prefix%"$job_path"}"
  done <<<"${job_set_mirrors:-}"
}

# through_ecr IMAGE: prints its name in ECR, by the longest key that serves it, or nothing.
through_ecr() {
  local job_name="$1" job_key job_prefix job_first="${1%%/*}" job_best='' job_found=''
  if [[ "$job_name" != */* ]]; then
    job_name="docker.io/library/$job_name"
  elif [[ "$job_first" != *[.:]* && "$job_first" != localhost ]]; then
    job_name="docker.io/$job_name"
  fi
  while read -r job_key job_prefix; do
    if [[ -n "$job_key" && "$job_name" == "$job_key"/* ]] && ((${#job_key} > ${#job_best})); then
      job_best="$job_key" job_found="$job_registry/$job_prefix/${job_name#"$job_key"/}"
    fi
  done <<<"${job_set_mirrors:-}"
  printf %s "$job_found"
}
