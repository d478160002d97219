# shellcheck shell=bash
# Packages that a builder installs if its image lacks them, from the distribution's own repositories.

OS_RELEASE=/etc/os-release

# read_distribution: sets DISTRIBUTION to ID and VERSION_ID of os-release, e.g. `amzn 2023`.
read_distribution() {
  local key value id='' version=''
  while IFS='=' read -r key value; do
    case "$key" in
      ID) id="${value//\"/}" ;;
      VERSION_ID) version="${value//\"/}" ;;
    esac
  done <"$OS_RELEASE"
  DISTRIBUTION="$id $version"
}

# list_missing_packages: by the commands that are missing; names differ between distributions.
list_missing_packages() {
  local pair
  local -a wanted=(curl:curl mkfs.xfs:xfsprogs mkfs.ext4:e2fsprogs)
  case "$DISTRIBUTION" in
    'amzn 2' | 'amzn 201'*) fail "this image is Amazon Linux ${DISTRIBUTION#* }, which is no longer supported: expected Amazon Linux 2023" ;;
    'amzn '*) wanted+=(dockerd:docker docker:docker) ;;
    ubuntu* | 'debian 12') wanted+=(dockerd:docker.io docker:docker.io) ;;
    debian*) wanted+=(dockerd:docker.io docker:docker-cli) ;;
    *) fail "this image is $DISTRIBUTION: expected Amazon Linux 2023, Ubuntu 22.04 or later, Debian 12 or later" ;;
  esac
  for pair in "${wanted[@]}"; do command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"; done | sort -u
}

# install_missing: installs the packages that the build needs.
install_missing() {
  local -a packages
  read_distribution
  quiet_updates
  list_missing_packages >"$RUN/packages"
  mapfile -t packages <"$RUN/packages"
  if ((${#packages[@]} > 0)); then
    log "installing ${packages[*]}"
    [[ "$DISTRIBUTION" == amzn* ]] || retry 4 apt-get --quiet --quiet update || fail "the package lists could not be updated"
    retry 4 install_packages "${packages[@]}" || fail "these packages could not be installed: ${packages[*]}"
  fi
}

# install_packages NAME...
install_packages() {
  if [[ "$DISTRIBUTION" == amzn* ]]; then
    dnf --assumeyes --quiet install "$@"
  else
    apt-get --quiet --quiet --yes --no-install-recommends --option DPkg::Lock::Timeout=300 install "$@"
  fi
}

# install_pigz: Docker unpacks layers with it if it is there, about twice as fast.
install_pigz() { command -v unpigz >/dev/null || install_packages pigz || log "going on without pigz"; }

# quiet_updates: nothing may restart Docker or hold the package manager in the middle of a build.
quiet_updates() {
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  [[ "$DISTRIBUTION" == amzn* ]] ||
    systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service 2>/dev/null || true
}

# retry TIMES COMMAND WORD...: with growing pauses. The command is run, never `$?` looked at.
retry() {
  local times="$1" attempt
  shift
  for ((attempt = 1; ; attempt++)); do
    "$@" && return
    ((attempt < times)) || return 1
    log "attempt $attempt of $times failed: $1"
    sleep $((attempt * attempt * 3))
  done
}

# quiet_ecs_agent: on an ECS image the agent must not start containers on the cache.
quiet_ecs_agent() {
  systemctl mask --runtime --now ecs.service 2>/dev/null || true
}
