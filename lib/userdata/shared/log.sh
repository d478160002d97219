# shellcheck shell=bash
# Messages of the scripts go to standard error, which cloud-init writes to the console and to /var/log/cloud-init-output.log.

# log WORD...: one line.
log() { printf 'docker-cache: %s\n' "$*" >&2; }
