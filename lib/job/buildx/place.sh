# shellcheck shell=bash
# Where the cache is: account, registry and bucket; and the folders and the login of this run.

# find_place: sets job_account, job_registry and job_bucket. Returns 1 and sets job_why if the account is needed, and nobody tells it; ACCOUNT_ID stands for
# it then.
find_place() {
  local job_status=0
  local -a job_partition
  job_account="${job_option["account-id"]:-${job_set_account:-}}"
  if [[ -z "$job_account" ]] && needs_account; then
    try 'asking AWS for the account' ask_account || job_status=1
  fi
  read -r -a job_partition < <(partition_of "${job_option[region]}")
  job_registry="${job_account:-ACCOUNT_ID}.dkr.ecr.${job_option[region]}.${job_partition[1]}"
  job_bucket="${job_set_bucket:-docker-cache-$job_set_entry-${job_account:-ACCOUNT_ID}-${job_option[region]}}"
  return "$job_status"
}

needs_account() { [[ "$job_set_backend" == ecr || -z "${job_set_bucket:-}" || -n "${job_set_mirrors:-}" ]]; }

# ask_account: one try. Without an answer of AWS's there are no credentials or no network, after all the tries of the CLI.
ask_account() {
  ask_aws sts get-caller-identity || {
    [[ -n "$job_error" ]] || return 2
    return
  }
  job_account="$(jq -r '.Account // empty' <<<"$job_answer" 2>/dev/null)"
  [[ "$job_account" =~ ^[0-9]{12}$ ]] || {
    job_account=''
    job_why='aws sts get-caller-identity: no account in the answer'
    return 1
  }
}

# Host of the registry that logins are for.
registry_host() { printf %s "$job_registry"; }

# make_work: a folder for this run alone, in memory if the machine has such a place, since a login may stand in it. Sets job_work.
make_work() {
  local job_place
  for job_place in "${XDG_RUNTIME_DIR:-}" /dev/shm "${TMPDIR:-}"; do
    if [[ "$job_place" == /* && -d "$job_place" && -w "$job_place" ]] && { [[ "$job_place" == "${TMPDIR:-}" ]] || is_in_memory "$job_place"; }; then
      take_work "$job_place" && return
    fi
  done
  take_work /tmp
}

# take_work PLACE: returns 1 if no folder with a file fits there.
take_work() {
  job_work="$(mktemp -d "$1/docker-cache-buildx.XXXXXXXX" 2>/dev/null)" || return 1
  trap remove_work EXIT
  { printf '%65536s' '' >"$job_work/room"; } 2>/dev/null && rm -f "$job_work/room" && return
  rm -rf -- "$job_work"
  job_work=''
  return 1
}

is_in_memory() { [[ "$(stat -f -c %T "$1" 2>/dev/null)" == tmpfs ]]; }

remove_work() {
  [[ -z "$job_fetching" ]] || kill "$job_fetching" 2>/dev/null
  rm -rf -- ${job_work:+"$job_work"} ${job_input_copy:+"$job_input_copy"}
}

# log_in: if the line, the builder's mirrors or its image need the registry, and the user has no login for it. The builder stays the user's: it is found in
# BUILDX_CONFIG, which would be another folder with DOCKER_CONFIG. Returns 1 and sets job_why if there is no login.
log_in() {
  local job_config="${DOCKER_CONFIG:-}"
  [[ -n "$job_config" ]] || job_config=~/.docker
  needs_login && ! has_login "$job_config/config.json" || return 0
  export BUILDX_CONFIG="${BUILDX_CONFIG:-$job_config/buildx}"
  log_in_apart
}

needs_login() {
  local job_word
  [[ "$job_set_backend" != ecr && -z "${job_set_mirrors:-}" ]] || return 0
  for job_word in "${job_words[@]}"; do [[ "$job_word" != *"$job_registry/"* ]] || return 0; done
  return 1
}

# has_login FILE: true if the user's configuration has a login for the registry, or a helper that may have one.
has_login() {
  [[ -r "$1" ]] || return 1
  [[ "$(jq --arg host "$job_registry" '
    # ECR says in its token until when it is one.
    def ended: try (.auth | @base64d | ltrimstr("AWS:") | @base64d | fromjson | .expiration < now) catch false;
    (.credHelpers[$host] // "") != "" or (.auths[$host] // {} | (.auth // .identitytoken // "") != "" and (ended | not))' "$1" 2>/dev/null)" == true ]] && return
  is_in_store "$(jq -r '.credsStore // empty' "$1" 2>/dev/null)"
}

# is_in_store NAME: true if this helper of Docker's has a login for the registry.
is_in_store() {
  [[ "$1" =~ ^[A-Za-z0-9_-]+$ ]] || return 1
  [[ "$(bound 10 "docker-credential-$1" list 2>/dev/null </dev/null | jq --arg host "$job_registry" 'has($host) or has("https://" + $host)' 2>/dev/null)" == true ]]
}
