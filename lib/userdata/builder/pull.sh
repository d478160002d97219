# shellcheck shell=bash
# Pulls, in parallel and by digest: the resolved image is the cached one, even if a tag moves meanwhile.

# pull_all: when space runs out, the volume is formatted anew and all is pulled once more: it may have been the remains of former builds.
pull_all() {
  remove_unlisted_names
  pull_images
  if grep -qr --include=error 'no space left' "$RUN/pulls"; then
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

# pull_images: lanes that take the next image until none is left; each image leaves $RUN/pulls/INDEX/error or nothing.
pull_images() {
  local lane
  local -a lanes=()
  rm -rf "$RUN/pulls"
  mkdir "$RUN/pulls"
  for ((lane = 0; lane < PARALLEL_PULLS; lane++)); do
    pull_lane &
    lanes+=($!)
  done
  wait "${lanes[@]}"
}

# pull_lane: a folder for each image is the lock that says who pulls it.
pull_lane() {
  local index
  for index in "${!REFERENCES[@]}"; do
    mkdir "$RUN/pulls/$index" 2>/dev/null || continue
    pull_image "$index" "$RUN/pulls/$index/error" || true
  done
}

# pull_image INDEX ERROR-FILE: with retries, except for what no retry can fix. Each attempt has half of the time that is left for pulling, so that a
# registry that stalls costs an attempt and not the build.
pull_image() {
  local attempt began=$SECONDS source="${SOURCES[$1]}@${DIGESTS[$1]}" budget
  for attempt in 1 2 3 4 5; do
    budget=$(((WATCHDOG_MINUTES * 60 - SECONDS - 300) / 2))
    if timeout "$((budget > 30 ? budget : 30))" docker pull --quiet "$source" >/dev/null 2>"$2.new" && name_image "$1" 2>"$2.new"; then
      rm -f -- "$2.new" "$2"
      log "pulled ${REFERENCES[$1]} in $((SECONDS - began)) s"
      return
    fi
    printf '%s\n' "$(tr '\n' ' ' <"$2.new")" >"$2"
    log "attempt $attempt of 5: ${REFERENCES[$1]}: $(<"$2")"
    ! grep -qEi 'manifest unknown|not found|denied|unauthorized|no space left|no matching manifest' "$2" || return 1
    sleep $((attempt * attempt * 2 + RANDOM % 3))
  done
  return 1
}

# name_image INDEX: the name that workers will ask for. One that was pulled by digest through a pull-through cache is pulled again under its own
# name: its layers are there, only the manifest travels.
name_image() {
  local name="${LOCAL_NAMES[$1]}" source="${SOURCES[$1]}@${DIGESTS[$1]}"
  [[ "$name" == *@* ]] || docker tag "$source" "$name" || return
  [[ -n "$PULL_THROUGH" && "$source" == "$(name_own_registry)"/* ]] || return 0
  [[ "$name" != *@* ]] || docker pull --quiet "$name" >/dev/null || return
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
}

# check_landing: fails unless the pulled bytes are on the cache volume, and not on the root disk of some other store.
check_landing() {
  local used largest
  used="$(df --output=used --block-size=1 "$MOUNT_POINT" | tail -n 1)"
  largest="$(for_each_image docker image inspect --format '{{.Size}}' | sort -n | tail -n 1)"
  ((used >= largest / 2)) || fail "the images are not on the cache volume: $used bytes are used there, the largest image has $largest"
}
