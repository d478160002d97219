# shellcheck shell=bash
# Finds the cache volume among the instance's disks: by what is on it, never by its order or name.

EXPECTED_DISKS=0
# Disks whose heads are being read.
HEADED=

# is_cache_mapped: true if a volume was mapped at launch that may be the cache: any but the root, since a template of the user's may name the device
# as it likes. 1: none was; 2: the metadata service does not answer. Sets EXPECTED_DISKS: how many EBS volumes were mapped; 0 if nobody says.
is_cache_mapped() {
  local names name
  open_metadata && names="$(get_metadata meta-data/block-device-mapping/)" || return 2
  EXPECTED_DISKS=0
  for name in $names; do [[ "$name" != @(ebs*|root) ]] || EXPECTED_DISKS=$((EXPECTED_DISKS + 1)); done
  ((EXPECTED_DISKS > 1))
}

# list_labelled_disks: a line DEVICE TYPE UUID SERIAL for each disk whose whole is a file system with our label. Only the two types are probed for,
# since each place that is looked at on a lazily loaded volume costs milliseconds.
list_labelled_disks() {
  local path device found type uuid=$'\nUUID=([0-9a-fA-F-]+)\n'
  for path in "$SYS_BLOCK"/*; do
    device="/dev/${path##*/}"
    [[ "$device" != /dev/@(loop|ram|zram|sr|dm-|md)* ]] || continue
    found=$'\n'"$(blkid -p -n xfs,ext4 -o export "$device" 2>/dev/null)"$'\n' || continue
    [[ "$found" == *$'\n'"LABEL=$FILE_SYSTEM_LABEL"$'\n'* && "$found" =~ $uuid ]] || continue
    for type in xfs ext4; do
      [[ "$found" != *$'\n'"TYPE=$type"$'\n'* ]] || printf '%s\n' "$device $type ${BASH_REMATCH[1]} $(read_text "$path/device/serial" 2>/dev/null)"
    done
  done
}

# are_disks_missing: true if the kernel shows fewer EBS volumes than were mapped.
are_disks_missing() {
  local path count=0
  for path in "$SYS_BLOCK"/{nvme,xvd,sd}*; do
    [[ ! -e "$path" || "$(read_text "$path/device/model")" == *'Instance Storage'* ]] || count=$((count + 1))
  done
  ((count < EXPECTED_DISKS))
}

# is_marked UUID SERIAL: true if this instance has mounted this cache volume before; or any, if they are empty. The mark is on the root disk, since what
# the volume itself says of that proves nothing. Volumes of one cache have the same file system: if disks have serial numbers, these count too. Sets
# MARK_SERIAL.
is_marked() {
  local instance uuid
  read -r instance uuid MARK_SERIAL <<<"$(read_text "$WORKER_HOME/mounted")"
  [[ "$instance" == "$INSTANCE_ID" && "$uuid $MARK_SERIAL" == "${1:-$uuid} ${2:-$MARK_SERIAL}" ]]
}

# find_disk MS: sets DISK, DISK_TYPE and DISK_UUID to the disk that holds our cache; waits for it so long. Gives up before that if all disks that were
# mapped are there and have been looked at once more. If it may still come, `early` ends without a reason, and leaves it to `finish`.
find_disk() {
  local until missing=1 mapped=0 disks
  disks="$(list_labelled_disks)"
  choose_disk "$disks"
  [[ -z "$DISK" ]] || return 0
  is_cache_mapped || mapped=$?
  if ((mapped == 1)); then
    touch "$RUN/unmapped"
    refuse "${DISK_REASONS:-no cache device was mapped at launch}"
  fi
  until=$(($(elapsed_ms) + (mapped ? 0 : $1)))
  while [[ -z "$DISK" ]] && ((missing && $(elapsed_ms) < until)); do
    sleep 0.1
    # Whoever counts all disks has not seen yet what the last of them holds.
    [[ -z "$DISK_REASONS" ]] && (($(elapsed_ms) < until - $1 + 1000)) || are_disks_missing || missing=0
    disks="$(list_labelled_disks)"
    choose_disk "$disks"
  done
  [[ -z "$DISK" ]] || return 0
  [[ "$MODE" != early ]] || ((missing == 0)) || is_marked '' '' || exit 1
  refuse "${DISK_REASONS:-no disk with a file system labelled $FILE_SYSTEM_LABEL}"
}

# choose_disk DISKS: sets DISK and what belongs to it, and takes its facts and hot set to $RUN. If none holds our cache, DISK is empty and
# DISK_REASONS says why. The volume that this instance has had before is known by its serial number.
choose_disk() {
  local device type uuid serial probe="$RUN/probe" reasons="" known=none
  DISK=
  ! is_marked '' '' || known="${MARK_SERIAL:-none}"
  while read -r device type uuid serial; do
    [[ -n "$device" ]] || continue
    # The kernel's default of 30 s may be too short for a volume that is being loaded: it would report an I/O error.
    { echo 4294967295 >"$SYS_BLOCK/${device##*/}/queue/io_timeout"; } 2>/dev/null || true
    [[ "$HEADED " == *" $device "* ]] || {
      HEADED+=" $device"
      read_ahead heads "$device" "$type" </dev/null &>/dev/null 9>&- &
    }
    if ! mount_read_only "$device" "$type" "$probe"; then
      reasons+="$device cannot be mounted; "
      continue
    fi
    if ! check_facts "$probe" >"$RUN/manifest.new"; then
      reasons+="$device: $(<"$RUN/manifest.new"); "
    elif [[ -n "$DISK" && "$DISK_SERIAL" == "$known" ]]; then
      :
    elif [[ -n "$DISK" && "$serial" != "$known" ]]; then
      refuse "two disks hold this cache: $DISK, $device"
    else
      DISK="$device" DISK_TYPE="$type" DISK_UUID="$uuid" DISK_SERIAL="$serial"
      mv "$RUN/manifest.new" "$RUN/manifest"
      read_small "$probe/$HOT_SET_PATH" 8388608 >"$RUN/hot-set" || true
      # Of the snapshot: the volume may be larger, and there is nothing to load beyond.
      DISK_BLOCKS=$(($(df --output=size -B "${HOT_BLOCK_KIB}K" "$probe" | tail -n 1)))
      printf '%s\n' "$DISK $DISK_TYPE $DISK_UUID $DISK_BLOCKS $DISK_SERIAL" >"$RUN/disk"
    fi
    umount "$probe"
  done <<<"$1"
  DISK_REASONS="${reasons%; }"
}
