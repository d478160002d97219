# shellcheck shell=bash
# The proof that the image store on the volume is whole: the bytes of every layer are those of its digest.

# What a failed build knows of the store: `sizes` or `all`, how closely it is to be looked at before its mark is taken off; `damaged`; empty: that there
# is no time for that.
STORE_DOUBT=sizes

# verify_store all|sizes WANTED: of what lies on the mounted volume, with Docker stopped. WANTED: a file with a line NAME ID of each image that must be there.
verify_store() {
  local code=0
  verify_configured_store "$@" || code=$?
  # Some layer is packed by zstd, which the standard library of Python does not know.
  if ((code == 3)); then
    install_packages zstd || log "zstd could not be installed"
    code=0
    verify_configured_store "$@" || code=$?
  fi
  ((code == 0)) || STORE_DOUBT=damaged
  return "$code"
}

# verify_configured_store MODE WANTED: what is damaged is left in $RUN/damage, and said.
verify_configured_store() {
  local code=0
  verify_by_kind "$@" 2>"$RUN/damage" || code=$?
  cat "$RUN/damage" >&2
  return "$code"
}

# verify_by_kind MODE WANTED
verify_by_kind() {
  if [[ "$IMAGE_STORE" == containerd ]]; then
    verify_containerd "$MOUNT_POINT" "$@" "${CACHE_ARCHITECTURE/x86_64/amd64}"
  else
    verify_overlay2 "$MOUNT_POINT" "$@"
  fi
}

# prove_store: what will be snapshotted. If it is damaged, the volume keeps its mark, and the next build formats it and pulls anew.
prove_store() {
  local began=$SECONDS first=''
  if ! verify_store all "$RUN/image-ids"; then
    read -r first <"$RUN/damage" || true
    fail "the image store on the cache volume is damaged, and the next build pulls everything anew: ${first#docker-cache: damaged: }"
  fi
  log "the image store is whole: verified in $((SECONDS - began)) s"
}
