#!/bin/sh
(
set +eu
export CACHE_NAME='Y2k='
export CACHE_ARCHITECTURE='eDg2XzY0'
export IMAGE_STORE='b3ZlcmxheTI='
export HTTP_PROXY_URL=''
export HTTPS_PROXY_URL=''
export NO_PROXY_HOSTS=''
export TIMEOUT_SECONDS='NjA='
export MIN_FREE_GIB='MTA='
export HYDRATE='YWxs'
export HYDRATE_RATE_MIBPS='ODA='
export WORKER_SCRIPT='base64gzip'
# shellcheck shell=sh
WORKER=''
for folder in /var/lib/docker-cache-worker /run/docker-cache; do
[ -z "$WORKER" ] && mkdir -p "$folder" && printf %s "$WORKER_SCRIPT" | base64 -d | gzip -d >"$folder/worker.new" &&
mv "$folder/worker.new" "$folder/worker.sh" && WORKER="$folder/worker.sh"
done
unset WORKER_SCRIPT

# shellcheck shell=sh
if [ -n "$WORKER" ]; then /bin/bash "$WORKER" late </dev/null; else systemctl start docker.service; fi

) || true
