# shellcheck shell=sh
WORKER=''
for folder in /var/lib/docker-cache-worker /run/docker-cache; do
[ -z "$WORKER" ] && mkdir -p "$folder" && printf %s "$WORKER_SCRIPT" | base64 -d | gzip -d >"$folder/worker.new" &&
mv "$folder/worker.new" "$folder/worker.sh" && WORKER="$folder/worker.sh"
done
unset WORKER_SCRIPT
