# shellcheck shell=bash
# The cache volume as EC2 sees it. Its attachment is the mutex between builders: nothing is tagged, read or decided about it before.

declare -A VOLUME_TAGS=()

# attach_volume: takes the mutex, or yields to a builder that has it. The attachment of one that is gone ends by itself: that is waited for.
attach_volume() {
  local answer holder until=$((SECONDS + WATCHDOG_MINUTES * 30))
  while
    answer="$(aws attach "$CACHE_VOLUME_ID" "$INSTANCE_ID" "$DEVICE_NAME")" || fail "the cache volume $CACHE_VOLUME_ID cannot be attached"
    [[ "$answer" != attached ]]
  do
    holder="$(aws read-holder "$CACHE_VOLUME_ID")"
    [[ "$holder" != "$INSTANCE_ID" ]] || break
    if [[ "$holder" == i-* ]] && is_instance_alive "$holder"; then yield_field "$holder is building"; fi
    ((SECONDS < until)) || fail "the cache volume did not become free of $holder: $answer"
    sleep 5
  done
}

# is_instance_alive ID: true if an instance may still be at work. One that is not found was terminated long ago.
is_instance_alive() {
  local state
  state="$(aws read-state "$1")" || fail "the state of $1 cannot be read"
  [[ "$state" == pending || "$state" == running || "$state" == stop* ]]
}

# find_disk: sets DISK by the volume id, which an EBS volume bears as serial number; waits until the kernel shows it.
find_disk() {
  local path serial until=$((SECONDS + 120))
  DISK=
  while [[ -z "$DISK" ]]; do
    for path in "$SYS_BLOCK"/*; do
      [[ -r "$path/device/serial" ]] || continue
      read -r serial <"$path/device/serial" || true
      [[ "$serial" != "${CACHE_VOLUME_ID/-/}" ]] || DISK="/dev/${path##*/}"
    done
    ((SECONDS < until)) || fail "no disk has the serial number ${CACHE_VOLUME_ID/-/}: builders need an instance type with NVMe (Nitro)"
    [[ -e "${DISK:-none}" ]] || sleep 0.5
  done
  log "$CACHE_VOLUME_ID is $DISK"
}

# read_volume_tags: into VOLUME_TAGS.
read_volume_tags() {
  local key value lines
  lines="$(aws read-volume-tags "$CACHE_VOLUME_ID")"
  VOLUME_TAGS=()
  while IFS=$'\t' read -r key value; do [[ -z "$key" ]] || VOLUME_TAGS[$key]="$value"; done <<<"$lines"
}

# tag_volume KEY VALUE [KEY VALUE...]: keys without their prefix; all in one call.
tag_volume() {
  local -a tags=()
  while (($# > 0)); do
    tags+=("docker-cache:$1=$2")
    shift 2
  done
  aws tag "$CACHE_VOLUME_ID" "${tags[@]}"
}
