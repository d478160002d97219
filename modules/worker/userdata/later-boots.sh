# shellcheck shell=bash
UNIT_FOLDER=/etc/systemd/system
run_boot() {
run_early
find_docker_roots
if is_on_cache_volume "$DOCKER_ROOT"; then
write_status warm ""
else
attempt 5 undo_move
give_reason "Docker runs already, or the volume was not ready in time"
write_status cold "$(<"$RUN/reason")"
fi
}
install_boot_service() {
local unit
local -a units=(docker)
[[ "$IMAGE_STORE" == overlay2 ]] || units+=(containerd)
printf '[Unit]\nDescription=Docker image cache\nConditionPathIsMountPoint=!%s\nAfter=cloud-init.service cloud-init-network.service
[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutStartSec=infinity\nStandardError=journal+console\nExecStart=/bin/bash %s boot %s\n' \
"$MOUNT_POINT" "$0" "$INSTANCE_ID" >"$UNIT_FOLDER/docker-cache.service"
for unit in "${units[@]}"; do
mkdir -p "$UNIT_FOLDER/$unit.service.d"
printf '[Unit]\nWants=docker-cache.service\nAfter=docker-cache.service\n' >"$UNIT_FOLDER/$unit.service.d/docker-cache.conf"
done
systemctl daemon-reload
}
