# shellcheck shell=bash
# A builder: pulls the images onto the cache volume, proves them, snapshots the volume and is gone. Each step is a line of main.

# main: everything in order; the exit trap ends the build however it goes.
main() {
  # First of all: whatever goes wrong from here on, the instance goes.
  trap end_build EXIT
  mkdir -p "$RUN"
  open_log
  decode_settings "${COMMON_SETTINGS[@]}" "${BUILDER_SETTINGS[@]}" || fail "the settings are not whole"
  trap 'exit 143' INT TERM HUP
  trap 'report_error "$LINENO" "$BASH_COMMAND"' ERR
  arm_watchdog
  export_proxy
  read_instance
  start_shipping
  step 'passing the replication gate' pass_gate
  step 'installing what the image lacks' prepare_system
  step 'attaching the cache volume' take_volume
  step 'resolving digests' resolve_content
  step 'preparing the volume' open_volume
  step 'pulling' pull_all
  step 'proving' prove_images
  step 'sealing the volume' seal_volume
  step 'creating the snapshot' snapshot_volume
}

# pass_gate
pass_gate() {
  is_gate_open "$(date -u +%H:%M)" "$REPLICATE_AT" "$WATCHDOG_MINUTES" || yield_field "the volume is replicated at $REPLICATE_AT UTC"
}

# prepare_system
prepare_system() {
  quiet_ecs_agent
  install_missing
  configure_docker_proxy
  check_engine
}

# take_volume: attached, found, and looked at.
take_volume() {
  attach_volume
  find_disk
  read_volume_tags
  inspect_volume
}

# resolve_content: ends the build if there is nothing to do.
resolve_content() {
  read_images
  login_registries
  resolve_images
  decide_build
}

# open_volume: the first thing that is written is the tag that says that the volume is no complete cache now.
open_volume() {
  tag_volume state building build-id "$INSTANCE_ID"
  install_pigz
  stop_docker
  prepare_volume
  start_docker
}
