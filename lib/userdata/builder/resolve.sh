# shellcheck shell=bash
# From references to digests, by dockerd: it asks each registry as it will pull, and the answer stands for what it would pull. It fetches the manifest,
# which counts as a pull on Docker Hub (docs/builder.md).

DOCKER_SOCKET=/var/run/docker.sock

# start_docker_to_ask: on the root disk, as the image configures it. A daemon that runs already may not know the proxy yet.
start_docker_to_ask() {
  [[ -z "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || stop_docker
  launch_docker 'the root disk'
}

# resolve_images: sets DIGESTS, SOURCES and LOCAL_NAMES. SOURCES say what to pull, without digest: the pull-through cache if one is configured.
# LOCAL_NAMES are the names under which Docker shows the images. An image that does not resolve is dropped if it is optional, else it fails the build.
resolve_images() {
  local index digest source name own=''
  [[ -z "$PULL_THROUGH" ]] || own="$(name_own_registry)"
  PULL_THROUGH="$PULL_THROUGH" resolve_references "$DOCKER_SOCKET" "$own" "${REFERENCES[@]}" >"$RUN/resolved"
  index=0
  while IFS=$'\t' read -r digest source name; do
    DIGESTS[index]="$digest" SOURCES[index]="$source" LOCAL_NAMES[index]="$name"
    [[ "$digest" == sha256:* ]] || drop_image "$index" "$name"
    index=$((index + 1))
  done <"$RUN/resolved"
}
