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

# pull_image INDEX ERROR-FILE: through ECR if it has the image, then from its original. Where ECR failed once, and the original is known to answer, the
# original is first: what goes wrong with ECR costs the time of one image, not of each. What a stall or that order cut short is made up for at the end.
# An original answers if it gave the digest, or if any image has come from its host since.
pull_image() {
  local source="${SOURCES[$1]}" original="${ORIGINALS[$1]}" doubt="$RUN/pulls/doubt" again='' why='' status=0
  local reached="$RUN/pulls/reached-${original%%/*}"
  if is_pulled "$1" && name_image "$1" "$PULLED" 2>/dev/null; then
    log "${REFERENCES[$1]} is there already"
    return
  fi
  if [[ "$source" != "$original" && -e "$doubt" && (-z "${NOTES[$1]}" || -e "$reached") ]]; then
    again=yes
  elif [[ "$source" != "$original" ]]; then
    pull_from "$1" "$source" "$2" 3 || status=$?
    if ((status != 0)); then
      [[ ! -e "$RUN/pulls/full" ]] || return 1
      : >"$doubt"
      ((status != 124)) || again=yes
      why="$(<"$2")"
      log "${REFERENCES[$1]}: from ${original%%/*}, not through ECR: $why"
    elif ! is_pinned "$1"; then
      return 0
    fi
  fi
  # One by digest too, whose layers are there: its name cannot be given, only pulled.
  if pull_from "$1" "$original" "$2"; then
    : >"$reached"
    return
  fi
  [[ ! -e "$RUN/pulls/full" ]] || return 1
  if [[ -n "$again" ]] && ! is_pinned "$1"; then
    pull_from "$1" "$source" "$2"
    return
  fi
  [[ -z "$why" ]] || printf 'ECR: %s; %s: %s\n' "$why" "${original%%/*}" "$(<"$2")" >"$2"
  return 1
}

# pull_from INDEX SOURCE ERROR-FILE [STALL-SHARE]: with retries, unless the volume is full. With STALL-SHARE there is none after a stall, nor once attempts
# have taken that share of the time: status 124. What Docker says of a failure is for people: no text is read to tell one that passes from one that stays.
pull_from() {
  local attempt status began=$SECONDS most
  most="$(share_seconds "${4:-2}")"
  for attempt in 1 2 3 4 5; do
    status=0
    { pull_name "$2@${DIGESTS[$1]}" "${4:-2}" && name_image "$1" "$2"; } 2>"$3.new" || status=$?
    if ((status == 0)); then
      rm -f -- "$3.new" "$3"
      log "pulled ${REFERENCES[$1]} from ${2%%/*} in $((SECONDS - began)) s"
      return
    fi
    hide_logins "$3.new" >"$3"
    rm -f -- "$3.new"
    log "attempt $attempt of 5: ${REFERENCES[$1]}: from ${2%%/*}: $(<"$3")"
    [[ ! -e "$RUN/pulls/full" ]] || return 1
    # What fails slowly may take no more of the time than what stalls.
    (($# < 4 || (status != 124 && SECONDS - began < most))) || return 124
    ((attempt == 5)) || sleep $((attempt * attempt * 2 + RANDOM % 3))
  done
  return 1
}

# is_pulled INDEX: true if Docker has this very image from an earlier build, whichever way it came; sets PULLED to the way. In overlay2 a pull would fetch
# its manifests, which count as pulls on Docker Hub, to find just that. containerd's store is left to do it: it looks at each blob, and fetches what is
# missing, but no manifest.
is_pulled() {
  [[ "$IMAGE_STORE" == overlay2 ]] || return 1
  for PULLED in "${ORIGINALS[$1]}" "${SOURCES[$1]}"; do
    ! docker image inspect --format x "$PULLED@${DIGESTS[$1]}" &>/dev/null || return 0
    # What is listed by digest has its name from its original.
    ! is_pinned "$1" || return 1
  done
  return 1
}

# is_pinned INDEX: true if the image is listed by digest.
is_pinned() { [[ "${LOCAL_NAMES[$1]}" == *@* ]]; }

# pull_name NAME SHARE: in this share of the time that is left for pulling, so that a registry that stalls costs an attempt and not the build.
pull_name() {
  local seconds status=0
  seconds="$(share_seconds "$2")"
  timeout "$seconds" docker pull --quiet "$1" >/dev/null || status=$?
  ((status != 124)) || printf 'no end within %s s\n' "$seconds" >&2
  return "$status"
}

# share_seconds SHARE: what this part of the time that is left for pulling is.
share_seconds() {
  local seconds=$(((WATCHDOG_MINUTES * 60 - SECONDS - 300) / $1))
  printf %s "$((seconds > 30 ? seconds : 30))"
}

# name_image INDEX SOURCE: the name that workers will ask for, and none of ECR's pull-through cache. One by digest has it from its original alone.
name_image() {
  local cached="${SOURCES[$1]}@${DIGESTS[$1]}"
  if ! is_pinned "$1"; then
    docker tag "$2@${DIGESTS[$1]}" "${LOCAL_NAMES[$1]}" || return
  elif [[ "$2" != "${ORIGINALS[$1]}" ]]; then
    return 0
  fi
  [[ "${SOURCES[$1]}" == "${ORIGINALS[$1]}" ]] || ! docker image inspect --format x "$cached" &>/dev/null || drop_name "$cached"
}

# drop_name NAME: another image's lane may have dropped the same one.
drop_name() { docker image rm "$1" >/dev/null || ! docker image inspect --format x "$1" &>/dev/null; }

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
