# shellcheck shell=bash
# Content of a cache, as one hash, and the decision if there is anything to build.

# compute_content: sha256 over the sorted pairs of reference and digest, platform, image store, engine major and manifest version.
compute_content() {
  local index
  {
    for index in "${!REFERENCES[@]}"; do printf '%s %s\n' "${REFERENCES[index]}" "${DIGESTS[index]}"; done | LC_ALL=C sort
    printf '%s\n' "linux/${CACHE_ARCHITECTURE/x86_64/amd64}" "$IMAGE_STORE" "$ENGINE_MAJOR" "$MANIFEST_VERSION"
  } | hash_input
}

# decide_build: ends the build with `checked` if this content is on the volume and in its newest snapshot, or was rejected.
decide_build() {
  CONTENT="$(compute_content)"
  IMAGE_COUNT="${#REFERENCES[@]}"
  local rejected
  # Asked for before, and optional images did not run: they will not today either.
  if [[ "$ASKED_FOUND" == "$CONTENT" && -n "${VOLUME_TAGS[docker-cache:content]:-}" ]]; then CONTENT="${VOLUME_TAGS[docker-cache:content]}"; fi
  # A cache that nothing rotates has no such parameter.
  rejected="$(aws read-parameter "$REJECTED_PARAMETER")"
  if [[ $'\n'"$rejected"$'\n' == *$'\n'"$CONTENT"$'\n'* ]]; then
    end_checked "this content was rejected: $CONTENT"
  elif is_volume_current && [[ "$(aws read-snapshot-content "$CACHE_VOLUME_ID" "$CACHE_NAME" "$CACHE_ARCHITECTURE")" == "$CONTENT" ]]; then
    end_checked "nothing to do: volume and snapshot bear this content: $CONTENT"
  fi
}

# end_checked WORD...
end_checked() {
  log "$*"
  tag_volume checked "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  OUTCOME=checked
  exit 0
}

# is_volume_current: true if the volume itself is ready with this content, by its tags and by the manifest that is on it.
is_volume_current() {
  [[ -z "$FORMAT_REASON" && -n "$MANIFEST_FOUND" && "${VOLUME_TAGS[docker-cache:state]:-}" == ready &&
    "${VOLUME_TAGS[docker-cache:content]:-}" == "$CONTENT" && "${VOLUME_TAGS[docker-cache:manifest]:-}" == "$MANIFEST_FOUND" ]]
}
