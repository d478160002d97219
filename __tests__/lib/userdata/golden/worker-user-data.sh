#!/bin/bash
export CACHE_NAME='Y2k='
export CACHE_ARCHITECTURE='eDg2XzY0'
export IMAGE_STORE='b3ZlcmxheTI='
export DEVICE_NAME='L2Rldi9zZGY='
export HTTP_PROXY_URL=''
export HTTPS_PROXY_URL=''
export NO_PROXY_HOSTS=''
export TIMEOUT_SECONDS='NjA='
export MIN_FREE_GIB='MTA='
export HYDRATE='YWxs'
export HYDRATE_RATE_MIBPS='ODA='
export USER_SCRIPT=''
export WORKER_SCRIPT='base64gzip'
# shellcheck shell=bash
install -d -m 700 /var/lib/docker-cache-worker
base64 -d <<<"$WORKER_SCRIPT" | gzip -d >/var/lib/docker-cache-worker/worker.sh &&
unset WORKER_SCRIPT &&
exec /bin/bash /var/lib/docker-cache-worker/worker.sh "$0" "$@"
systemctl start docker.service
