# shellcheck shell=bash
# For the tests of what jobs run. Each test has a folder of its own, and a PATH in which docker and aws are stubs that write down how they were called.

JOB_TESTS="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"
# shellcheck source=../assertions.bash
source "$JOB_TESTS/../assertions.bash"
JOB="$(cd "$JOB_TESTS/../../../lib/job" && pwd)"
OWN=123456789012.dkr.ecr.eu-west-1.amazonaws.com
IMAGE="$OWN/build-cache/app"

# use: makes the stubs, with an empty machine, an empty repository that is there, and a Dockerfile in the current folder.
use() {
  export CALLS="$BATS_TEST_TMPDIR/calls" ANSWERS="$BATS_TEST_TMPDIR/answers" T="$BATS_TEST_TMPDIR" REAL_SLEEP HOME="$BATS_TEST_TMPDIR/home"
  REAL_SLEEP="$(type -P sleep)"
  mkdir "$T/bin" "$T/answers" "$T/turns" "$T/home" "$T/checkout"
  touch "$T/local" "$T/registry" "$T/repository" "$CALLS"
  echo '[]' >"$T/tags"
  echo 'FROM scratch' >"$T/checkout/Dockerfile"
  PATH="$T/bin:$PATH"
  stub docker "source '$JOB_TESTS/stubs/docker.sh'"
  stub aws "source '$JOB_TESTS/stubs/aws.sh'"
  stub sleep
  stub uname 'echo x86_64'
  unset DOCKER_CONFIG DOCKER_BUILDKIT DOCKER_ECR_CACHE_TRANSFER_SECONDS
  cd "$T/checkout" || return
}

# stub NAME [CODE]: from now on NAME is recorded and answers with CODE, bash that sees its arguments; without CODE it succeeds silently.
stub() {
  ln -sf "$JOB_TESTS/stubs/stub" "$T/bin/$1"
  printf '%s\n' "${2:-:}" >"$ANSWERS/$1"
}

# turns VERB END...: how the next calls of docker's verb or of aws' operation end.
turns() { printf '%s\n' "${@:2}" >"$T/turns/$1"; }

# script CODE: runs CODE as jobs do, with all functions, and options as they are without any being given.
script() {
  bash -o nounset -o pipefail -c "
    for file in '$JOB'/shared/*.sh '$JOB'/image/*.sh; do
      case \$file in */call-main.sh | */main.sh) ;; *) source \"\$file\" ;; esac
    done
    declare -A job_option=([dockerfile]=Dockerfile [dockerfile-inline]= [target]= [context]= [additional-build-args]= [max-age-days]=7
      [export-env-variable]=BUILDKITE_PLUGIN_DOCKER_IMAGE [skip-pull-from-cache]=false [strict]=true [push-latest]=true [local]=true [push]=auto
      [registry-provider]=ecr [ecr-name]=build-cache/app [region]=eu-west-1 [gcp-project]= [registry-hostname]=gcr.io [tag-length]=7)
    job_build_args=() job_cache_on=() job_secrets=() job_tags_json='[]' job_tag=0123abc job_registry= job_work=\$(mktemp -d '$T/work.XXXX') job_dockerfile=Dockerfile
    job_program=docker-ecr-cache job_why= job_error= job_unshared=
    now() { echo 1767312000; } # a day after what the stub pulls and builds
    $1"
}

# in_ecr CODE, in_google CODE: as script, with the image's name.
in_ecr() { script "job_image=$IMAGE; $1"; }
in_google() { script "job_option[registry-provider]=gcr job_option[gcp-project]=proj job_image=gcr.io/proj/build-cache/app; $1"; }

# ensure [CODE]: the whole, with options that CODE sets.
ensure() { script "${1:-:}; ensure_image; s=\$?; printf 'image=%s unshared=%s kept=%s\n' \"\$job_image\" \"\$job_unshared\" \"\$job_login_kept\"; exit \$s"; }

# calls_of NAME...: the calls of these stubs so far, one a line; without a name all but those of sleep and uname.
calls_of() {
  local name line
  while IFS= read -r line; do
    for name in "${@:-docker}"; do [[ "$line" != "$name"* ]] || printf '%s\n' "$line"; done
  done <"$CALLS"
}

# counted NUMBER PATTERN: that stubs were called so as often as that.
counted() {
  local line number=0
  # shellcheck disable=SC2053 # a pattern is meant
  while IFS= read -r line; do [[ $line != $2 ]] || number=$((number + 1)); done <"$CALLS"
  ((number == $1)) && return
  printf 'called %s times, not %s: %s\nthe calls:\n%s\n' "$number" "$1" "$2" "$(<"$CALLS")" >&2
  return 1
}

# says PATTERN: that $output has it; a pattern of bash without the stars at its ends.
says() {
  # shellcheck disable=SC2053,SC2154 # a pattern is meant; bats sets output
  [[ "$output" == *$1* ]] && return
  printf 'no such words: %s\nin:\n%s\n' "$1" "$output" >&2
  return 1
}

# silent PATTERN: that $output has it not.
silent() {
  says "$1" 2>/dev/null || return 0
  printf 'said, though it should not be: %s\nin:\n%s\n' "$1" "$output" >&2
  return 1
}
