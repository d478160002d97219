# shellcheck shell=bash
# Finds the cache volume among the instance's disks: by what is on it, never by its order or name.

# is_cache_mapped: whether the cache device was mapped at launch. 1: it was not; 2: the metadata service does not answer.
is_cache_mapped() {
  local entries entry device
  open_metadata && entries="$(get_metadata meta-data/block-device-mapping/)" || return 2
  for entry in $entries; do
    device="$(get_metadata "meta-data/block-device-mapping/$entry")" || return 2
    # The value is as the mapping was written: sdf or /dev/sdf.
    [[ "${device#/dev/}" != "${DEVICE_NAME#/dev/}" ]] || return 0
  done
  return 1
}

# list_labelled_disks: one line a disk whose whole is a file system with our label: DEVICE TYPE. Only the two types are probed for, since each
# place that is looked at on a lazily loaded volume costs milliseconds.
list_labelled_disks() {
  local path device found
  for path in /sys/block/*; do
    device="/dev/${path##*/}"
    [[ "$device" != /dev/@(loop|ram|zram|sr|dm-|md)* && -b "$device" ]] || continue
    found=$'\n'"$(blkid --probe --match-types xfs,ext4 --output export "$device" 2>/dev/null)"$'\n' || continue
    [[ "$found" == *$'\n'"LABEL=$FILE_SYSTEM_LABEL"$'\n'* ]] || continue
    if [[ "$found" == *$'\nTYPE=xfs\n'* ]]; then printf '%s xfs\n' "$device"; else printf '%s ext4\n' "$device"; fi
  done
}

# wait_for_disks SECONDS: prints the labelled disks as soon as there are any.
wait_for_disks() {
  local disks
  while true; do
    disks="$(list_labelled_disks)"
    [[ -z "$disks" ]] || break
    ((SECONDS < $1)) || refuse "no disk with a file system labelled $FILE_SYSTEM_LABEL"
    sleep 0.2
  done
  printf '%s\n' "$disks"
}

# choose_disk DISKS: sets DISK and DISK_TYPE to the one that holds our cache, and copies its manifest and hot set to $RUN. Mounted without
# recovery, so that nothing is written to a disk that turns out to be somebody else's.
choose_disk() {
  local device type probe="$RUN/probe" reasons="" chosen=""
  while read -r device type; do
    # The default of 30 s may be too short for a volume that is being loaded; then the kernel would report an I/O error.
    { echo 4294967295 >"/sys/block/${device##*/}/queue/io_timeout"; } 2>/dev/null || true
    if ! mount_read_only "$device" "$type" "$probe"; then
      reasons+="$device cannot be mounted; "
      continue
    fi
    if check_manifest "$probe/$MANIFEST_PATH" >"$RUN/manifest"; then
      [[ -z "$chosen" ]] || reasons="two disks hold this cache; "
      chosen="$device $type"
      cp -- "$probe/$HOT_SET_PATH" "$RUN/hot-set" || true
      # Of the snapshot: the volume may be larger, and there is nothing to load beyond.
      DISK_BLOCKS="$(df --output=size --block-size="${HOT_BLOCK_KIB}K" "$probe" | tail -n 1)"
    else
      reasons+="$device: $(<"$RUN/manifest"); "
    fi
    umount "$probe"
  done <<<"$1"
  [[ -n "$chosen" && "$reasons" != two* ]] || refuse "${reasons%; }"
  read -r DISK DISK_TYPE <<<"$chosen"
}
