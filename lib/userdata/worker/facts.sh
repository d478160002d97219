# shellcheck shell=bash
# What the volume says of itself. The builder removes the manifest first and writes it last, so that its presence means a complete cache. Whatever
# stands there is compared, and never evaluated.

# check_facts ROOT: prints, if this worker may use the cache mounted there, a line `BUILD-ID CONTENT STORE/MAJOR` and then one image reference a line.
# Else prints the reason, and fails. Refused are another cache, architecture or image store, and manifests that we cannot read. A subshell: deny ends it.
check_facts() (
  wanted="$CACHE_NAME/$CACHE_ARCHITECTURE/$IMAGE_STORE"
  manifest="$(read_small "$1/$MANIFEST_PATH" 8388608)" || deny 'no usable manifest'
  if text="$(read_small "$1/$FACTS_PATH")"; then
    hash="$(sha256sum <<<"$text")"
    [[ "$manifest" == *"\"sha256\": \"${hash%% *}\""*'}' ]] || deny 'no usable manifest: its facts are others'
  else
    text="$(read_former_facts "$manifest")" || deny 'no usable manifest'
  fi
  read -r version name architecture store major build content <<<"$text"
  [[ "$version" == @("$MANIFEST_VERSION"|$((MANIFEST_VERSION - 1))) ]] || deny "its manifest has version $version, this worker's $MANIFEST_VERSION"
  [[ "$name/$architecture/$store" == "$wanted" ]] || deny "it is for $name/$architecture/$store, this worker for $wanted"
  [[ "$major $build $content" =~ ^[0-9]{1,4}\ [0-9A-Za-z-]{1,64}\ [0-9A-Za-z]{1,64}$ ]] || deny 'no usable manifest: its engine, build or content is none'
  printf '%s\n' "$build $content $store/$major"
  [[ "$text" != *$'\n'* ]] || printf '%s\n' "${text#*$'\n'}"
)

# deny REASON
deny() {
  printf %s "$1"
  exit 1
}

# read_former_facts MANIFEST: the facts of a manifest of version 1, which has them in JSON alone.
read_former_facts() {
  python3 -I -S -c 'import json, sys
m = json.load(sys.stdin)
store, major = m["store"].split("/")
print(m["version"], m["name"], m["architecture"], store, int(major), m["buildId"], m["content"])
print("\n".join(i["reference"] for i in m["images"]))' <<<"$1" 2>/dev/null
}
