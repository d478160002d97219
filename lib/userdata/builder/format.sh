# shellcheck shell=bash
# The file system on the cache volume: looked at without writing first, formatted only if there is nothing to keep.

STORE_PATH=.docker-cache/store
# The content that was asked for, if it was pulled whole: without the optional images that then did not run it became the volume's.
ASKED_PATH=.docker-cache/asked
ASKED=''
# Mark on the volume from the first write until everything is written out again. Docker syncs what it knows of a layer, but not the layer: after a
# power cut it may believe in layers that have holes. So a volume that bears this mark is formatted, whatever a check of the file system says.
UNFINISHED_PATH=.docker-cache/unfinished

# inspect_volume: without writing a byte, sets FORMAT_REASON (why the volume must be formatted, or empty), MANIFEST_FOUND (sha256 of its manifest)
# and ASKED_FOUND.
inspect_volume() {
  local found probe="$RUN/probe" store=
  FORMAT_REASON='' MANIFEST_FOUND='' ASKED_FOUND=''
  if ! found=$'\n'"$(blkid --probe --output export "$DISK")"$'\n'; then
    FORMAT_REASON='it is blank'
  elif [[ "$found" != *$'\n'"TYPE=$FILE_SYSTEM"$'\n'* || "$found" != *$'\n'"LABEL=$FILE_SYSTEM_LABEL"$'\n'* ]]; then
    FORMAT_REASON="it holds no $FILE_SYSTEM of ours"
  elif ! mount_read_only "$DISK" "$FILE_SYSTEM" "$probe"; then
    FORMAT_REASON='it cannot be mounted'
  else
    store="$(read_small "$probe/$STORE_PATH" 99)" || true
    MANIFEST_FOUND="$(read_small "$probe/$MANIFEST_PATH" 8388608 | hash_input)" || MANIFEST_FOUND=''
    ASKED_FOUND="$(read_small "$probe/$ASKED_PATH" 64)" || ASKED_FOUND=''
    umount "$probe"
    # Matched before it is reckoned with: arithmetic runs what is in it. Docker reads what an older engine wrote, not what a newer one did.
    if [[ ! "$store" =~ ^[a-z0-9]+/[0-9]{1,4}$ ]]; then
      FORMAT_REASON='it holds the image store of an unfinished build'
    elif [[ "${store%/*}" != "$IMAGE_STORE" ]] || ((10#${store#*/} > ENGINE_MAJOR)); then
      FORMAT_REASON="it holds the image store $store"
    fi
  fi
}

# prepare_volume: mounts read-write at last. The file system is made anew if it must be, and grown to the volume's size.
prepare_volume() {
  [[ -n "$FORMAT_REASON" ]] || reuse_volume
  if [[ -n "$FORMAT_REASON" ]]; then
    log "formatting $DISK: $FORMAT_REASON"
    ! mountpoint --quiet "$MOUNT_POINT" || umount "$MOUNT_POINT"
    "format_$FILE_SYSTEM"
    mount_read_write "$DISK" "$FILE_SYSTEM"
    mark_unfinished
    FORMAT_REASON=''
  fi
  grow_file_system "$DISK" "$FILE_SYSTEM"
}

# reuse_volume: mounts what is there, or sets FORMAT_REASON.
reuse_volume() {
  if ! mount_read_write "$DISK" "$FILE_SYSTEM"; then
    FORMAT_REASON='it cannot be mounted'
  elif [[ -e "$MOUNT_POINT/$UNFINISHED_PATH" || -L "$MOUNT_POINT/$UNFINISHED_PATH" ]]; then
    # Seen only now: before, it may have been in the journal.
    FORMAT_REASON='the last build on it was cut off'
  elif ! keep_sealed; then
    # Before Docker is on it: a container would be started, by its restart policy.
    FORMAT_REASON='it holds what no build left'
  elif ! mark_unfinished; then
    FORMAT_REASON='it cannot be written to'
  fi
}

# mark_unfinished: from here on the volume is no complete cache, on the device too. All of our own files go, so that none is written through a link.
mark_unfinished() {
  mkdir -p "$MOUNT_POINT/.docker-cache" "$MOUNT_POINT/docker" &&
    rm -f -- "$MOUNT_POINT/$MANIFEST_PATH" "$MOUNT_POINT/$FACTS_PATH" &&
    remove_all_but .docker-cache &&
    touch "$MOUNT_POINT/$UNFINISHED_PATH" &&
    printf '%s/%s' "$IMAGE_STORE" "$ENGINE_MAJOR" >"$MOUNT_POINT/$STORE_PATH" &&
    sync --file-system "$MOUNT_POINT"
}

# check_file_system: read-only, unmounted. Fails if anything is wrong.
check_file_system() {
  if [[ "$FILE_SYSTEM" == xfs ]]; then xfs_repair -n "$DISK" >"$RUN/check" 2>&1; else e2fsck -f -n "$DISK" >"$RUN/check" 2>&1; fi && return
  tail -n 20 "$RUN/check"
  return 1
}

# list_known_options DRY-RUN OPTION...: those of the options that this version of the command knows, one word a line; each OPTION is `-x value`.
list_known_options() {
  local option
  local -a dry_run words
  read -r -a dry_run <<<"$1"
  shift
  for option in "$@"; do
    read -r -a words <<<"$option"
    if "${dry_run[@]}" "${words[@]}" "$DISK" &>/dev/null; then printf '%s\n' "${words[@]}"; fi
  done
}

# format_xfs: without what kernels of the supported distributions do not all know (the worker's may be older than the builder's).
format_xfs() {
  local -a options
  mapfile -t options < <(list_known_options 'mkfs.xfs -N -f' '-m bigtime=0' '-m inobtcount=0' '-m reflink=0' '-m rmapbt=0' '-i nrext64=0' \
    '-i exchange=0' '-n parent=0')
  mkfs.xfs -q -f -K -L "$FILE_SYSTEM_LABEL" "${options[@]}" "$DISK"
}

# format_ext4: every inode table is written now: later it would go on in the background and dirty blocks.
format_ext4() {
  local -a options
  mapfile -t options < <(list_known_options 'mkfs.ext4 -n -F' '-O ^orphan_file' '-O ^metadata_csum_seed')
  mkfs.ext4 -q -F -L "$FILE_SYSTEM_LABEL" -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "${options[@]}" "$DISK"
}

# unmount_volume: writes everything out, and only then takes the mark off, unless the store is damaged. Fails if something still uses it: then there
# must be no snapshot.
unmount_volume() {
  local folder
  for folder in "$CONTAINERD_ROOT" "$DOCKER_ROOT"; do
    ! is_on_cache_volume "$folder" 2>/dev/null || umount "$folder"
  done
  sync --file-system "$MOUNT_POINT"
  [[ "$STORE_DOUBT" == damaged ]] || rm -f -- "$MOUNT_POINT/$UNFINISHED_PATH"
  umount "$MOUNT_POINT"
}

# leave_volume: after a failed build, so that the next one finds what this one has pulled. Not if the store is damaged, which may be why it failed:
# Docker goes on believing in layers that it has.
leave_volume() {
  mountpoint --quiet "$MOUNT_POINT" || return 0
  # Else the next build finds their layers, and not what they belong to.
  ! systemctl is-active --quiet docker.service || remove_containers || true
  timeout 60 systemctl stop docker.socket docker.service containerd.service || return
  [[ "$STORE_DOUBT" != @(all|sizes) ]] || verify_store "$STORE_DOUBT" /dev/null || log "the image store is damaged: the next build formats the volume"
  unmount_volume
}
