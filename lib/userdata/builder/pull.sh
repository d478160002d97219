# shellcheck shell=bash
# Pulls, in parallel and by digest: the resolved image is the cached one, even if a tag moves meanwhile.

# pull_all: when space runs out, the volume is formatted anew and all is pulled once more: it may have been the remains of former builds.
pull_all() {
  remove_unlisted_names
  pull_images
  if [[ -e "$RUN/pulls/full" && -n "$(find "$RUN/pulls" -name error)" ]]; then
    log "the volume is full: formatting it anew and pulling once more"
    stop_docker
    unmount_volume
    FORMAT_REASON='space ran out'
    prepare_volume
    start_docker
    pull_images
  fi
  drop_failed_pulls
  remove_unlisted_images
  check_landing
}

# pull_images: lanes that take the next image until none is left; each image leaves $RUN/pulls/INDEX/error or nothing. $RUN/pulls/full is there if the
# volume was nearly full at any moment: Docker gives back what a failed pull took, so that nothing shows it afterwards.
pull_images() {
  local lane watcher
  local -a lanes=()
  rm -rf "$RUN/pulls"
  mkdir "$RUN/pulls"
  : >"$RUN/pulls/going-on"
  watch_space "$MOUNT_POINT" "$RUN/pulls/going-on" "$RUN/pulls/full" &
  watcher=$!
  for ((lane = 0; lane < PARALLEL_PULLS; lane++)); do
    pull_lane &
    lanes+=($!)
  done
  wait "${lanes[@]}"
  rm "$RUN/pulls/going-on"
  wait "$watcher" || log "how full the volume was is not known"
}

# pull_lane: a folder for each image is the lock that says who pulls it.
pull_lane() {
  local index
  for index in "${!REFERENCES[@]}"; do
    mkdir "$RUN/pulls/$index" 2>/dev/null || continue
    pull_image "$index" "$RUN/pulls/$index/error" || true
  done
}

# pull_image INDEX ERROR-FILE: with retries, unless the volume is full. What Docker says of a failure is for people: no text is read to tell one that
# passes from one that stays.
pull_image() {
  local attempt began=$SECONDS
  for attempt in 1 2 3 4 5; do
    if { { is_pulled "$1" || pull_name "${SOURCES[$1]}@${DIGESTS[$1]}"; } && name_image "$1"; } 2>"$2.new"; then
      rm -f -- "$2.new" "$2"
      log "pulled ${REFERENCES[$1]} in $((SECONDS - began)) s"
      return
    fi
    printf '%s\n' "$(tr '\n' ' ' <"$2.new")" >"$2"
    log "attempt $attempt of 5: ${REFERENCES[$1]}: $(<"$2")"
    [[ ! -e "$RUN/pulls/full" ]] || return 1
    ((attempt == 5)) || sleep $((attempt * attempt * 2 + RANDOM % 3))
  done
  return 1
}

# is_pulled INDEX: true if Docker has this very image from an earlier build. In overlay2 a pull would fetch its manifests, which count as pulls on Docker
# Hub, to find just that. containerd's store is left to do it: it looks at each blob, and fetches what is missing, but no manifest.
is_pulled() { [[ "$IMAGE_STORE" == overlay2 ]] && docker image inspect --format x "${SOURCES[$1]}@${DIGESTS[$1]}" &>/dev/null; }

# pull_name NAME: in half of the time that is left for pulling, so that a registry that stalls costs an attempt and not the build.
pull_name() {
  local seconds=$(((WATCHDOG_MINUTES * 60 - SECONDS - 300) / 2)) status=0
  seconds=$((seconds > 30 ? seconds : 30))
  timeout "$seconds" docker pull --quiet "$1" >/dev/null || status=$?
  ((status != 124)) || printf 'no end within %s s\n' "$seconds" >&2
  return "$status"
}

# name_image INDEX: the name that workers will ask for. One that was pulled by digest through a pull-through cache is pulled again under its own
# name: its layers are there, only the manifest travels.
name_image() {
  local name="${LOCAL_NAMES[$1]}" source="${SOURCES[$1]}@${DIGESTS[$1]}"
  [[ "$name" == *@* ]] || docker tag "$source" "$name" || return
  [[ -n "$PULL_THROUGH" && "$source" == "$(name_own_registry)"/* ]] || return 0
  [[ "$name" != *@* ]] || pull_name "$name" || return
  docker image rm "$source" >/dev/null
}

# drop_failed_pulls: a failed image fails the build unless it is optional.
drop_failed_pulls() {
  local index
  for index in "${!REFERENCES[@]}"; do
    [[ ! -s "$RUN/pulls/$index/error" ]] || drop_image "$index" "$(<"$RUN/pulls/$index/error")"
  done
  ((${#REFERENCES[@]} > 0)) || fail "not one image could be pulled"
  CONTENT="$(compute_content)"
  ASKED="$CONTENT"
}

# check_landing: fails unless the pulled bytes are on the cache volume, and not on the root disk of some other store.
check_landing() {
  local used largest
  used="$(df --output=used --block-size=1 "$MOUNT_POINT" | tail -n 1)"
  largest="$(for_each_image docker image inspect --format '{{.Size}}' | sort -n | tail -n 1)"
  ((used >= largest / 2)) || fail "the images are not on the cache volume: $used bytes are used there, the largest image has $largest"
}
