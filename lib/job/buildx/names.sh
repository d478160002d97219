# shellcheck shell=bash
# Names in the cache. A branch's name may have any bytes; what is made of it is a key of S3 and a tag of ECR.

# make_readable TEXT LENGTH: prints what of it may stand in a tag, with a hyphen for the rest; at most that long. It may be nothing.
make_readable() {
  # In a line of its own: what stands beside it would be expanded in the caller's locale.
  local LC_ALL=C
  local job_text="${1//[!A-Za-z0-9._-]/-}"
  while [[ "$job_text" == *--* ]]; do job_text="${job_text//--/-}"; done
  while [[ "$job_text" == [._-]* ]]; do job_text="${job_text:1}"; done
  job_text="${job_text:0:$2}"
  while [[ "$job_text" == *[._-] ]]; do job_text="${job_text%?}"; done
  printf %s "$job_text"
}

# hash_of TEXT DIGITS: the first hex digits of its SHA-256.
hash_of() {
  local job_sum
  job_sum="$(printf %s "$1" | sha256sum)"
  printf %s "${job_sum:0:$2}"
}

# key_of NAME: prints the readable part of a name, and 16 digits of its hash. Two names have two keys, whatever their readable parts are.
key_of() {
  local job_readable
  job_readable="$(make_readable "$1" 46)"
  printf '%s-%s' "${job_readable:-branch}" "$(hash_of "$1" 16)"
}

# is_protected NAME: true if one of the deployment's globs is the whole of it. An asterisk stands for slashes too.
is_protected() {
  local job_glob
  while IFS= read -r job_glob; do
    # shellcheck disable=SC2053 # it is a pattern
    [[ -z "$job_glob" || "$1" != $job_glob ]] || return 0
  done <<<"${job_set_protected:-}"
  return 1
}

# list_protected: prints the protected branches whose names are known: the target of a pull request, and globs that are names.
list_protected() {
  local job_glob job_listed=''
  [[ -z "$job_target" ]] || ! is_protected "$job_target" || {
    job_listed="$job_target"
    printf '%s\n' "$job_target"
  }
  while IFS= read -r job_glob; do
    [[ -z "$job_glob" || "$job_glob" == *[*?]* || "$job_glob" == "$job_listed" ]] || printf '%s\n' "$job_glob"
  done <<<"${job_set_protected:-}"
}

# find_names: sets job_own, what this build reads and writes, and job_shared, what it may read besides; job_asked and job_read are both. job_own is empty if the
# branch is not known.
# No branch has the key of a pull request: those of branches end in a hyphen and 16 digits, of which a request's number has 12 at most.
find_names() {
  local job_name job_app="${job_option[app]}"
  job_own='' job_shared=()
  case "$job_kind" in
    request) job_own="branches/$job_app/pr-$job_branch" ;;
    # No branch's name has a colon (git-check-ref-format).
    tag) job_own="branches/$job_app/$(key_of "tag:$job_branch")" ;;
    *)
      [[ -z "$job_branch" ]] || job_own="branches/$job_app/$(key_of "$job_branch")"
      if [[ "$job_kind" == branch && -n "$job_branch" ]] && is_protected "$job_branch"; then
        job_own="default/$job_app/$(key_of "$job_branch")"
      fi
      ;;
  esac
  if [[ "$job_own" != default/* ]]; then
    while IFS= read -r job_name; do job_shared+=("default/$job_app/$(key_of "$job_name")"); done < <(list_protected)
  fi
  job_asked=(${job_own:+"$job_own"} "${job_shared[@]}")
  job_read=("${job_asked[@]}")
}
