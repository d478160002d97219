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
  local rejected
  rejected="$(read_rejected)"
  if [[ $'\n'"$rejected"$'\n' == *$'\n'"$CONTENT"$'\n'* ]]; then
    end_checked "this content was rejected: $CONTENT"
  elif is_volume_current && [[ "$(read_snapshot_content)" == "$CONTENT" ]]; then
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

# read_rejected: contents that must not be built, one a line. A cache that nothing rotates has no such parameter.
read_rejected() {
  local value
  if value="$(aws ssm get-parameter --name "$REJECTED_PARAMETER" --query Parameter.Value --output text 2>&1)"; then
    printf '%s' "$value"
  elif [[ "$value" != *ParameterNotFound* ]]; then
    fail "the parameter $REJECTED_PARAMETER cannot be read: $value"
  fi
}

# is_volume_current: true if the volume itself is ready with this content, by its tags and by the manifest that is on it.
is_volume_current() {
  [[ -z "$FORMAT_REASON" && -n "$MANIFEST_FOUND" && "${VOLUME_TAGS[docker-cache:state]:-}" == ready &&
    "${VOLUME_TAGS[docker-cache:content]:-}" == "$CONTENT" && "${VOLUME_TAGS[docker-cache:manifest]:-}" == "$MANIFEST_FOUND" ]]
}

# read_snapshot_content: of the newest snapshot of this volume that a build made and that is not in error. DLM's own bear the volume's tags too, but
# rotation promotes none of them here: if a build's is missing, only another build brings one.
read_snapshot_content() {
  aws ec2 describe-snapshots --owner-ids self --filters "Name=volume-id,Values=$CACHE_VOLUME_ID" \
    --query "sort_by(Snapshots[?State!='error' && !(Tags[?starts_with(Key, 'aws:')])], &StartTime)[-1].Tags[?Key=='docker-cache:content'].Value | [0]" --output text
}
