# shellcheck shell=bash
# The tag: the beginning of a SHA-1 of all that an image is made of (docs/ci-images.md, "The tag"). Texts are gathered without anything between them;
# each is a line of sha1sum without its newline.

# compute_tag: sets job_tag. Says on standard error what went into it. Returns 1 if an input is missing and job_option[strict] is true.
compute_tag() {
  local job_argument job_entry job_architecture
  job_sums='' job_missing=0 job_jq_said=''
  job_architecture="$(uname -m)"
  {
    group 'Computing tag'
    add_dockerfile
    add_text "${job_option[target]}"
    say ARCHITECTURE
    say "+ $job_architecture"
    add_text "$job_architecture"
    say BUILD_ARGS
    for job_argument in "${job_build_args[@]}"; do add_build_argument "$job_argument"; done
    if [[ -n "${job_option["additional-build-args"]}" ]]; then
      say ADDITIONAL_BUILD_ARGS
      say "+ ${job_option["additional-build-args"]}"
      add_text "${job_option["additional-build-args"]}"
    fi
    say CACHE_ON
    for job_entry in "${job_cache_on[@]}"; do add_entry "$job_entry"; done
  } >&2
  ((job_missing == 0)) || return 1
  job_tag="$(printf '%s\n' "$job_sums" | sha1sum)"
  job_tag="${job_tag:0:${job_option["tag-length"]}}"
}

# add_text TEXT: the hash of a text and a newline.
add_text() { job_sums+="$(printf '%s\n' "$1" | sha1sum)"; }

# add_dockerfile: the hash of its bytes, with its name without folder.
add_dockerfile() {
  local job_sum job_path="${job_option[dockerfile]}"
  say DOCKERFILE
  if [[ -n "${job_option["dockerfile-inline"]}" ]]; then
    say "+ dockerfile-inline:${job_option[target]:-<target>}"
    job_sum="$(printf '%s\n' "${job_option["dockerfile-inline"]}" | sha1sum)"
    job_sums+="${job_sum%-}Dockerfile"
    return
  fi
  say "+ $job_path:${job_option[target]:-<target>}"
  if [[ ! -f "$job_path" ]]; then
    miss "dockerfile: found no file $job_path"
  # Not as the caller's CDPATH or function cd would have it: that can be another folder, and what cd prints would be hashed.
  elif job_sum="$(CDPATH='' builtin cd -- "$(dirname -- "$job_path")" >/dev/null && sha1sum -- "$(basename -- "$job_path")")"; then
    job_sums+="$job_sum"
  else
    miss "dockerfile: $job_path cannot be read"
  fi
}

# add_build_argument ARGUMENT: one without = gets the environment's value, which the log never shows.
add_build_argument() {
  local job_value=''
  say "+ $1"
  if [[ "$1" == *=* ]]; then
    add_text "$1"
    return
  fi
  # Only a name reaches the lookup: anything else there would be evaluated.
  if [[ "$1" =~ ^[A-Za-z_][A-Za-z0-9_]*$ && -v "$1" ]]; then job_value="${!1}"; fi
  add_text "$1=$job_value"
}

# add_entry ENTRY: an entry of cache-on, split at spaces, each word expanded.
add_entry() {
  local job_word
  local -a job_words
  say "$1"
  mapfile -d '' -t job_words < <(expand_entry "$1")
  for job_word in "${job_words[@]}"; do
    if [[ "$job_word" == *.json#* ]]; then
      add_json "${job_word%%#*}" "${job_word#*#}"
    elif [[ -d "$job_word" ]]; then
      # Spelled out, it is a mistake; matched by a glob, it is not.
      [[ " $1 " != *" $job_word "* ]] || warn "cache-on: $job_word is a folder, which counts for nothing: name its files, e.g. $job_word/**"
    else
      add_file "$job_word"
    fi
  done
}

# expand_entry ENTRY: the words, with a NUL behind each. Sorted by bytes whatever the locale; ** does not look into hidden folders.
expand_entry() (
  unset GLOBIGNORE GLOBSORT
  IFS=$' \t\n'
  LC_ALL=C
  set +o noglob
  shopt -s globstar
  shopt -u dotglob nullglob failglob nocaseglob extglob
  # printf would print one word for none.
  [[ "$1" == *[!$' \t\n']* ]] || return 0
  # shellcheck disable=SC2086 # splitting and expanding is what an entry is for
  printf '%s\0' $1
)

# add_file PATH: a file's hash, with the path as expanded.
add_file() {
  local job_sum
  if [[ ! -e "$1" ]]; then
    miss "cache-on: found nothing at $1"
  elif job_sum="$(sha1sum -- "$1")"; then
    say "+ $1"
    job_sums+="$job_sum"
  else
    miss "cache-on: $1 cannot be read"
  fi
}

# add_json FILE FILTER: the hash of what jq prints, without newlines at its end.
add_json() {
  local job_printed='' job_unread=''
  say "+ $1#$2"
  [[ -n "$job_jq_said" ]] || say "$(jq --version) prints the keys of JSON files; other versions may print numbers otherwise"
  job_jq_said=1
  if [[ ! -f "$1" ]]; then
    job_unread="cache-on: found no file $1 for $1#$2; one word cannot have both a glob and a filter"
  else
    # The blank keeps a filter that begins with a hyphen from being an option.
    job_printed="$(jq -r " $2" <"$1")" || job_unread="cache-on: jq cannot read $1#$2"
  fi
  if [[ -n "$job_unread" ]]; then
    miss "$job_unread"
  elif [[ "$job_printed" == null || -z "$job_printed" ]]; then
    # As the original, which is why it is no error.
    warn "cache-on: $1 has nothing at $2, so a change there never changes the tag; is it spelled right?"
  fi
  job_sums+="$(printf %s "$job_printed" | sha1sum)"
}

# miss TEXT: counts a missing input, or warns if that is allowed.
miss() {
  if [[ "${job_option[strict]}" == true ]]; then
    job_missing=$((job_missing + 1))
    fail "$1. Add it, correct the path, or leave it out with strict: false." || true
  else
    warn "$1; it is left out of the tag, because strict is false"
  fi
}
