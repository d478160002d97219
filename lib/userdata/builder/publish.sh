# shellcheck shell=bash
# From a proven data-root to a snapshot.

# remove_identity: only images may be cloned.
remove_identity() {
  stop_docker
  keep_sealed || fail "what Docker left on the cache volume cannot be sealed"
}

# collect_image_facts: while Docker still runs: of each image a line for the manifest, and its name and id for the proof of the store.
collect_image_facts() {
  local index facts optional
  for index in "${!REFERENCES[@]}"; do docker image inspect --format "${LOCAL_NAMES[index]}"$'\t{{.Id}}' "${LOCAL_NAMES[index]}"; done >"$RUN/image-ids"
  for index in "${!REFERENCES[@]}"; do
    facts="$(docker image inspect --format '"id": "{{.Id}}", "size": {{.Size}}' "${LOCAL_NAMES[index]}")"
    if [[ -n "${OPTIONAL[index]}" ]]; then optional=true; else optional=false; fi
    printf '{"reference": "%s", "digest": "%s", %s, "optional": %s}\n' "${REFERENCES[index]}" "${DIGESTS[index]}" "$facts" "$optional"
  done >"$RUN/image-facts"
  ENGINE_VERSION="$(docker version --format '{{.Server.Version}}')"
}

# hash_input: sha256 of standard input, in hex.
hash_input() { sha256sum | cut -d ' ' -f 1; }

# write_manifest: last of all that is written to the volume, behind the facts; made beside its place and moved. No value in it needs quoting: registries
# and Docker have taken the references.
write_manifest() {
  local path="$MOUNT_POINT/$MANIFEST_PATH" made="$RUN/manifest.json"
  cp -- "$RUN/hot-set" "$MOUNT_POINT/$HOT_SET_PATH"
  printf %s "$ASKED" >"$MOUNT_POINT/$ASKED_PATH"
  printf '%s\n' "$MANIFEST_VERSION $CACHE_NAME $CACHE_ARCHITECTURE $IMAGE_STORE $ENGINE_MAJOR $INSTANCE_ID $CONTENT" "${REFERENCES[@]}" \
    >"$MOUNT_POINT/$FACTS_PATH"
  printf '{"version": %s, "name": "%s", "architecture": "%s", "buildId": "%s", "content": "%s", "store": "%s", "engine": "%s", "kernel": "%s",
 "fileSystem": "%s", "createdAt": "%s", "images": [\n%s],
 "facts": {"path": "%s", "sha256": "%s"},
 "hotSet": {"sha256": "%s", "source": "%s", "bytes": %s}}' \
    "$MANIFEST_VERSION" "$CACHE_NAME" "$CACHE_ARCHITECTURE" "$INSTANCE_ID" "$CONTENT" "$IMAGE_STORE/$ENGINE_MAJOR" "$ENGINE_VERSION" \
    "$(uname -r)" "$FILE_SYSTEM" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(paste -sd, "$RUN/image-facts")" \
    "$FACTS_PATH" "$(hash_input <"$MOUNT_POINT/$FACTS_PATH")" "$(hash_input <"$RUN/hot-set")" "$HOT_SET_SOURCE" "$HOT_SET_BYTES" >"$made"
  MANIFEST_SHA="$(hash_input <"$made")"
  IMAGE_COUNT="${#REFERENCES[@]}"
  USED_BYTES="$(df --output=used --block-size=1 "$MOUNT_POINT" | tail -n 1)"
  cp -- "$made" "$path.new"
  sync --file-system "$MOUNT_POINT"
  mv -- "$path.new" "$path"
}

# publish_manifest: off the volume too, so that what a snapshot holds can be read without it. Its hash is the stream's name, and in the volume's tag.
publish_manifest() {
  [[ -z "$MANIFEST_LOG_GROUP" ]] || AWS_SECONDS=60 aws publish "$MANIFEST_LOG_GROUP" "$MANIFEST_SHA" "$RUN/manifest.json" ||
    log "WARNING: the manifest was not published in $MANIFEST_LOG_GROUP"
}

# seal_volume: identity away, store proven, manifest written, unmounted, checked, and only then tagged ready.
seal_volume() {
  remove_identity
  prove_store
  find_hot_set
  write_manifest
  unmount_volume
  blockdev --flushbufs "$DISK"
  check_file_system || fail "the file system on the cache volume is not clean"
  publish_manifest
  tag_volume state ready build-id "$INSTANCE_ID" content "$CONTENT" store "$IMAGE_STORE/$ENGINE_MAJOR" manifest "$MANIFEST_SHA"
}

# snapshot_volume: the last step.
snapshot_volume() {
  retry 6 create_snapshot || fail "no snapshot could be created"
  OUTCOME=ready
}

# create_snapshot: or finds the one that a request has made whose answer was lost.
create_snapshot() {
  SNAPSHOT_ID="$(aws snapshot "$CACHE_VOLUME_ID" "$INSTANCE_ID" "docker-cache $CACHE_NAME/$CACHE_ARCHITECTURE")" || return
  log "snapshot $SNAPSHOT_ID"
}
