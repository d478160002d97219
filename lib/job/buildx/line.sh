# shellcheck shell=bash
# The command line. What stands in it follows from options, settings and names alone.

# attributes NAME=VALUE...: prints them as buildx reads them, which is one line of CSV. Returns 1 if one would be read as something else.
attributes() {
  local job_attribute job_joined=''
  for job_attribute in "$@"; do
    if [[ "$job_attribute" == *[\",\'[:cntrl:][:space:]]* ]]; then
      fail "found ${job_attribute@Q} for the cache, expected no comma, quote or blank: check the settings and options"
      return
    fi
    job_joined+=",$job_attribute"
  done
  printf %s "${job_joined#,}"
}

# place_of NAME: prints the attributes of a place in the cache, such as default/shop/main-…. Returns 1 as attributes does.
place_of() {
  if [[ "$job_set_backend" == ecr ]]; then
    attributes type=registry "ref=$(reference_of "$1")"
  else
    attributes type=s3 "region=${job_option[region]}" "bucket=$job_bucket" "prefix=$job_set_entry/" "name=$1"
  fi
}

# reference_of NAME: prints the name's place in ECR. APP has no slash, so that its last one parts it from the key.
reference_of() {
  local job_tag="${1#*/}"
  printf %s "$job_registry/docker-cache-layer-cache/$job_set_entry/${1%%/*}:${job_tag//\//-}"
}

# compose_line USE: sets job_line. USE is cache; export, which reads nothing; or plain. Returns 1 if the settings make no line.
compose_line() {
  local job_name job_place
  job_line=(docker buildx build)
  [[ -z "$job_builder" ]] || job_line+=(--builder "$job_builder")
  if [[ "$1" != plain && -n "$job_own" && "${job_option["read-only"]}" == false ]]; then
    job_place="$(place_of "$job_own")" || return
    job_place+=",mode=${job_option[mode]}"
    [[ "$job_set_backend" != ecr ]] || job_place+=',image-manifest=true,oci-mediatypes=true'
    job_line+=(--cache-to "$job_place,ignore-error=true")
  fi
  if [[ "$1" == cache ]]; then
    for job_name in "${job_read[@]}"; do
      job_place="$(place_of "$job_name")" || return
      job_line+=(--cache-from "$job_place")
    done
  fi
  [[ -z "${job_invalidate+given}" ]] || job_line+=(--build-arg "cache_invalidator=$job_invalidate")
  job_line+=("${job_words[@]}")
}

# quote WORD...: prints them as one line of a shell.
quote() {
  local job_word job_quoted=''
  for job_word in "$@"; do
    if [[ "$job_word" == *[[:cntrl:]]* ]]; then
      printf -v job_word %q "$job_word"
    elif [[ ! "$job_word" =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]]; then
      job_word="'${job_word//\'/\'\\\'\'}'"
    fi
    job_quoted+=" $job_word"
  done
  printf '%s\n' "${job_quoted# }"
}
