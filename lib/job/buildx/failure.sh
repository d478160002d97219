# shellcheck shell=bash
# Whose failure it is: the cache's, or the build's. BuildKit takes a manifest that is missing or rubbish for an empty cache, but fails the build if a layer that a manifest names
# is gone or changed. This is the one place where a text decides; docs/decisions/0020 says why, and what of it.

# print_failure_program: for jq, from a summary of progress.sh; $layers as list_layers has them, $repository the cache's place in ECR or empty. It prints
# {"cache": whether each failed step has failed by the cache, "layers": digests of layers that it may be, "refuted": those whose bytes BuildKit has found to be others}.
print_failure_program() {
  cat <<'JQ'
def digest: "sha256:[0-9a-f]{64}";
def bare: sub("^(failed to (solve|compute cache key|load cache key): )+"; "");
def found($pattern): [match($pattern).captures[0].string] | first // null;
# A digest is the cache's if an imported manifest has it, and no FROM has downloaded it: a base image's layers stand in manifests, too.
def imported($based): . as $one | ($layers == null or ($layers | has($one))) and ($based | index($one) | not);

. as $all
| [.failed[] | (.error | bare) as $error
  # A layer that is shorter than its manifest says, to no byte at all: the error names its size alone.
  | ($error | found("^short read: expected ([0-9]+) bytes but got ")) as $size
  | if $size != null then
      [$all.unfinished + ($layers // {} | [to_entries[] | select(.value == ($size | tonumber)) | .key]) | unique[] | select(imported($all.based))] as $short
      | {cache: ($short | length > 0), layers: $short}
    elif $error | startswith("failed to verify layer sha256:") then
      ($error | found("^failed to verify layer (" + digest + "): expected diffID ")) as $named | {cache: ($named != null and ($named | imported($all.based))), layers: []}
    elif $error | startswith("failed to copy: ") or startswith("failed commit on ref \"layer-sha256:") | not then {cache: false}
    # BuildKit asks S3 for nothing but the cache, and its error names no object.
    elif $error | startswith("failed to copy: operation error S3: ") then {cache: ($repository == ""), layers: $all.unfinished}
    else
      (($error | found("^failed commit on ref \"layer-(" + digest + ")\"")) // ($error | found("^[^\n]*?(" + digest + ")"))) as $named
      | ($error | found("https?://([^/ ]+/v2/[^ ]*?)/(?:blobs|manifests)/")) as $from
      | if $from != null and ($repository == "" or ($from | startswith($repository + "/") | not)) then {cache: false}
        elif $named == null then {cache: ($all.unfinished | any(imported($all.based))), layers: $all.unfinished}
        else {cache: (($named | imported($all.based)) and ($repository != "" or ($error | startswith("failed to copy: httpReadSeeker") | not))), layers: [$named]}
          + if $error | startswith("failed commit on ref") then {refuted: $named} else {} end end
    end]
| {cache: (length > 0 and all(.cache)), layers: ([.[].layers // [] | .[]] | unique), refuted: ([.[].refuted // empty] | unique)}
JQ
}

# is_of_cache: true if a build that has failed did so by the cache alone. Sets job_layers to the layers that may be meant, one a line, job_refuted to those
# of which BuildKit has found that their bytes are others, and job_reason to its words.
is_of_cache() {
  local job_judged job_repository=''
  job_layers='' job_refuted=''
  [[ -n "$job_summary" ]] || return 1
  [[ "$job_set_backend" != ecr ]] || job_repository="$job_registry/v2/docker-cache-layer-cache/$job_set_entry"
  job_known="$(list_layers)"
  job_judged="$(jq -c --argjson layers "$job_known" --arg repository "$job_repository" "$(print_failure_program)" <<<"$job_summary" 2>/dev/null)" || return 1
  job_layers="$(jq -r '.layers[]' <<<"$job_judged")"
  job_refuted="$(jq -r '.refuted[]' <<<"$job_judged")"
  job_reason="$(jq -r '.failed[0].error' <<<"$job_summary")"
  [[ "$(jq .cache <<<"$job_judged")" == true ]]
}

# remove_changed: deletes layers that are not what their names say, since an export replaces none that is there. Whoever may not says who has to.
remove_changed() {
  local job_layer job_key
  [[ "$job_set_backend" == s3 && -n "$job_layers" ]] && command -v aws >/dev/null || return 0
  while IFS= read -r job_layer; do
    job_key="$job_set_entry/blobs/$job_layer"
    is_changed "$job_layer" || continue
    if ask_aws s3api delete-object --bucket "$job_bucket" --key "$job_key"; then
      note "deleted s3://$job_bucket/$job_key, which is not what its name says; this build writes it anew"
    else
      warn "s3://$job_bucket/$job_key is not what its name says, and cannot be deleted here: $job_why. Builds that need it run twice until somebody with the writer policy deletes it: aws s3 rm s3://$job_bucket/$job_key"
    fi
  done <<<"$job_layers"
}

# is_changed LAYER: true if it is there with other bytes than its name says. They are read if BuildKit has said so, or if their number is not a manifest's:
# what a manifest says is no proof.
is_changed() {
  local job_size job_sum
  job_size="$(jq -r --arg layer "$1" 'if type == "object" then .[$layer] // empty else empty end' <<<"$job_known")"
  ask_aws s3api head-object --bucket "$job_bucket" --key "$job_set_entry/blobs/$1" || return 1
  [[ $'\n'"$job_refuted"$'\n' == *$'\n'"$1"$'\n'* ]] || { [[ -n "$job_size" && "$(jq -r .ContentLength <<<"$job_answer")" != "$job_size" ]]; } || return 1
  job_sum="$(bound 300 aws s3 cp --only-show-errors --region "${job_option[region]}" "s3://$job_bucket/$job_set_entry/blobs/$1" - 2>/dev/null </dev/null | sha256sum)" || return 1
  [[ "sha256:${job_sum%% *}" != "$1" ]]
}

# renew_manifest: an export also fails if a layer is gone that this build did not need, and so would each one to come. The branch's own manifest, if it names
# such a layer, is replaced by one that names nothing: the next build makes all of it anew.
renew_manifest() {
  local job_missing
  [[ "$job_set_backend" == s3 && -n "$job_own" && "${job_option["read-only"]}" == false ]] || return 0
  jq -e 'last(.exports[]) | .error' >/dev/null 2>&1 <<<"$job_summary" || return 0
  [[ -e "$job_work/manifest-0" ]] || return 0
  ask_aws s3api list-objects-v2 --bucket "$job_bucket" --prefix "$job_set_entry/blobs/" --query 'Contents[].Key' || return 0
  job_missing="$(jq -r --slurpfile manifest "$job_work/manifest-0" --arg prefix "$job_set_entry/blobs/" \
    '(. // [] | map({key: ., value: true}) | from_entries) as $there | first($manifest[0].layers[].blob | select($there[$prefix + .] | not)) // empty' <<<"$job_answer" 2>/dev/null)"
  [[ -n "$job_missing" ]] || return 0
  printf '{"layers":[],"records":[]}' >"$job_work/empty"
  ! ask_aws s3api put-object --bucket "$job_bucket" --key "$job_set_entry/manifests/$job_own" --body "$job_work/empty" ||
    note "the manifest of $job_own named a layer that is gone ($job_missing), and is empty now: the next build makes it anew"
}
