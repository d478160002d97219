# shellcheck shell=bash
# A deployment's settings stand in front of a script as lines NAME='base64' (lib/job/render.ts).

# decode_settings NAME...: puts each setting's text in the place of its base64. One that is not there is empty.
decode_settings() {
  local job_setting job_decoded
  for job_setting in "$@"; do
    job_decoded="$(printf %s "${!job_setting:-}" | base64 -d)" || return 1
    printf -v "$job_setting" %s "$job_decoded"
  done
}

# is_one_of NAME LIST...
is_one_of() {
  local job_wanted="$1" job_listed
  shift
  for job_listed in "$@"; do [[ "$job_listed" != "$job_wanted" ]] || return 0; done
  return 1
}
