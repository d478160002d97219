# shellcheck shell=bash
# Settings arrive as `export NAME='base64'` lines in front of the script (lib/userdata/settings.ts).

COMMON_SETTINGS=(CACHE_NAME CACHE_ARCHITECTURE IMAGE_STORE HTTP_PROXY_URL HTTPS_PROXY_URL NO_PROXY_HOSTS)

# decode_settings NAME...: puts each setting's text in the place of its base64. Takes it out of the environment of everything that is started later.
# Any byte but NUL survives; a setting that is not there is empty. One base64 decodes all, with a NUL (AA==) behind each.
decode_settings() {
  local -a values
  local name
  mapfile -d '' -t values < <(for name in "$@"; do printf %sAA== "${!name:-}"; done | base64 -d)
  ((${#values[@]} == $#)) || return 1
  for name in "$@"; do
    printf -v "$name" %s "${values[0]}"
    values=("${values[@]:1}")
    export -n "${name?}"
  done
}
