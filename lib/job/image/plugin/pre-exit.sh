# shellcheck shell=bash
# Removes the login that pre-command left for the step, if it left one.

if [[ "${DOCKER_ECR_CACHE_FOLDER:-}" =~ ^/.*/docker-ecr-cache\.[A-Za-z0-9]{8}$ ]]; then
  rm -rf -- "$DOCKER_ECR_CACHE_FOLDER"
fi
