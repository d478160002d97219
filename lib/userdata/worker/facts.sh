# shellcheck shell=bash
# What the volume says of itself. The builder removes the manifest first and writes it last, so that its presence means a complete cache. Whatever
# stands there is compared, and never evaluated.

# check_facts ROOT: prints, if this worker may use the cache mounted there, a line `BUILD-ID CONTENT STORE/MAJOR` and then one image reference a line.
# Else prints the reason, and fails. Refused are another cache, architecture or image store, and manifests that we cannot read.
check_facts() {
  local manifest facts hash version name architecture store major build content
  [[ -d "$1/.docker-cache" && ! -L "$1/.docker-cache" ]] && manifest="$(read_small "$1/$MANIFEST_PATH" 8388608)" || {
    printf 'no usable manifest'
    return 1
  }
  if facts="$(read_small "$1/$FACTS_PATH")"; then
    hash="$(sha256sum <<<"$facts")"
    [[ "$manifest" == *"\"sha256\": \"${hash%% *}\""*'}' ]] || {
      printf 'no usable manifest: its facts are others'
      return 1
    }
  else
    facts="$(read_former_facts "$manifest")" || {
      printf 'no usable manifest'
      return 1
    }
  fi
  read -r version name architecture store major build content <<<"$facts"
  if [[ "$version" != "$MANIFEST_VERSION" && "$version" != $((MANIFEST_VERSION - 1)) ]]; then
    printf "its manifest has version %s, this worker's %s" "$version" "$MANIFEST_VERSION"
    return 1
  fi
  if [[ "$name/$architecture/$store" != "$CACHE_NAME/$CACHE_ARCHITECTURE/$IMAGE_STORE" ]]; then
    printf 'it is for %s, this worker for %s' "$name/$architecture/$store" "$CACHE_NAME/$CACHE_ARCHITECTURE/$IMAGE_STORE"
    return 1
  fi
  [[ "$major $build $content" =~ ^[0-9]{1,4}\ [0-9A-Za-z-]{1,64}\ [0-9A-Za-z]{1,64}$ ]] || {
    printf 'no usable manifest: its engine, build or content is none'
    return 1
  }
  printf '%s\n' "$build $content $store/$major"
  [[ "$facts" != *$'\n'* ]] || printf '%s\n' "${facts#*$'\n'}"
}

# read_former_facts MANIFEST: the facts of a manifest of version 1, which has them in JSON alone.
read_former_facts() {
  python3 -I -S -c 'import json, sys
m = json.load(sys.stdin)
store, major = m["store"].split("/")
print(m["version"], m["name"], m["architecture"], store, int(major), m["buildId"], m["content"])
print("\n".join(i["reference"] for i in m["images"]))' <<<"$1" 2>/dev/null
}
