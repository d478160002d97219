# shellcheck shell=bash
# Google's registries: Container Registry's names, and Artifact Registry.

# name_google: sets job_image.
name_google() { job_image="${job_option["registry-hostname"]}/${job_option["gcp-project"]}/${job_option["ecr-name"]}"; }

# log_in_google: a credential helper of Docker's does it, at each call.
log_in_google() {
  say "Plugin currently assumes that docker-credential-gcr is on PATH, or another credential helper of Docker's for ${job_option["registry-hostname"]}"
}

# look_in_google: returns 0 if the registry has the tag, and 3 if not. What else can go wrong looks the same, and counts as not there: the push tells.
look_in_google() { bound 60 docker manifest inspect "$job_image:$job_tag" &>/dev/null || return 3; }

# hint_google: what a push to one of Container Registry's names needs today.
hint_google() {
  [[ "${job_option["registry-provider"]}" == gcr && "${job_option["registry-hostname"]}" =~ ^([a-z]+\.)?gcr\.io$ ]] || return 0
  note "${job_option["registry-hostname"]} lives on in Artifact Registry: the project ${job_option["gcp-project"]} needs a repository called" \
    "${job_option["registry-hostname"]} there, or give the host of Artifact Registry by registry-hostname, e.g. europe-docker.pkg.dev"
}
