# shellcheck shell=bash
# Later boots: user data is run once, so a service mounts the volume again, with the same user data, before Docker starts.

# install_boot_service: Docker waits for the service but does not need it: without the volume it starts on the root disk. On the way down Docker stops
# before its folders are unmounted.
install_boot_service() {
  local folder=/etc/systemd/system mounts unit
  cp "$USER_DATA" "$WORKER_HOME/user-data"
  printf '[Unit]\nDescription=Docker image cache\n[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutStartSec=infinity
StandardError=journal+console\nExecStart=/bin/bash %s/user-data boot\n' "$WORKER_HOME" >"$folder/docker-cache.service"
  mounts="$(systemd-escape -p --suffix=mount "$DOCKER_ROOT" "$CONTAINERD_ROOT" "$MOUNT_POINT")"
  for unit in docker containerd; do
    mkdir -p "$folder/$unit.service.d"
    printf '[Unit]\nWants=docker-cache.service\nAfter=docker-cache.service %s\n' "${mounts//$'\n'/ }" >"$folder/$unit.service.d/docker-cache.conf"
  done
  systemctl daemon-reload
}
