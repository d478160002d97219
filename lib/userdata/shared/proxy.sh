# shellcheck shell=bash
# The outgoing proxy, for Docker's daemon. Nothing is written if none is configured.

# list_unproxied_hosts: hosts that are reached directly; the metadata service always is.
list_unproxied_hosts() { printf %s "169.254.169.254,localhost,127.0.0.1${NO_PROXY_HOSTS:+,$NO_PROXY_HOSTS}"; }

# configure_docker_proxy: by a drop-in, since daemon.json knows proxies only from Docker 23 on. In it systemd expands %.
configure_docker_proxy() {
  [[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
  local folder=/etc/systemd/system/docker.service.d text
  printf -v text '[Service]\nEnvironment="HTTP_PROXY=%s" "HTTPS_PROXY=%s" "NO_PROXY=%s"' \
    "${HTTP_PROXY_URL//%/%%}" "${HTTPS_PROXY_URL//%/%%}" "$(list_unproxied_hosts)"
  [[ "$(read_text "$folder/docker-cache-proxy.conf")" != "$text" ]] || return 0
  mkdir -p "$folder"
  printf '%s\n' "$text" >"$folder/docker-cache-proxy.conf"
  systemctl daemon-reload
}
