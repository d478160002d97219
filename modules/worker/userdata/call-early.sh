# shellcheck shell=bash
mkdir -p /run/docker-cache
[ -z "$WORKER" ] || /bin/bash "$WORKER" early >>/run/docker-cache/early.log 2>&1 </dev/null || true
exit 0
