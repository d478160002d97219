# shellcheck shell=bash
# The instance metadata service, version 2 (session tokens), without a proxy.

METADATA_URL=http://169.254.169.254/latest
METADATA_TOKEN=

# request_metadata METHOD HEADER PATH...: prints the answers, a line each. With curl if the image has it, else with the python3 that cloud-init needs.
request_metadata() {
  local method="$1" header="$2"
  shift 2
  if command -v curl >/dev/null; then
    curl -sSf --fail-early --noproxy '*' --max-time 5 --retry 3 -w '\n' -X "$method" -H "$header" "${@/#/$METADATA_URL/}"
  else
    ask_metadata "$method" "$header" "${@/#/$METADATA_URL/}"
  fi
}

# open_metadata: takes a token for what follows.
open_metadata() { METADATA_TOKEN="$(request_metadata PUT 'X-aws-ec2-metadata-token-ttl-seconds: 21600' api/token)"; }

# get_metadata PATH...: below /latest/.
get_metadata() { request_metadata GET "X-aws-ec2-metadata-token: $METADATA_TOKEN" "$@"; }
