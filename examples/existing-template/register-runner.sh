#!/usr/bin/env bash
# Stands for what your workers do at boot.
set -o errexit -o nounset -o pipefail
docker info --format '{{.DockerRootDir}}'
