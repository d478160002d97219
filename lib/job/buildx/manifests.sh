# shellcheck shell=bash
# What the cache has: manifests, which name layers by their digests. BuildKit does not tell of S3 whether there was one, nor which layer was missing.

# fetch_manifests: beside the making of the builder, by the order of job_asked until one is there, into files manifest-N, each with a file state-N: there, none
# (also if it names nothing), or why not. For S3 that takes the AWS CLI.
fetch_manifests() {
  [[ "$job_set_backend" == ecr ]] || command -v aws >/dev/null || return 0
  {
    job_aws_seconds=30
    for job_index in "${!job_asked[@]}"; do
      fetch_manifest "$job_index" >"$job_work/state-$job_index.new"
      mv "$job_work/state-$job_index.new" "$job_work/state-$job_index"
      [[ "$(<"$job_work/state-$job_index")" != there ]] || break
    done
  } >/dev/null 2>&1 </dev/null &
  job_fetching=$!
}

# fetch_manifest INDEX: prints its state.
fetch_manifest() {
  local job_file="$job_work/manifest-$1" job_state
  if [[ "$job_set_backend" == ecr ]]; then
    # Why not is what BuildKit says.
    fetch_reference "$1" || printf none
  elif ! ask_aws s3api get-object --bucket "$job_bucket" --key "$job_set_entry/manifests/${job_asked[$1]}" "$job_file"; then
    rm -f "$job_file"
    if [[ "$job_error" == NoSuchKey ]]; then printf none; else printf %s "$job_why"; fi
  fi
  [[ -e "$job_file" ]] || return 0
  job_state="$(jq -r 'if .layers == [] then "none" elif .layers | type == "array" then "there" else empty end' "$job_file" 2>/dev/null)" || job_state=''
  printf %s "${job_state:-what is there is no manifest}"
}

# fetch_reference INDEX: of ECR. Returns 1, and leaves no file, if it is not to be had.
fetch_reference() {
  bound 30 docker buildx imagetools inspect --raw "$(reference_of "${job_asked[$1]}")" >"$job_work/manifest-$1" 2>/dev/null </dev/null && return
  rm -f "$job_work/manifest-$1"
  return 1
}

# choose_manifest: sets job_read to what the build reads: the first of job_asked that is there; all of them if nobody knows. Of two BuildKit finds by chance the
# steps that only one has (moby/buildkit#6418, seen with v0.34.2).
choose_manifest() {
  local job_index
  await_manifests 15
  for job_index in "${!job_asked[@]}"; do
    [[ "$(cat "$job_work/state-$job_index" 2>/dev/null)" != there ]] || {
      job_read=("${job_asked[$job_index]}")
      return
    }
  done
}

# await_manifests SECONDS: until they are here, or no longer than that. It removes what was only begun.
await_manifests() {
  local job_turn
  [[ -n "${job_fetching:-}" ]] || return 0
  for ((job_turn = 0; job_turn < $1 * 10; job_turn++)); do
    kill -0 "$job_fetching" 2>/dev/null || break
    pause 0.1
  done
  kill "$job_fetching" 2>/dev/null || true
  wait "$job_fetching" 2>/dev/null || true
  job_fetching=''
}

# list_layers: prints a JSON object of the layers' sizes by digest, of all manifests that could be read; null if none could.
list_layers() {
  local job_file
  local -a job_whole=()
  for job_file in "$job_work"/manifest-*; do
    ! jq -e '.layers | type == "array"' "$job_file" >/dev/null 2>&1 || job_whole+=("$job_file")
  done
  ((${#job_whole[@]} > 0)) || {
    printf null
    return
  }
  jq -c -s '[.[].layers[] | {key: (.blob // .digest // "" | tostring), value: (.annotations.size // .size // null)}] | from_entries' "${job_whole[@]}" 2>/dev/null || printf null
}
