#!/usr/bin/env bats
# Google's registries.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

@test "name_google: host, project, name" {
  equal europe-docker.pkg.dev/proj/cache/app \
    "$(script 'job_option[registry-hostname]=europe-docker.pkg.dev job_option[gcp-project]=proj job_option[ecr-name]=cache/app; name_google; echo "$job_image"')"
}

@test "log_in_google: nothing is done, and said so" {
  run in_google log_in_google
  says 'Plugin currently assumes that docker-credential-gcr is on PATH'
  equal '' "$(calls_of docker aws)"
}

@test "look_in_google: there, or not" {
  echo 'gcr.io/proj/build-cache/app:0123abc x' >"$T/registry"
  run in_google look_in_google
  [[ "$status" == 0 && -z "$output" ]]
  equal 'docker manifest inspect gcr.io/proj/build-cache/app:0123abc' "$(calls_of docker)"
  : >"$T/registry"
  run in_google look_in_google
  [[ "$status" == 3 && -z "$output" ]]
}

@test "hint_google: for Container Registry's names alone" {
  local host
  for host in gcr.io eu.gcr.io asia.gcr.io; do
    run in_google "job_option[registry-hostname]=$host; hint_google"
    says "$host lives on in Artifact Registry: the project proj needs a repository called $host there, or give the host*europe-docker.pkg.dev"
  done
  for host in europe-docker.pkg.dev notgcr.io gcr.io.example.com; do
    run in_google "job_option[registry-hostname]=$host; hint_google"
    [[ "$status" == 0 && -z "$output" ]]
  done
  run in_ecr hint_google
  [[ "$status" == 0 && -z "$output" ]]
}
