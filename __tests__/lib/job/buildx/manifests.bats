#!/usr/bin/env bats
# What the cache has, as its manifests say.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  # The names that end in …-1 are there.
  # shellcheck disable=SC2016
  stub aws 'case "$6" in
    *-1) echo "{\"layers\": [{\"blob\": \"sha256:a\", \"annotations\": {\"size\": 5}}]}" >"$7"; echo "{}" ;;
    *) printf "partial" >"$7"; printf "\nAn error occurred (%s) when calling the GetObject operation: no\n" "${CODE:-NoSuchKey}" >&2; exit 254 ;;
  esac'
}

@test "fetch_manifests and await_manifests: of S3, up to the first that is there" {
  fetch_manifests
  await_manifests 20 || true
  equal there "$(<"$T/work/state-0")"
  [[ ! -e "$T/work/state-1" ]]
  equal '["sha256:a"]' "$(jq -c '[.layers[].blob]' "$T/work/manifest-0")"
  [[ ! -e "$T/work/manifest-1" ]]
  called "aws s3api get-object --bucket $job_bucket --key ci/manifests/branches/shop/x-1 $T/work/manifest-0 --region eu-west-1 *"
  equal '' "$job_fetching"
}

@test "choose_manifest: the first that is there; all of them if none is, or nobody knows" {
  fetch_manifests
  choose_manifest
  equal branches/shop/x-1 "${job_read[*]}"
  job_asked=(branches/shop/y default/shop/main-1 default/shop/other-1) job_read=("${job_asked[@]}")
  rm -f "$T/work"/*
  fetch_manifests
  choose_manifest
  equal 'default/shop/main-1 none' "${job_read[*]} $(<"$T/work/state-0")"
  job_asked=(branches/shop/y default/shop/z) job_read=("${job_asked[@]}")
  rm -f "$T/work"/*
  fetch_manifests
  choose_manifest
  equal 'branches/shop/y default/shop/z' "${job_read[*]}"
}

@test "fetch_manifests: not without the AWS CLI" {
  PATH=/nowhere fetch_manifests
  equal '' "$job_fetching"
}

@test "fetch_manifest: one that names nothing is none; what is no manifest is told" {
  stub aws 'printf %s "$SAYS" >"$7"; echo "{}"'
  export SAYS
  SAYS='{"layers":[],"records":[]}'
  equal none "$(fetch_manifest 0)"
  for SAYS in '{"layers":[{' '[]' '"x"' '{}' ''; do equal 'what is there is no manifest' "$(fetch_manifest 0)"; done
}

@test "fetch_manifest: a refusal is told" {
  equal none "$(fetch_manifest 1)"
  equal 'aws s3api get-object: An error occurred (AccessDenied) when calling the GetObject operation: no' "$(CODE=AccessDenied fetch_manifest 1)"
}

@test "await_manifests: no longer than that; what was only begun is no state" {
  # shellcheck disable=SC2016
  stub aws 'exec "$REAL_SLEEP" 5 3>&- 4>&-'
  fetch_manifests
  local fetching="$job_fetching"
  await_manifests 1 || true
  run ! kill -0 "$fetching"
  [[ ! -e "$T/work/state-0" ]]
  counted 10 'sleep 0.1'
  await_manifests 1
}

@test "fetch_manifest and fetch_reference: of ECR, whole or not at all" {
  job_set_backend=ecr
  mkdir -p "$T/references/$HOST/docker-cache-layer-cache/ci"
  echo '{"layers": [{}]}' >"$T/references/$HOST/docker-cache-layer-cache/ci/branches:shop-x-1"
  equal there "$(fetch_manifest 0)"
  equal '{"layers": [{}]}' "$(<"$T/work/manifest-0")"
  equal none "$(fetch_manifest 1)"
  [[ ! -e "$T/work/manifest-1" ]]
  uncalled 'aws *'
}

@test "list_layers: of S3's manifests and of ECR's, with their sizes; null if none could be read" {
  equal null "$(list_layers)"
  echo '{"layers": [{"blob": "sha256:a", "annotations": {"size": 5}}, {"blob": "sha256:b"}]}' >"$T/work/manifest-0"
  echo '{"layers": [{"digest": "sha256:c", "size": 7}]}' >"$T/work/manifest-1"
  equal '{"sha256:a":5,"sha256:b":null,"sha256:c":7}' "$(list_layers)"
  # One that is cut, and one that is something else, count for nothing.
  echo '{"layers": [{"blob"' >"$T/work/manifest-0"
  echo '{"layers": 3}' >"$T/work/manifest-1"
  equal null "$(list_layers)"
  echo '{"layers": []}' >"$T/work/manifest-2"
  equal '{}' "$(list_layers)"
}
