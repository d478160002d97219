# shellcheck shell=bash
# Logins. Credentials are only ever in memory: in a DOCKER_CONFIG on a tmpfs, never as arguments.

# login_registries: ECR without configuration, one token a registry; others by their secrets.
login_registries() {
  local host secret
  export DOCKER_CONFIG="$RUN/docker-config"
  mkdir -p "$DOCKER_CONFIG"
  [[ "$(findmnt --noheadings --output FSTYPE --target "$DOCKER_CONFIG")" == tmpfs ]] ||
    mount --types tmpfs --options mode=700,size=1m tmpfs "$DOCKER_CONFIG"
  chmod 700 "$DOCKER_CONFIG"
  while read -r host; do
    [[ -z "$host" ]] || aws login-ecr "$host" "$(read_ecr_region "$host")"
  done < <(list_ecr_hosts)
  login_pull_through
  while read -r host secret; do
    [[ -z "$host" ]] || aws login-secret "$host" "$secret"
  done <<<"$REGISTRY_LOGINS"
}

# Of lib/contract.ts, which says what it means (a test holds them equal).
ECR_HOST='([0-9]{12})[.]dkr[.-]ecr(-fips)?[.]([a-z0-9-]+)[.](DNS_SUFFIX|on[.]aws|on[.]amazonwebservices[.](com[.]cn|eu))'

# read_ecr_region HOST: fails if the host is no ECR registry of this partition: its token must not go anywhere else.
read_ecr_region() {
  [[ "$1" =~ ^${ECR_HOST/DNS_SUFFIX/${DNS_SUFFIX//./[.]}}$ ]] || return 1
  printf %s "${BASH_REMATCH[3]}"
}

# list_ecr_hosts: those of the images.
list_ecr_hosts() {
  local reference
  for reference in "${REFERENCES[@]}"; do ! read_ecr_region "${reference%%/*}" >/dev/null || printf '%s\n' "${reference%%/*}"; done | sort -u
}

# login_pull_through: to our own registry, unless an image has it. A pull-through cache is a help and no condition: without a login the build does without.
login_pull_through() {
  local own
  own="$(name_own_registry)"
  [[ -n "$PULL_THROUGH" && $'\n'"$(list_ecr_hosts)"$'\n' != *$'\n'"$own"$'\n'* ]] || return 0
  AWS_SECONDS=60 aws login-ecr "$own" "$REGION" || {
    log "going on without the pull-through cache: there is no login for $own"
    PULL_THROUGH=''
  }
}

# name_own_registry: the host of this account's ECR registry in this region.
name_own_registry() { printf '%s.dkr.ecr.%s.%s\n' "$ACCOUNT_ID" "$REGION" "$DNS_SUFFIX"; }
