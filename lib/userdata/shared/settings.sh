# shellcheck shell=bash
# Settings arrive as `export NAME='base64'` lines in front of the script (lib/userdata/settings.ts).

COMMON_SETTINGS=(CACHE_NAME CACHE_ARCHITECTURE IMAGE_STORE DEVICE_NAME HTTP_PROXY_URL HTTPS_PROXY_URL NO_PROXY_HOSTS)

# decode_settings NAME...: puts what each setting says in the place of its base64, and takes it out of the environment of
# everything that is started later. Any byte but NUL survives; a setting that is not there is empty.
decode_settings() {
  local name value
  for name in "$@"; do
    value="$(printf %s "${!name:-}" | base64 --decode && printf x)"
    printf -v "$name" %s "${value%x}"
    export -n "${name?}"
  done
}
