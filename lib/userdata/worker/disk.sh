# shellcheck shell=bash
# Finds the cache volume among the instance's disks: by what is on it, never by its order or name.

EXPECTED_DISKS=0

# is_cache_mapped: true if the cache device was mapped at launch. 1: it was not; 2: the metadata service does not answer. Sets EXPECTED_DISKS: how
# many EBS volumes were mapped; 0 if nobody says.
is_cache_mapped() {
  local path=meta-data/block-device-mapping/ names devices name
  local -a entries
  open_metadata && names="$(get_metadata "$path")" || return 2
  mapfile -t entries <<<"$names"
  EXPECTED_DISKS=0
  for name in "${entries[@]}"; do [[ "$name" != @(ebs*|root) ]] || EXPECTED_DISKS=$((EXPECTED_DISKS + 1)); done
  devices="$(get_metadata "${entries[@]/#/$path}")" || return 2
  # As the mapping was written: sdf or /dev/sdf.
  [[ $'\n'"${devices//\/dev\//}"$'\n' == *$'\n'"${DEVICE_NAME#/dev/}"$'\n'* ]]
}

# list_labelled_disks: a line DEVICE TYPE for each disk whose whole is a file system with our label. Only the two types are probed for, since each
# place that is looked at on a lazily loaded volume costs milliseconds.
list_labelled_disks() {
  local path device found type
  for path in "$SYS_BLOCK"/*; do
    device="/dev/${path##*/}"
    [[ "$device" != /dev/@(loop|ram|zram|sr|dm-|md)* ]] || continue
    found="$(blkid -p -n xfs,ext4 -o export "$device" 2>/dev/null)"$'\n' || continue
    for type in xfs ext4; do
      [[ "$found" != *"LABEL=$FILE_SYSTEM_LABEL"$'\n'*"TYPE=$type"$'\n'* ]] || printf '%s\n' "$device $type"
    done
  done
}

# count_ebs_disks: that the kernel shows.
count_ebs_disks() {
  local path count=0
  for path in "$SYS_BLOCK"/{nvme,xvd,sd}*; do
    [[ ! -e "$path" || "$(read_text "$path/device/model")" == *'Instance Storage'* ]] || count=$((count + 1))
  done
  printf %s "$count"
}

# are_disks_missing: true if fewer are there than were mapped.
are_disks_missing() { (($(count_ebs_disks) < EXPECTED_DISKS)); }

# wait_for_disks SECONDS: prints the labelled disks as soon as there are any. Gives up early if all disks that were mapped are there; they are looked
# at once more after the last has come.
wait_for_disks() {
  local disks missing=1
  while disks="$(list_labelled_disks)" && [[ -z "$disks" ]]; do
    ((missing && SECONDS < $1)) || refuse "no disk with a file system labelled $FILE_SYSTEM_LABEL"
    ((SECONDS < 5 || EXPECTED_DISKS == 0)) || are_disks_missing || missing=0
    sleep 0.2
  done
  printf '%s\n' "$disks"
}

# find_disk SECONDS DISKS: sets DISK and DISK_TYPE. If none of the labelled disks holds our cache, the one that does may still be to come.
find_disk() {
  local missing=1
  choose_disk "$2"
  while [[ -z "$DISK" ]] && ((missing && SECONDS < $1)); do
    are_disks_missing || missing=0
    sleep 0.2
    choose_disk "$(list_labelled_disks)"
  done
  [[ -n "$DISK" ]] || refuse "$DISK_REASONS"
}

# choose_disk DISKS: sets DISK and DISK_TYPE to the one that holds our cache, and takes its manifest and hot set to $RUN. If there is none, DISK is
# empty and DISK_REASONS says why.
choose_disk() {
  local device type probe="$RUN/probe" reasons=""
  DISK=
  while read -r device type; do
    # The kernel's default of 30 s may be too short for a volume that is being loaded: it would report an I/O error.
    { echo 4294967295 >"$SYS_BLOCK/${device##*/}/queue/io_timeout"; } 2>/dev/null || true
    if ! mount_read_only "$device" "$type" "$probe"; then
      reasons+="$device cannot be mounted; "
      continue
    fi
    if ! check_manifest "$probe/$MANIFEST_PATH" >"$RUN/manifest.new"; then
      reasons+="$device: $(<"$RUN/manifest.new"); "
    elif [[ -n "$DISK" ]]; then
      refuse "two disks hold this cache: $DISK, $device"
    else
      DISK="$device" DISK_TYPE="$type"
      mv "$RUN/manifest.new" "$RUN/manifest"
      cp "$probe/$HOT_SET_PATH" "$RUN/hot-set" || true
      # Of the snapshot: the volume may be larger, and there is nothing to load beyond.
      DISK_BLOCKS="$(df --output=size -B "${HOT_BLOCK_KIB}K" "$probe" | tail -n 1)"
    fi
    umount "$probe"
  done <<<"$1"
  DISK_REASONS="${reasons%; }"
}
