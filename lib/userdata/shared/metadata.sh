# shellcheck shell=bash
# The instance metadata service, version 2 (session tokens), without a proxy.

METADATA_URL=http://169.254.169.254/latest
METADATA_TOKEN=

# request_metadata METHOD PATH HEADER: curl where the image has it, else the python3 that cloud-init needs.
request_metadata() {
  if command -v curl >/dev/null; then
    curl -sSf --noproxy '*' --max-time 5 --retry 3 -X "$1" -H "$3" "$METADATA_URL/$2"
  else
    python3 -c 'import sys, urllib.request as u
request = u.Request(sys.argv[2], method=sys.argv[1], headers=dict([sys.argv[3].split(": ")]))
print(u.build_opener(u.ProxyHandler({})).open(request, timeout=5).read().decode(), end="")' "$1" "$METADATA_URL/$2" "$3"
  fi
}

# open_metadata: takes a token for what follows.
open_metadata() { METADATA_TOKEN="$(request_metadata PUT api/token 'X-aws-ec2-metadata-token-ttl-seconds: 21600')"; }

# get_metadata PATH: prints the answer, below /latest/.
get_metadata() { request_metadata GET "$1" "X-aws-ec2-metadata-token: $METADATA_TOKEN"; }
