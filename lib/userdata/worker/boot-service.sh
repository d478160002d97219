# shellcheck shell=bash
# Later boots: user data is run once, so a service mounts the volume again, with this same script, before Docker starts.

# install_boot_service: Docker waits for the service but does not need it: without the volume it starts on the root disk.
install_boot_service() {
  local folder=/etc/systemd/system mounts unit
  cp -- "${BASH_SOURCE[0]}" "$WORKER_HOME/user-data"
  printf '%s\n' '[Unit]' 'Description=Docker image cache' '[Service]' Type=oneshot RemainAfterExit=yes TimeoutStartSec=infinity \
    StandardError=journal+console "ExecStart=/bin/bash $WORKER_HOME/user-data boot" >"$folder/docker-cache.service"
  # On the way down Docker stops before its folders are unmounted.
  mounts="$(systemd-escape --path --suffix=mount "$(find_docker_root)" "$(find_containerd_root)" "$MOUNT_POINT")"
  for unit in docker containerd; do
    mkdir -p "$folder/$unit.service.d"
    printf '[Unit]\nWants=docker-cache.service\nAfter=docker-cache.service %s\n' "${mounts//$'\n'/ }" >"$folder/$unit.service.d/docker-cache.conf"
  done
  # Reloads systemd too.
  systemctl enable --quiet docker.service
}
