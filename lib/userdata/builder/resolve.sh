# shellcheck shell=bash
# From references to digests, by HEAD requests to the registries. They are quick, need no running Docker, and are no pulls in the eyes of a rate
# limit.

# resolve_images: sets DIGESTS, SOURCES and LOCAL_NAMES. SOURCES say what to pull, without digest: the pull-through cache if one is configured.
# LOCAL_NAMES are the names under which Docker shows the images. An image that does not resolve is dropped if it is optional, else it fails the build.
resolve_images() {
  local index digest source name own=''
  [[ -z "$PULL_THROUGH" ]] || own="$(name_own_registry)"
  PULL_THROUGH="$PULL_THROUGH" resolve_references "$own" "${REFERENCES[@]}" >"$RUN/resolved"
  index=0
  while IFS=$'\t' read -r digest source name; do
    DIGESTS[index]="$digest" SOURCES[index]="$source" LOCAL_NAMES[index]="$name"
    [[ "$digest" == sha256:* ]] || drop_image "$index" "$name"
    index=$((index + 1))
  done <"$RUN/resolved"
}
