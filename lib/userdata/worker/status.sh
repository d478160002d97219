# shellcheck shell=bash
# Report on the cache: /run/docker-cache/status.json (fields: docs/operations.md), the console, and a metric.

# elapsed_ms: milliseconds since the script began.
elapsed_ms() { printf %s $((${EPOCHREALTIME//[.,]/} / 1000 - STARTED_MS)); }

# note KEY VALUE...: fields for status.json. In a file, since most of the work is done by a child that may be killed.
note() { printf '%s %s\n' "$@" >>"$RUN/facts"; }

# give_reason TEXT: says why there is no cache. The first reason is the one that is kept.
give_reason() { [[ -s "$RUN/reason" ]] || printf %s "$1" >"$RUN/reason"; }

# refuse TEXT: ends the attempt to start warm.
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

# write_status STATE REASON: warm or cold.
write_status() {
  local key value
  note endedMs "$(elapsed_ms)"
  {
    printf '{"state":"%s","reason":%s' "$1" "$(quote_json "$2")"
    while read -r key value; do
      [[ "$value" =~ ^[0-9]{1,9}$ ]] || value="$(quote_json "$value")"
      printf ',"%s":%s' "$key" "$value"
    done <"$RUN/facts"
    printf '}\n'
  } >"$RUN/status.new"
  mv "$RUN/status.new" "$RUN/status.json"
  log "$1${2:+: $2}"
  # cloud-init writes to the console on some distributions only.
  { log "$1${2:+: $2}" 2>/dev/console; } 2>/dev/null || true
}

# put_metric NAME VALUE: if the image has a client and the role allows it.
put_metric() {
  local region
  command -v aws >/dev/null || return 0
  { [[ -n "$METADATA_TOKEN" ]] || open_metadata; } && region="$(get_metadata meta-data/placement/region)" || return 0
  HTTPS_PROXY="$HTTPS_PROXY_URL" NO_PROXY="$(list_unproxied_hosts)" timeout 30 aws cloudwatch put-metric-data --region "$region" \
    --namespace "$WORKER_METRIC_NAMESPACE" --metric-name "$1" --value "$2" --dimensions "Name=$CACHE_NAME,Architecture=$CACHE_ARCHITECTURE" || true
}
