#!/usr/bin/env bats
# Whose failure it is. The texts are BuildKit's, as it was seen to say them.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  A="sha256:$(printf 'a%.0s' {1..64})" B="sha256:$(printf 'b%.0s' {1..64})" C="sha256:$(printf 'c%.0s' {1..64})"
  LAYERS="{\"$A\": 5, \"$B\": 7}"
  print_failure_program >"$T/failure.jq"
  S3_REPOSITORY='' ECR_REPOSITORY="$HOST/v2/docker-cache-layer-cache/ci"
  SOLVE='failed to solve: failed to compute cache key: '
}

# judged [NAME=VALUE...] ERROR...: what the program says of a build whose steps have failed so. Settings: layers, repository, based, unfinished.
judged() {
  local layers="$LAYERS" repository='' based='[]' unfinished='[]'
  while [[ "$1" =~ ^(layers|repository|based|unfinished)= ]]; do
    printf -v "${1%%=*}" %s "${1#*=}"
    shift
  done
  jq -cn --argjson based "$based" --argjson unfinished "$unfinished" '{failed: [$ARGS.positional[] | {name: "x", error: .}], based: $based, unfinished: $unfinished}' --args -- "$@" |
    jq -c -f "$T/failure.jq" --argjson layers "$layers" --arg repository "$repository"
}
# of_cache …, of_build …: as judged, and whose it is.
of_cache() { equal "true of $*" "$(judged "$@" | jq -r .cache) of $*"; }
of_build() { equal "false of $*" "$(judged "$@" | jq -r .cache) of $*"; }

@test "print_failure_program: S3 gives no layer, whatever it says" {
  local status
  for status in '404, RequestID: x, HostID: y, NoSuchKey: ' '403, RequestID: x, HostID: y, api error AccessDenied: Access Denied' '416, api error InvalidRange: x' '500, api error InternalError: x' '503, api error SlowDown: x'; do
    of_cache "failed to copy: operation error S3: GetObject, https response error StatusCode: $status"
    of_cache "${SOLVE}failed to copy: operation error S3: GetObject, https response error StatusCode: $status"
  done
  of_cache 'failed to copy: operation error S3: GetObject, exceeded maximum number of attempts, 3, request send failed: connection refused'
  equal "[\"$A\"]" "$(judged unfinished="[\"$A\"]" 'failed to copy: operation error S3: GetObject, 404' | jq -c .layers)"
}

@test "print_failure_program: a layer whose bytes are others is named, and refuted" {
  local error="${SOLVE}failed commit on ref \"layer-$A\": unexpected commit digest $C, expected $A: failed precondition"
  of_cache "$error"
  equal "{\"cache\":true,\"layers\":[\"$A\"],\"refuted\":[\"$A\"]}" "$(judged "$error")"
  of_cache "failed commit on ref \"layer-$A\": commit failed: unexpected commit size 4, expected 5: failed precondition"
  of_build "failed commit on ref \"layer-$C\": unexpected commit digest $A, expected $C: failed precondition"
  of_build based="[\"$A\"]" "$error"
}

@test "print_failure_program: ECR lacks a layer that a manifest of the cache names" {
  local form='failed to copy: httpReadSeeker: failed open: could not fetch content descriptor %s (application/vnd.oci.image.layer.v1.tar+gzip) from remote: not found' error
  # shellcheck disable=SC2059 # it is a form
  printf -v error "$form" "$A"
  of_cache repository="$ECR_REPOSITORY" "$error"
  of_cache repository="$ECR_REPOSITORY" "$SOLVE$error"
  # With S3 no layer of the cache comes from a registry.
  of_build "$error"
  # One that FROM has downloaded is the base image's, though the cache has it too.
  of_build repository="$ECR_REPOSITORY" based="[\"$A\"]" "$error"
  # shellcheck disable=SC2059
  printf -v error "$form" "$C"
  of_build repository="$ECR_REPOSITORY" "$error"
}

@test "print_failure_program: ECR answers with 403 or 500: its URL says whose it is" {
  local status
  for status in '403 Forbidden' '500 Internal Server Error'; do
    of_cache repository="$ECR_REPOSITORY" "${SOLVE}failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://$ECR_REPOSITORY/branches/blobs/$A: $status"
    of_build repository="$ECR_REPOSITORY" "failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://$HOST/v2/docker-cache-layer-cache/other/branches/blobs/$A: $status"
    of_build repository="$ECR_REPOSITORY" "failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://$HOST/v2/acme/base/blobs/$A: $status"
    of_build repository="$ECR_REPOSITORY" "failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry-1.docker.io/v2/library/alpine/blobs/$A: $status"
    of_build "failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry-1.docker.io/v2/library/alpine/blobs/$A: $status"
  done
}

@test "print_failure_program: the Dockerfile's failures, whatever they print" {
  of_build "process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3"
  of_build "process \"/bin/sh -c echo 'failed to copy: operation error S3: no' >&2; exit 3\" did not complete successfully: exit code: 3"
  of_build "process \"/bin/sh -c echo failed commit on ref \\\"layer-$A\\\"\" did not complete successfully: exit code: 1"
  of_build "${SOLVE}failed to calculate checksum of ref abc::def: \"/none\": not found"
  of_build "failed to solve: failed to load cache key: pull access denied, repository does not exist or may require authorization"
  of_build 'dockerfile parse error on line 1: unknown instruction: FORM'
  of_build "\"/failed to copy: operation error S3: $A\": not found"
}

@test "print_failure_program: two failures, one of which is the build's, are the build's; none is" {
  local cache='failed to copy: operation error S3: GetObject, 404'
  of_cache "$cache" "$cache"
  of_build "$cache" 'process "x" did not complete successfully: exit code: 3'
  of_build 'process "x" did not complete successfully: exit code: 3' "$cache"
  equal false "$(jq -cn '{failed: [], based: [], unfinished: []}' | jq -f "$T/failure.jq" --argjson layers "$LAYERS" --arg repository '' | jq .cache)"
}

@test "print_failure_program: no manifest could be read: what is no base image's may be the cache's" {
  local error="failed commit on ref \"layer-$C\": unexpected commit digest $A, expected $C: failed precondition"
  of_cache layers=null "$error"
  of_build layers=null based="[\"$C\"]" "$error"
  of_build layers=null 'process "x" did not complete successfully: exit code: 3'
}

# fails ERROR: a build that failed so, with a manifest that names A and B.
fails() {
  job_summary="$(jq -cn --arg error "$1" '{failed: [{name: "x", error: $error}], based: [], unfinished: [], imports: []}')"
  jq -n --arg a "$A" --arg b "$B" '{layers: [{blob: $a, annotations: {size: 5}}, {blob: $b, annotations: {size: 7}}]}' >"$T/work/manifest-0"
}

@test "print_failure_program: a layer that is cut, to nothing at all" {
  local error="${SOLVE}short read: expected 5 bytes but got 0: unexpected EOF"
  of_cache "$error"
  equal "{\"cache\":true,\"layers\":[\"$A\"],\"refuted\":[]}" "$(judged "$error")"
  # Of which nobody knows the size, but that was being read.
  of_cache layers=null unfinished="[\"$C\"]" 'short read: expected 9 bytes but got 3: unexpected EOF'
  of_build 'short read: expected 6 bytes but got 0: unexpected EOF'
  of_build based="[\"$A\"]" "$error"
  of_build 'process "/bin/sh -c echo short read: expected 5 bytes but got 0" did not complete successfully: exit code: 1'
}

@test "print_failure_program: a manifest that lies of a layer's content" {
  of_cache "failed to verify layer $A: expected diffID $B, got $C"
  of_build "failed to verify layer $C: expected diffID $A, got $B"
  of_build based="[\"$A\"]" "failed to verify layer $A: expected diffID $B, got $C"
}

@test "renew_manifest: the branch's own, if an export failed and it names a layer that is gone" {
  job_asked=(branches/shop/x) job_own=branches/shop/x job_fetching='' job_work="$T" job_known=null
  job_summary='{"exports": [{"error": "error reading layer blob from provider: NoSuchKey"}]}'
  jq -n --arg a "$A" --arg b "$B" '{layers: [{blob: $a}, {blob: $b}], records: [{}]}' >"$T/manifest-0"
  # shellcheck disable=SC2016 # the stub's own
  stub aws 'case "$2" in list-objects-v2) cat "$T/listed" ;; put-object) cat "${@:8:1}" >"$T/put"; echo "{}" ;; esac'
  jq -n --arg a "ci/blobs/$A" --arg b "ci/blobs/$B" '[$a, $b]' >"$T/listed"
  renew_manifest
  uncalled 'aws s3api put-object *'
  jq -n --arg a "ci/blobs/$A" '[$a]' >"$T/listed"
  run renew_manifest
  says "named a layer that is gone ($B)"
  equal '{"layers":[],"records":[]}' "$(<"$T/put")"
  : >"$CALLS"
  job_summary='{"exports": [{"done": true}]}'
  renew_manifest
  job_summary='{"exports": [{"error": "denied"}]}' job_option["read-only"]=true
  renew_manifest
  uncalled 'aws *'
}

@test "is_of_cache: sets layers, those refuted, and BuildKit's words" {
  fails "${SOLVE}failed commit on ref \"layer-$A\": unexpected commit digest $C, expected $A: failed precondition"
  is_of_cache
  equal "$A|$A|${SOLVE}failed commit on ref \"layer-$A\": unexpected commit digest $C, expected $A: failed precondition" "$job_layers|$job_refuted|$job_reason"
  fails 'process "x" did not complete successfully: exit code: 3'
  run ! is_of_cache
  job_summary=''
  run ! is_of_cache
  job_summary='no JSON'
  run ! is_of_cache
}

@test "is_of_cache: of ECR, by the manifest that was read" {
  job_set_backend=ecr
  mkdir -p "$T/references/$HOST/docker-cache-layer-cache/ci"
  jq -n --arg a "$A" '{layers: [{digest: $a, size: 5}]}' >"$T/references/$(reference_of branches/shop/x-1)"
  fails "failed to copy: httpReadSeeker: failed open: could not fetch content descriptor $A (x) from remote: not found"
  rm "$T/work/manifest-0"
  fetch_manifests
  choose_manifest
  is_of_cache
  called "docker buildx imagetools inspect --raw $HOST/docker-cache-layer-cache/ci/branches:shop-x-1"
}

# s3 SIZE TEXT: an S3 with one object of that size and text; deletes are refused if $T/denied is there.
s3() {
  printf %s "$2" >"$T/object"
  printf %s "$1" >"$T/size"
  # shellcheck disable=SC2016
  stub aws 'case "$2" in
    head-object) [[ -s "$T/size" ]] && printf "{\"ContentLength\": %s}" "$(<"$T/size")" && exit; printf "\nAn error occurred (404) when calling the HeadObject operation: Not Found\n" >&2; exit 254 ;;
    cp) cat "$T/object" ;;
    delete-object) [[ ! -e "$T/denied" ]] && echo "{}" && exit; printf "\nAn error occurred (AccessDenied) when calling the DeleteObject operation: no\n" >&2; exit 254 ;;
  esac'
}

@test "remove_changed: a layer of another size, and one of other bytes that BuildKit has refuted, are deleted" {
  job_layers="$A" job_refuted='' job_known="$LAYERS"
  s3 4 abcd
  run remove_changed
  equal "deleted s3://$job_bucket/ci/blobs/$A, which is not what its name says; this build writes it anew" "$output"
  called "aws s3api delete-object --bucket $job_bucket --key ci/blobs/$A --region eu-west-1 *"
  job_refuted="$A"
  s3 5 abcde
  run remove_changed
  says 'deleted '
}

@test "remove_changed: without the right it says who has to" {
  job_layers="$A" job_refuted='' job_known="$LAYERS"
  touch "$T/denied"
  s3 4 abcd
  run remove_changed
  equal 0 "$status"
  says "cannot be deleted here: aws s3api delete-object: An error occurred (AccessDenied)*until somebody with the writer policy deletes it: aws s3 rm s3://$job_bucket/ci/blobs/$A"
}

@test "remove_changed: with S3 alone, of layers alone, with the AWS CLI alone" {
  job_layers='' job_refuted='' job_known="$LAYERS"
  s3 4 abcd
  remove_changed
  job_layers="$A" job_set_backend=ecr
  remove_changed
  uncalled 'aws *'
  job_set_backend=s3 PATH=/nowhere remove_changed
}

@test "is_changed: not one that is gone, nor one with the right bytes, nor one of the right size that nobody has refuted" {
  local text=right sum
  sum="sha256:$(printf %s "$text" | sha256sum | cut -c 1-64)"
  job_known="{\"$sum\": 5}" job_refuted="$B
$sum"
  s3 5 "$text"
  run ! is_changed "$sum"
  called 'aws s3 cp *'
  s3 5 wrong
  is_changed "$sum"
  : >"$CALLS"
  job_refuted=''
  run ! is_changed "$sum"
  uncalled 'aws s3 cp *'
  s3 '' x
  run ! is_changed "$sum"
  # Nobody knows its size: by its bytes alone.
  job_known=null job_refuted="$sum"
  s3 5 "$text"
  run ! is_changed "$sum"
  s3 9 wrong-one
  is_changed "$sum"
}
