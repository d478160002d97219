#!/bin/bash -e
# A stand-in for the user data of github-aws-runners: of the same shape, and of other text. A user's lines stand in its middle, and the runner is
# registered only if they let the script go on. Tests put lines in place of the one that says so.
exec > >(tee -a /var/log/user-data.log) 2>&1
set +x
set -o nounset -o pipefail

# PRE_INSTALL

# Stands for the registration.
runner="runner of $(uname -n)"
echo "registering the $runner"
echo "$runner" >/run/runner-registered
