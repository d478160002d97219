# shellcheck shell=bash
# Report on the cache: /run/docker-cache/status.json (fields: docs/operations.md), the console, and a metric.

# elapsed_ms: milliseconds since the script began; `finish` goes on where `early` ended.
elapsed_ms() { printf %s $((${EPOCHREALTIME//[.,]/} / 1000 - STARTED_MS)); }

# note KEY VALUE...: fields for status.json. In a file, since most of the work is done by a child that may be killed.
note() { printf '%s %s\n' "$@" >>"$RUN/facts"; }

# give_reason TEXT: says why there is no cache. The first reason is the one that is kept; as much of it as fits in a line, for a volume may have a say.
give_reason() { [[ -s "$RUN/reason" ]] || printf %.500s "${1//[^[:print:]]/ }" >"$RUN/reason"; }

# refuse TEXT: ends an attempt.
refuse() {
  give_reason "$1"
  exit 1
}

# quote_json TEXT: as a JSON string; characters that are not printable become spaces.
quote_json() {
  local text="${1//[^[:print:]]/ }"
  text="${text//\\/\\\\}"
  printf '"%s"' "${text//\"/\\\"}"
}

# write_status STATE REASON: warm or cold. What Docker keeps on the root disk after a cold start stays there, at this instance's later boots too.
write_status() {
  local key value ended
  local -a keys=()
  local -A facts=()
  ended="$(elapsed_ms)"
  note endedMs "$ended"
  while read -r key value; do
    [[ -n "${facts[$key]+x}" ]] || keys+=("$key")
    facts[$key]="$value"
  done <"$RUN/facts"
  {
    printf '{"state":"%s","reason":%s' "$1" "$(quote_json "$2")"
    for key in "${keys[@]}"; do
      value="${facts[$key]}"
      [[ "$value" =~ ^[0-9]{1,9}$ ]] || value="$(quote_json "$value")"
      printf ',"%s":%s' "$key" "$value"
    done
    printf '}\n'
  } >"$RUN/status.new"
  mv "$RUN/status.new" "$RUN/status.json"
  # Of a Docker that could not be stopped, the images may be on the volume after all.
  [[ "$1" == cold ]] && is_on_cache_volume "$DOCKER_ROOT" || printf %s "$INSTANCE_ID" >"$WORKER_HOME/$1" || true
  log "$1${2:+: $2}"
  # cloud-init writes to the console on some distributions only.
  { log "$1${2:+: $2}" 2>/dev/console; } 2>/dev/null || true
  # Nothing waits for it.
  tell_start "$1" "$ended" </dev/null &>/dev/null 9>&- &
}

# tell_start STATE MS: as metrics. WorkerFallback is for dashboards of the release before.
tell_start() {
  local s
  printf -v s '%d.%03d' $(($2 / 1000)) $(($2 % 1000))
  put_metric "$START_METRIC" "$s" ",State=$1"
  [[ "$1" == warm || -e "$RUN/unmapped" ]] || put_metric "$FALLBACK_METRIC" 1
}

# put_metric NAME VALUE [,DIMENSION=VALUE]: if the image has a client and the role allows it.
put_metric() {
  local region
  command -v aws >/dev/null || return 0
  { [[ -n "$METADATA_TOKEN" ]] || open_metadata; } && region="$(get_metadata meta-data/placement/region)" || return 0
  HTTPS_PROXY="$HTTPS_PROXY_URL" NO_PROXY="$(list_unproxied_hosts)" timeout 30 aws cloudwatch put-metric-data --region "$region" \
    --namespace "$WORKER_METRIC_NAMESPACE" --metric-name "$1" --value "$2" --dimensions "Name=$CACHE_NAME,Architecture=$CACHE_ARCHITECTURE${3:-}" || true
}
