# shellcheck shell=bash
# Contract on which builder and worker must agree: the values of lib/contract.ts (a test holds them equal).

MOUNT_POINT=/var/lib/docker-cache
FILE_SYSTEM_LABEL=docker-cache
MANIFEST_PATH=.docker-cache/manifest.json
FACTS_PATH=.docker-cache/facts
HOT_SET_PATH=.docker-cache/hot-set
MANIFEST_VERSION=2

# Ours while the instance is up; below /run, which is memory on every distribution.
RUN=/run/docker-cache
SYS_BLOCK=/sys/block
