# shellcheck shell=bash
# The second half of a builder, which it reads at boot: pulls the images onto the cache volume, proves them and snapshots the volume. Each step is a line
# of build.

# build: everything in order.
build() {
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
  start_docker_to_ask
  resolve_images
  decide_build
}

# open_volume: the first thing that is written is the tag that says that the volume is no complete cache now. Docker moves there from the root disk.
open_volume() {
  tag_volume state building build-id "$INSTANCE_ID"
  install_pigz
  stop_docker
  prepare_volume
  start_docker
}
