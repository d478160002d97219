# shellcheck shell=bash
# From a proven data-root to a snapshot.

# remove_identity: only images may be cloned.
remove_identity() {
  stop_docker
  keep_sealed || fail "what Docker left on the cache volume cannot be sealed"
}

# collect_image_facts: while Docker still runs: REFERENCE, digest, id, size, optional; separated by tabs.
collect_image_facts() {
  local index facts
  for index in "${!REFERENCES[@]}"; do
    facts="$(docker image inspect --format '{{.Id}}'$'\t''{{.Size}}' "${LOCAL_NAMES[index]}")"
    printf '%s\t%s\t%s\t%s\n' "${REFERENCES[index]}" "${DIGESTS[index]}" "$facts" "${OPTIONAL[index]}"
  done >"$RUN/image-facts"
  ENGINE_VERSION="$(docker version --format '{{.Server.Version}}')"
}

# write_manifest: last of all that is written to the volume; made beside its place and moved.
write_manifest() {
  local path="$MOUNT_POINT/$MANIFEST_PATH"
  cp -- "$RUN/hot-set" "$MOUNT_POINT/$HOT_SET_PATH"
  python3 -c '
import json, sys
facts, version, name, architecture, build, content, store, engine, kernel, system, created, sha, source, size = sys.argv[1:]
rows = (line.rstrip("\n").split("\t") for line in open(facts, encoding="utf-8"))
images = [{"reference": r, "digest": d, "id": i, "size": int(s), "optional": o == "yes"} for r, d, i, s, o in rows]
print(json.dumps({
    "version": int(version), "name": name, "architecture": architecture, "buildId": build, "content": content, "store": store,
    "engine": engine, "kernel": kernel, "fileSystem": system, "createdAt": created, "images": images,
    "hotSet": {"sha256": sha, "source": source, "bytes": int(size)}}, indent=1))' \
    "$RUN/image-facts" "$MANIFEST_VERSION" "$CACHE_NAME" "$CACHE_ARCHITECTURE" "$INSTANCE_ID" "$CONTENT" "$IMAGE_STORE/$ENGINE_MAJOR" \
    "$ENGINE_VERSION" "$(uname --kernel-release)" "$FILE_SYSTEM" "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" \
    "$(sha256sum <"$RUN/hot-set" | cut --delimiter=' ' --fields=1)" "$HOT_SET_SOURCE" "$(count_hot_bytes)" >"$path.new"
  MANIFEST_SHA="$(sha256sum <"$path.new" | cut --delimiter=' ' --fields=1)"
  sync --file-system "$MOUNT_POINT"
  mv -- "$path.new" "$path"
}

# seal_volume: identity away, manifest written, unmounted, checked, and only then tagged ready.
seal_volume() {
  remove_identity
  write_manifest
  unmount_volume
  blockdev --flushbufs "$DISK"
  check_file_system || fail "the file system on the cache volume is not clean"
  tag_volume state ready build-id "$INSTANCE_ID" content "$CONTENT" store "$IMAGE_STORE/$ENGINE_MAJOR" manifest "$MANIFEST_SHA"
}

# snapshot_volume: with the volume's tags from its first moment on. Looked for by build id first, so that no retry makes a second one.
snapshot_volume() {
  retry 6 create_snapshot || fail "no snapshot could be created"
  OUTCOME=ready
}

# create_snapshot
create_snapshot() {
  local found
  found="$(aws ec2 describe-snapshots --owner-ids self --filters "Name=volume-id,Values=$CACHE_VOLUME_ID" \
    "Name=tag:docker-cache:build-id,Values=$INSTANCE_ID" --query 'Snapshots[0].SnapshotId' --output text)" || return
  if [[ "$found" != snap-* ]] && ! found="$(create_tagged_snapshot '')"; then
    grep --quiet UnauthorizedOperation "$RUN/snapshot-error" && found="$(create_tagged_snapshot docker-cache:)" || return
  fi
  log "snapshot $found"
}

# create_tagged_snapshot PREFIX: with the volume's tags whose key begins so, except AWS's own. Of ours it takes only those that say what the snapshot
# is. A tag that steers rotation or DLM would pin or delete the snapshot. It is refused to the role, no matter who put it on the volume. Other tags
# that the role may not write must not be in the way either.
create_tagged_snapshot() {
  aws ec2 describe-volumes --volume-ids "$CACHE_VOLUME_ID" --query 'Volumes[0].Tags' --output json | python3 -c '
import json, sys
ours = ["docker-cache:" + key for key in ("name", "architecture", "state", "build-id", "content", "store", "manifest")]
tags = [tag for tag in json.load(sys.stdin) if tag["Key"].startswith(sys.argv[1]) and (tag["Key"] in ours or not tag["Key"].startswith(("aws:", "docker-cache:")))]
json.dump([{"ResourceType": "snapshot", "Tags": tags}], sys.stdout)' "$1" >"$RUN/tag-specification.json" || return
  aws ec2 create-snapshot --volume-id "$CACHE_VOLUME_ID" --description "docker-cache $CACHE_NAME/$CACHE_ARCHITECTURE" \
    --tag-specifications "file://$RUN/tag-specification.json" --query SnapshotId --output text 2>"$RUN/snapshot-error" && return
  log "$(<"$RUN/snapshot-error")"
  return 1
}
