# shellcheck shell=bash
# From references to digests, by dockerd: it asks each registry as it will pull, and the answer stands for what it would pull. It fetches the manifest,
# which counts as a pull on Docker Hub (docs/builder.md).

DOCKER_SOCKET=/var/run/docker.sock

# start_docker_to_ask: on the root disk, as the image configures it. A daemon that runs already may not know the proxy yet.
start_docker_to_ask() {
  [[ -z "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || stop_docker
  launch_docker 'the root disk'
}

# resolve_images: sets DIGESTS, SOURCES, LOCAL_NAMES, ORIGINALS and NOTES. SOURCES say what to pull, without digest: ECR's pull-through cache if it has the
# image, else the image's own repository, which ORIGINALS are. LOCAL_NAMES are the names under which Docker shows the images. NOTES say why it is not as
# usual; with a source in ECR, that the original gave no answer. An image that does not resolve is dropped if it is optional, else it fails the build.
resolve_images() {
  local index digest source name original note own=''
  [[ -z "$PULL_THROUGH" ]] || own="$(name_own_registry)"
  PULL_THROUGH="$PULL_THROUGH" WATCHDOG_MINUTES="$WATCHDOG_MINUTES" resolve_references "$DOCKER_SOCKET" "$own" "${REFERENCES[@]}" >"$RUN/resolved"
  index=0
  while IFS=$'\t' read -r digest source name original note; do
    DIGESTS[index]="$digest" SOURCES[index]="$source" LOCAL_NAMES[index]="$name" ORIGINALS[index]="$original" NOTES[index]="$note"
    [[ -z "$note" ]] || log "${REFERENCES[index]}: $note"
    [[ "$digest" == sha256:* ]] || drop_image "$index" "$name"
    index=$((index + 1))
  done <"$RUN/resolved"
}
