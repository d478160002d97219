#!/usr/bin/env bats
# The line at the end.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  fetched there none
  summarize
}

# summarize [NAME=JSON...]: what progress.sh says at the end.
summarize() {
  local steps=15 cached=12 imports='[{"name": "importing cache manifest from s3:1", "error": null}, {"name": "importing cache manifest from s3:2", "error": null}]' exports='[{"error": null, "done": true}]' given
  for given in "$@"; do printf -v "${given%%=*}" %s "${given#*=}"; done
  job_summary="$(jq -cn --argjson steps "$steps" --argjson cached "$cached" --argjson imports "$imports" --argjson exports "$exports" '{steps: $steps, cached: $cached, imports: $imports, exports: $exports}')"
}
# fetched STATE...: the states of the manifests in S3.
fetched() {
  local index=0 state
  rm -f "$T"/work/*
  for state in "$@"; do
    printf %s "$state" >"$T/work/state-$index"
    [[ "$state" != there ]] || echo '{"layers": []}' >"$T/work/manifest-$index"
    index=$((index + 1))
  done
}
# reported STATUS LINE
reported() { equal "cache: $2" "$(report "$1" 2>&1 >/dev/null)"; }

@test "report: what was read and written" {
  reported 0 '12 of 15 steps cached; imported branches/shop/x-1; nothing yet in default/shop/main-2; wrote branches/shop/x-1'
  fetched there there
  reported 0 '12 of 15 steps cached; imported branches/shop/x-1, default/shop/main-2; wrote branches/shop/x-1'
}

@test "state_of: what nobody has read, since another was there, is not told" {
  fetched there
  job_read=(branches/shop/x-1)
  reported 0 '12 of 15 steps cached; imported branches/shop/x-1; wrote branches/shop/x-1'
}

@test "report: not used, and why" {
  job_why_plain=$'an  error\nin two lines'
  reported 0 'not used: an error in two lines'
}

@test "report: built again" {
  job_why_again='failed to copy: operation error S3: GetObject, https response error StatusCode: 404, RequestID: a, HostID: b, NoSuchKey: '
  reported 0 '12 of 15 steps cached; built again without reading the cache, which failed: failed to copy: operation error S3: GetObject, https response error StatusCode: 404, NoSuchKey:; wrote branches/shop/x-1'
}

@test "tell_imports and state_of: a refused read, a bucket that is not there, a manifest that is rubbish" {
  fetched 'aws s3api get-object: An error occurred (AccessDenied) when calling the GetObject operation: no' none
  reported 0 '12 of 15 steps cached; nothing yet in default/shop/main-2; nothing from branches/shop/x-1: aws s3api get-object: An error occurred (AccessDenied) when calling the GetObject operation: no; wrote branches/shop/x-1'
  summarize imports='[{"name": "importing cache manifest from s3:1", "error": "no such bucket"}, {"name": "importing cache manifest from s3:2", "error": "no such bucket"}]'
  reported 0 '12 of 15 steps cached; nothing from branches/shop/x-1: no such bucket; nothing from default/shop/main-2: no such bucket; wrote branches/shop/x-1'
  fetched 'what is there is no manifest' there
  job_read=(default/shop/main-2)
  summarize
  reported 0 '12 of 15 steps cached; imported default/shop/main-2; nothing from branches/shop/x-1: what is there is no manifest; wrote branches/shop/x-1'
}

@test "state_of: nobody has asked S3, since there is no AWS CLI" {
  fetched
  reported 0 '12 of 15 steps cached; asked for branches/shop/x-1, default/shop/main-2; wrote branches/shop/x-1'
  summarize imports='[{"name": "importing cache manifest from s3:1", "error": "denied"}, {"name": "importing cache manifest from s3:2", "error": null}]'
  reported 0 '12 of 15 steps cached; nothing from branches/shop/x-1: one of them failed: denied; nothing from default/shop/main-2: one of them failed: denied; wrote branches/shop/x-1'
}

@test "state_of: of ECR, as BuildKit says it" {
  fetched
  job_set_backend=ecr
  local name="importing cache manifest from $HOST/docker-cache-layer-cache/ci"
  summarize imports="[{\"name\": \"$name/branches:shop-x-1\", \"error\": \"failed to configure registry cache importer: $HOST/docker-cache-layer-cache/ci/branches:shop-x-1: not found\"}, {\"name\": \"$name/default:shop-main-2\", \"error\": null}]"
  reported 0 '12 of 15 steps cached; imported default/shop/main-2; nothing from branches/shop/x-1: not found; wrote branches/shop/x-1'
  summarize imports='[]'
  reported 0 '12 of 15 steps cached; asked for branches/shop/x-1, default/shop/main-2; wrote branches/shop/x-1'
}

@test "tell_export: why nothing was written" {
  equal 'wrote branches/shop/x-1' "$(tell_export 0)"
  summarize exports='[{"error": "error writing layer blob: AccessDenied", "done": true}]'
  equal 'could not write branches/shop/x-1: error writing layer blob: AccessDenied' "$(tell_export 0)"
  summarize exports='[{"error": null, "done": null}]'
  equal 'wrote nothing' "$(tell_export 0)"
  summarize exports='[]'
  equal 'wrote nothing: the build failed' "$(tell_export 1)"
  equal 'wrote nothing' "$(tell_export 0)"
  job_own=''
  equal 'wrote nothing: the branch is not known, name it by --branch' "$(tell_export 0)"
  job_option["read-only"]=true
  equal 'wrote nothing: --read-only' "$(tell_export 0)"
}

@test "count_steps: and if BuildKit has told nothing" {
  equal '12 of 15 steps cached' "$(count_steps)"
  job_summary=''
  [[ "$(count_steps)" != *null* ]]
}

@test "shorten: one line, without the ids of requests, 300 characters at most" {
  equal 'a b c' "$(shorten $' a\n\tb  c ')"
  equal 'a StatusCode: 403, api error' "$(shorten 'a StatusCode: 403, RequestID: X1, HostID: y+/=, api error')"
  local long
  long="$(shorten "$(printf 'ab%.0s' {1..200})")"
  equal "300 …" "${#long} ${long: -1}"
}
