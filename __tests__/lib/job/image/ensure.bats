#!/usr/bin/env bats
# The whole: from a tag to an image that a job can use.
# shellcheck disable=SC2016,SC2153 # code for `script` is quoted; CALLS is the helper's

load ../helper

setup() { use; }

# brief: the calls so far, each by its verb or operation, and what it is about if that tells.
brief() {
  local program verb rest
  calls_of docker aws | while read -r program verb rest; do
    case "$program $verb" in
      aws\ *) verb="${rest%% *}" ;;
      *\ image | *\ manifest) verb="$verb-${rest%% *}" ;;
      *\ push | *\ tag) verb="$verb:${rest##*:}" ;;
    esac
    printf '%s ' "$verb"
  done
}

LOOKED='image-ls get-caller-identity get-login-password login describe-repositories list-tags-for-resource get-lifecycle-policy put-lifecycle-policy '
PUSHED='describe-images push:0123abc tag:latest-x86_64 push:latest-x86_64 tag:latest push:latest '

# Who of the two ends of the login's pipe begins is open.
ordered() { sed 's/ login get-login-password / get-login-password login /'; }

@test "what is nowhere is built and pushed, and then has the names that move" {
  run ensure
  [[ "$status" == 0 ]]
  says "image=$IMAGE unshared= kept=false"
  equal "$IMAGE:0123abc own $IMAGE:latest-x86_64 own $IMAGE:latest own" "$(tr '\n' ' ' <"$T/registry" | sed 's/ $//')"
}

@test "calls for a table of options and of what is there" {
  local options there calls
  while IFS='|' read -r options there calls; do
    rm -rf "$T/local" "$T/registry" "$T/life-cycle" "$T/repository"
    touch "$T/local" "$T/registry" "$T/repository"
    : >"$CALLS"
    eval "$there"
    ensure "$options" >/dev/null
    equal "$options: $calls" "$options: $(brief | ordered)"
  done <<ROWS
:|:|${LOOKED}pull describe-images build $PUSHED
:|echo "$IMAGE:0123abc x" >"\$T/registry"|${LOOKED}pull 
:|echo "$IMAGE:0123abc 2026-01-01T00:00:00Z x" >"\$T/local"|image-ls image-inspect 
:|echo "$IMAGE:0123abc 2020-01-01T00:00:00Z x" >"\$T/local"|${LOOKED/image-ls/image-ls image-inspect}pull describe-images build $PUSHED
:|rm "\$T/repository"|${LOOKED/list*/create-repository put-lifecycle-policy }pull describe-images build $PUSHED
job_option[local]=false|echo "$IMAGE:0123abc 2026-01-01T00:00:00Z x" >"\$T/local"|${LOOKED#* }pull describe-images build $PUSHED
job_registry=$OWN|:|image-inspect ${LOOKED#* * }pull describe-images build $PUSHED
job_option[push]=never|:|image-ls get-caller-identity get-login-password login pull describe-images build image-inspect 
job_option[push]=never|rm "\$T/repository"|image-ls get-caller-identity get-login-password login pull describe-images build image-inspect 
job_option[push-latest]=false|:|${LOOKED}pull describe-images build describe-images push:0123abc 
job_option[skip-pull-from-cache]=true|:|${LOOKED#* }describe-images image-inspect build $PUSHED
job_option[skip-pull-from-cache]=true|echo "$IMAGE:0123abc x" >"\$T/registry"|${LOOKED#* }describe-images image-inspect 
job_option[skip-pull-from-cache]=true|echo "$IMAGE:0123abc 2026-01-01T00:00:00Z x" >"\$T/local"|${LOOKED#* }describe-images image-inspect build $PUSHED
job_option[registry-provider]=gcr job_option[gcp-project]=p|:|image-inspect pull manifest-inspect build ${PUSHED/describe-images/manifest-inspect}
job_option[registry-provider]=gcr job_option[gcp-project]=p|echo "gcr.io/p/build-cache/app:0123abc 2026-01-01T00:00:00Z x" >"\$T/local"|image-inspect 
job_option[registry-provider]=gcr job_option[gcp-project]=p|echo "gcr.io/p/build-cache/app:0123abc x" >"\$T/registry"|image-inspect pull 
job_option[registry-provider]=gcr job_option[gcp-project]=p job_option[skip-pull-from-cache]=true|echo "gcr.io/p/build-cache/app:0123abc x" >"\$T/registry"|manifest-inspect 
ROWS
}

@test "on this machine: with the registry off" {
  echo "$IMAGE:0123abc 2026-01-01T00:00:00Z x" >"$T/local"
  stub aws 'exit 255'
  run ensure
  [[ "$status" == 0 ]]
  says "image=$IMAGE unshared= kept=false"
  uncalled 'aws *'
  uncalled 'docker pull *'
}

@test "a Docker that says nothing and always succeeds ends well" {
  stub docker
  run ensure
  [[ "$status" == 0 ]]
  says "image=$IMAGE unshared= kept=false"
  run ensure 'job_option[registry-provider]=gcr job_option[gcp-project]=p'
  [[ "$status" == 0 ]]
  says 'image=gcr.io/p/build-cache/app unshared= kept=false'
}

@test "skip-pull-from-cache: the login is kept for the next command if it has to pull" {
  echo "$IMAGE:0123abc x" >"$T/registry"
  run ensure 'job_option[skip-pull-from-cache]=true'
  says 'Image exists, skipping pull'
  says "image=$IMAGE unshared= kept=true"
}

@test "the account is not known: a name that is looked for nowhere else, and why nothing is shared" {
  turns get-caller-identity cut cut cut
  run ensure
  [[ "$status" == 0 ]]
  says 'attempt 3 of 3 failed: asking AWS for the account: aws sts get-caller-identity: Could not connect'
  says 'warning: localhost/build-cache/app:0123abc was built here and is shared with no other machine: the account is not known'
  says 'image=localhost/build-cache/app unshared=the account is not known: '
  uncalled 'docker pull *'
  uncalled 'docker push *'
  : >"$CALLS"
  run ensure
  says 'localhost/build-cache/app:0123abc is on this machine: the registry is not asked'
  says 'image=localhost/build-cache/app unshared= '
  uncalled 'aws *'
}

@test "without the AWS CLI" {
  rm "$T/bin/aws"
  run ensure 'hash -r; command() { [[ "$2" != aws ]] && builtin command "$@"; }'
  [[ "$status" == 0 ]]
  says 'unshared=the account is not known: there is no AWS CLI (command aws) on this machine'
  uncalled 'sleep *'
}

@test "an image that was here before is not taken from the job that uses it, if sharing fails" {
  echo "$IMAGE:0123abc 2026-01-01T00:00:00Z theirs" >"$T/local"
  turns push 1 1 1
  run ensure 'job_option[skip-pull-from-cache]=true'
  [[ "$status" == 1 ]]
  says 'Nothing is exported'
  equal "$IMAGE:0123abc" "$(cut -d ' ' -f 1 "$T/local" | sort -u)"
}

@test "a failed build exports nothing and pushes nothing" {
  turns build 242
  run ensure
  [[ "$status" == 1 ]]
  says '^^^ +++'
  uncalled 'docker push *'
}

@test "name_image: without asking AWS if the settings or this machine tell it" {
  equal "$IMAGE" "$(script "job_registry=$OWN; name_image; echo \"\$job_image\"")"
  equal gcr.io/p/build-cache/app "$(script 'job_option[registry-provider]=gcr job_option[gcp-project]=p; name_image; echo "$job_image"')"
  echo "$IMAGE:0123abc 2001-01-01T00:00:00Z x" >"$T/local"
  equal "$IMAGE" "$(script 'name_image; echo "$job_image"')"
  uncalled 'aws *'
  : >"$T/local"
  equal "$IMAGE" "$(script 'name_image; echo "$job_image"')"
  called 'aws sts *'
}

@test "name_known and name_shared" {
  run script 'job_image=; name_known; echo "$?|$job_image"'
  equal '1|' "$output"
  equal "$IMAGE|" "$(script 'name_shared; echo "$job_image|$job_unshared"')"
}

@test "in a folder with blanks, in any locale, with logins of the caller's" {
  local locale
  mkdir "$T/a checkout" "$T/their config"
  cd "$T/a checkout"
  echo '{"credsStore": "desktop", "credHelpers": {"'"$OWN"'": "ecr-login"}}' >"$T/their config/config.json"
  for locale in C C.UTF-8 en_US.UTF-8; do
    : >"$T/local"
    : >"$T/registry"
    LANG="$locale" DOCKER_CONFIG="$T/their config" TMPDIR="$T/a checkout" run ensure 'job_dockerfile="sub folder/Döckerfile"'
    [[ "$status" == 0 ]]
    says "image=$IMAGE unshared= kept=false"
    equal '{"credsStore":"desktop","credHelpers":{"'"$OWN"'":""}}' "$(jq -c . "$T/login-config.json")"
  done
}

@test "the build has the caller's environment, and DOCKER_CONFIG besides" {
  local name
  : >"$T/environment"
  for name in tag image status name registry region host line code HOST REGION IMAGE TAG REPLY AWS_PAGER AWS_CLI_AUTO_PROMPT; do
    printf -v "$name" %s sentinel
    export "${name?}"
  done
  env -0 | sort -z | tr '\0' '\n' >"$T/before"
  ensure 'job_option[additional-build-args]="--a b"' >/dev/null
  unset status
  equal DOCKER_CONFIG= "$(diff <(grep -v '^_=\|^SHLVL=\|^BASH' "$T/before") <(grep -v '^_=\|^SHLVL=\|^BASH' "$T/environment") | sed -n "s/^> //p; s/^< /lost /p" | sed 's/=.*/=/')"
}

@test "every variable is job_…: none can stand in for one of the job's" {
  run script 'before="$(compgen -v)"; job_registry='"$OWN"'; job_option[local]=false; ensure_image >/dev/null 2>&1; comm -13 <(sort <<<"$before") <(compgen -v | sort)'
  [[ "$status" == 0 ]]
  equal '' "$(grep -v '^job_' <<<"$output" | grep -v -x 'DOCKER_CONFIG\|before\|BASH_REMATCH\|PIPESTATUS\|MAPFILE\|_' || true)"
  # Locals too.
  run grep -rnP '^[^#]*\blocal(?: -\w+)*(?: job_\w+(?:=(?:\x27[^\x27]*\x27|"[^"]*"|\([^)]*\)|\S*))?)*+ (?!job_|-|LC_ALL=C$)[a-zA-Z]|^[^#]*\bfor (?!job_)\w+ in ' \
    --include '*.sh' "$JOB/image" "$JOB/buildx" "$JOB/shared"
  [[ "$status" == 1 && -z "$output" ]]
}
