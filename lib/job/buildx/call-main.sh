# shellcheck shell=bash
# The end of the script: until here there are functions and names only, so that each file can be sourced by a test.

main "$@"
