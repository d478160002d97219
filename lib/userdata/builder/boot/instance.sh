# shellcheck shell=bash
# Identity of this instance, and the environment of its clients.

INSTANCE_ID=

# read_instance: from the metadata service.
read_instance() {
  open_metadata
  INSTANCE_ID="$(get_metadata meta-data/instance-id)"
  REGION="$(get_metadata meta-data/placement/region)"
  # amazonaws.com and its like: differs between partitions, and is the suffix of this partition's ECR hosts.
  DNS_SUFFIX="$(get_metadata meta-data/services/domain)"
  [[ "$(get_metadata dynamic/instance-identity/document)" =~ \"accountId\"[\ :]*\"([0-9]+) ]]
  ACCOUNT_ID="${BASH_REMATCH[1]}"
  export REGION DNS_SUFFIX
}

# export_proxy: for every client that is started from here.
export_proxy() {
  [[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
  export http_proxy="$HTTP_PROXY_URL" https_proxy="$HTTPS_PROXY_URL" HTTPS_PROXY="$HTTPS_PROXY_URL"
  no_proxy="$(list_unproxied_hosts)"
  # Docker takes `*.example.com` for `.example.com`, others do not.
  no_proxy="${no_proxy//\*./.}"
  export no_proxy NO_PROXY="$no_proxy"
}
