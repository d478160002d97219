# shellcheck shell=bash
# The end of a worker's user data, behind the settings: unpacks the script and runs it. The script is too long to stand there as it is. It stays on
# the instance, to be read. The first argument is the user data itself, for later boots. If unpacking is not possible, Docker at least is started.

install -d -m 700 /var/lib/docker-cache-worker
base64 -d <<<"$WORKER_SCRIPT" | gzip -d >/var/lib/docker-cache-worker/worker.sh &&
unset WORKER_SCRIPT &&
exec /bin/bash /var/lib/docker-cache-worker/worker.sh "$0" "$@"
systemctl start docker.service
