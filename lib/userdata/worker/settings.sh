# shellcheck shell=bash
# Settings that only a worker is told, and its own values.

WORKER_SETTINGS=(TIMEOUT_SECONDS MIN_FREE_GIB HYDRATE HYDRATE_RATE_MIBPS)
# Of lib/contract.ts.
WORKER_METRIC_NAMESPACE=DockerCacheWorker
START_METRIC=WorkerStart
FALLBACK_METRIC=WorkerFallback
HYDRATION_METRIC=HydrationPercent
# On the root disk, root's alone, for what must survive a reboot: this script, its settings, the daemon.json that was found, the marks below.
WORKER_HOME=/var/lib/docker-cache-worker
# cloud-init's: id of the instance, and scripts that it runs at every boot, before those of the user data.
INSTANCE_ID_FILE=/var/lib/cloud/data/instance-id
PER_BOOT_SCRIPT=/var/lib/cloud/scripts/per-boot/00-docker-cache
RUNTIME_UNIT_FOLDER=/run/systemd/system
PROC=/proc
# Beside this script.
SETTINGS_FILE="${0%/*}/settings"

# keep_settings: for later boots and for `finish`, as lines that bash reads.
keep_settings() {
  local name
  for name in "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}"; do printf '%s=%q\n' "$name" "${!name}"; done >"$SETTINGS_FILE.new"
  mv "$SETTINGS_FILE.new" "$SETTINGS_FILE"
}

# read_instance_id: of this machine. cloud-init knows it before it runs anything of ours. A copy of a disk, or an image made from it, has another.
read_instance_id() {
  INSTANCE_ID="$(read_text "$INSTANCE_ID_FILE")"
  [[ -n "$INSTANCE_ID" ]] || { open_metadata && INSTANCE_ID="$(get_metadata meta-data/instance-id)"; } 2>/dev/null || true
  [[ "$INSTANCE_ID" =~ ^[A-Za-z0-9-]{1,64}$ ]] || INSTANCE_ID=unknown
}

# install_finish: a script of cloud-init's that calls `finish` at every boot, for this instance alone.
install_finish() {
  mkdir -p "${PER_BOOT_SCRIPT%/*}"
  printf '#!/bin/bash\nexec /bin/bash %q finish %s\n' "$0" "$INSTANCE_ID" >"$PER_BOOT_SCRIPT.new"
  chmod 755 "$PER_BOOT_SCRIPT.new"
  mv "$PER_BOOT_SCRIPT.new" "$PER_BOOT_SCRIPT"
}
