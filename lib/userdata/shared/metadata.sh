# shellcheck shell=bash
# The instance metadata service, version 2 (session tokens), without a proxy.

METADATA_URL=http://169.254.169.254/latest
METADATA_TOKEN=

# request_metadata METHOD PATH HEADER: curl where the image has it, else the python3 that cloud-init needs.
request_metadata() {
  if command -v curl >/dev/null; then
    curl --silent --show-error --fail --noproxy '*' --max-time 5 --retry 3 --request "$1" --header "$3" "$METADATA_URL/$2"
    return
  fi
  python3 - "$1" "$METADATA_URL/$2" "$3" <<'PY'
import sys, urllib.request as request
method, url, header = sys.argv[1:]
opener = request.build_opener(request.ProxyHandler({}))
wanted = request.Request(url, method=method, headers=dict([header.split(": ", 1)]))
print(opener.open(wanted, timeout=5).read().decode(), end="")
PY
}

# open_metadata: takes a token for what follows.
open_metadata() { METADATA_TOKEN="$(request_metadata PUT api/token 'X-aws-ec2-metadata-token-ttl-seconds: 21600')"; }

# get_metadata PATH: prints the answer, below /latest/.
get_metadata() { request_metadata GET "$1" "X-aws-ec2-metadata-token: $METADATA_TOKEN"; }
