# shellcheck shell=bash
# What the cache has: manifests, which name layers by their digests. BuildKit does not tell of S3 whether there was one, nor which layer was missing.

# fetch_manifests: sets job_asked, the names that are read, and fetches those of S3 beside the build, into files manifest-N, each with a file state-N: there, none, written since, or why not. A machine without the
# AWS CLI has neither.
fetch_manifests() {
  job_asked=(${job_own:+"$job_own"} "${job_shared[@]}")
  [[ "$job_set_backend" == s3 ]] && command -v aws >/dev/null || return 0
  job_since="$(date +%s)"
  {
    job_aws_seconds=30
    for job_index in "${!job_asked[@]}"; do
      fetch_manifest "$job_index" >"$job_work/state-$job_index.new"
      mv "$job_work/state-$job_index.new" "$job_work/state-$job_index"
    done
  } >/dev/null 2>&1 </dev/null &
  job_fetching=$!
}

# fetch_manifest INDEX: prints its state.
fetch_manifest() {
  local job_file="$job_work/manifest-$1"
  if ask_aws s3api get-object --bucket "$job_bucket" --key "$job_set_entry/manifests/${job_asked[$1]}" "$job_file"; then
    # A short build has written its own by now.
    # shellcheck disable=SC2016 # it is jq's variable
    if answers --argjson since "$job_since" '.LastModified | sub("[+]00:00$"; "Z") | fromdateiso8601 >= $since'; then printf since; else printf there; fi
  else
    rm -f "$job_file"
    if [[ "$job_error" == NoSuchKey ]]; then printf none; else printf %s "$job_why"; fi
  fi
}

# await_manifests SECONDS: until they are here, or no longer than that. It removes what was only begun.
await_manifests() {
  local job_turn
  [[ -n "${job_fetching:-}" ]] || return 0
  for ((job_turn = 0; job_turn < $1 * 10; job_turn++)); do
    kill -0 "$job_fetching" 2>/dev/null || break
    pause 0.1
  done
  kill "$job_fetching" 2>/dev/null
  wait "$job_fetching" 2>/dev/null
  job_fetching=''
}

# fetch_references: the manifests in ECR, after a failure.
fetch_references() {
  local job_index
  [[ "$job_set_backend" == ecr ]] || return 0
  for job_index in "${!job_asked[@]}"; do
    bound 30 docker buildx imagetools inspect --raw "$(reference_of "${job_asked[$job_index]}")" >"$job_work/manifest-$job_index" 2>/dev/null </dev/null || rm -f "$job_work/manifest-$job_index"
  done
}

# list_layers: prints a JSON object of the layers' sizes by digest, of all manifests that could be read; null if none could.
list_layers() {
  local job_file job_read=()
  for job_file in "$job_work"/manifest-*; do
    ! jq -e '.layers | type == "array"' "$job_file" >/dev/null 2>&1 || job_read+=("$job_file")
  done
  ((${#job_read[@]} > 0)) || {
    printf null
    return
  }
  jq -c -s '[.[].layers[] | {key: (.blob // .digest // "" | tostring), value: (.annotations.size // .size // null)}] | from_entries' "${job_read[@]}" 2>/dev/null || printf null
}
