# shellcheck shell=bash
# The end of every script: until here there are functions only, so that each file can be sourced by a test.

set -o errexit -o nounset -o pipefail -o errtrace
main "$@"
