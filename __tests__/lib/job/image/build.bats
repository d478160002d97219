#!/usr/bin/env bats
# The build.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

CONTAINERD='[["driver-type","io.containerd.snapshotter.v1"]]'

@test "build_image: what is said, and where" {
  run in_ecr build_image
  equal "--- Building image
Inside $T/checkout, running docker build --file=Dockerfile --progress=plain --tag=$IMAGE:0123abc ." "$output"
}

@test "build_image: arguments for a table of options" {
  local options arguments
  while IFS='|' read -r options arguments; do
    : >"$CALLS"
    in_ecr "$options; build_image" >/dev/null
    equal "docker build $arguments" "$(calls_of docker | grep '^docker build')"
  done <<ROWS
:|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc .
job_dockerfile=sub/Other.Dockerfile|--file=sub/Other.Dockerfile --progress=plain --tag=$IMAGE:0123abc sub
job_dockerfile='a b/Dockerfile'|--file=a\\ b/Dockerfile --progress=plain --tag=$IMAGE:0123abc a\\ b
job_dockerfile=/Dockerfile|--file=/Dockerfile --progress=plain --tag=$IMAGE:0123abc /
job_dockerfile=sub/Dockerfile job_option[context]='my context'|--file=sub/Dockerfile --progress=plain --tag=$IMAGE:0123abc my\\ context
job_dockerfile=/tmp/x/Dockerfile job_option[dockerfile-inline]='FROM bash'|--file=/tmp/x/Dockerfile --progress=plain --tag=$IMAGE:0123abc .
job_dockerfile=/tmp/x/Dockerfile job_option[dockerfile-inline]='FROM bash' job_option[context]=sub|--file=/tmp/x/Dockerfile --progress=plain --tag=$IMAGE:0123abc sub
job_option[target]=deps|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc --target=deps .
job_build_args=(A=1 'B=two words' C D=\*)|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc --build-arg=A=1 --build-arg=B=two\\ words --build-arg=C --build-arg=D=\\* .
job_secrets=(id=npm,src=.npmrc id=TOKEN,env=TOKEN)|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc --secret id=npm\\,src=.npmrc --secret id=TOKEN\\,env=TOKEN .
job_option[additional-build-args]=\$' --network host\\t--no-cache\\n'|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc --network host --no-cache .
job_option[additional-build-args]='--label=x=*'|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc --label=x=\\* .
job_option[target]=t job_build_args=(A=1) job_secrets=(id=s) job_option[additional-build-args]='--pull' job_option[context]=c|--file=Dockerfile --progress=plain --tag=$IMAGE:0123abc --target=t --build-arg=A=1 --secret id=s --pull c
ROWS
}

@test "build_image: a failure is the original's, whatever Docker's status" {
  turns build 242
  run in_ecr build_image
  [[ "$status" == 1 ]]
  says $'\n^^^ +++\ndocker-ecr-cache: the build of '"$IMAGE:0123abc failed"
}

@test "run_build: BuildKit is asked for with secrets alone; else the caller's word counts" {
  : >"$T/environment"
  in_ecr 'run_build --secret x'
  run grep DOCKER_BUILDKIT "$T/environment"
  [[ "$status" == 1 ]]
  DOCKER_BUILDKIT=0 in_ecr 'run_build x'
  grep -x DOCKER_BUILDKIT=0 "$T/environment"
  DOCKER_BUILDKIT=0 in_ecr 'job_secrets=(id=x); run_build --secret x; echo "$DOCKER_BUILDKIT" >'"$T/after"
  grep -x DOCKER_BUILDKIT=1 "$T/environment"
  equal 0 "$(<"$T/after")"
}

@test "split_arguments: at blanks alone; no name of a file takes a pattern's place" {
  local more=$'  a\tb=*  \n"c d" '
  equal '5:[a][b=*]["c][d"]' "$(more="$more" script 'job_option[additional-build-args]="$more"; split_arguments; printf "5:"; printf "[%s]" "${job_more[@]}"')"
  equal 0 "$(script 'split_arguments; echo "${#job_more[@]}"')"
}

@test "list_platforms: of every spelling, each once" {
  local words
  while IFS='|' read -r wanted words; do
    equal "$wanted" "$(script "list_platforms $words" | tr '\n' ' ')"
  done <<'ROWS'
a b |--platform=a,b
a b |--pull --platform a,b --no-cache
a b |--platform=a --platform b
a |--platform=a,a
a |--platform=a,
a |--platform ,a
|--platform
|--platforms=a,b
ROWS
}

@test "check_platforms: more than one need containerd's store" {
  local arguments
  for arguments in '--platform=linux/amd64,linux/arm64' '--platform linux/amd64,linux/arm64' '--platform=linux/amd64 --platform=linux/arm64'; do
    run in_ecr "job_option[additional-build-args]='$arguments'; build_image"
    [[ "$status" == 1 ]]
    says 'docker-ecr-cache: additional-build-args asks for 2 platforms (linux/amd64 linux/arm64), and Docker*containerd-snapshotter'
    silent 'Building image'
    uncalled 'docker build *'
    STORE="$CONTAINERD" in_ecr "job_option[additional-build-args]='$arguments'; build_image"
    called 'docker build *'
    : >"$CALLS"
  done
  in_ecr "job_option[additional-build-args]='--platform=linux/arm64'; build_image"
  uncalled 'docker info *'
}

@test "check_platforms: an image that the build does not load is no matter of the store" {
  local arguments
  for arguments in --push '--push=true' '--output type=registry' '--output=type=image,push=true' '-o type=registry'; do
    in_ecr "job_option[additional-build-args]='--platform=linux/amd64,linux/arm64 $arguments'; build_image"
    called 'docker build *'
    : >"$CALLS"
  done
  run in_ecr "job_option[additional-build-args]='--platform=linux/amd64,linux/arm64 --pull'; build_image"
  [[ "$status" == 1 ]]
}

@test "is_containerd: by what Docker says of its store" {
  STORE="$CONTAINERD" script is_containerd
  called 'docker info --format \\{\\{json\\ .DriverStatus\\}\\}'
  for STORE in '[["Backing Filesystem","extfs"],["Supports d_type","true"]]' '[]' null '' 'not JSON'; do
    STORE="$STORE" run script is_containerd
    [[ "$status" == 1 && -z "$output" ]]
  done
  stub docker 'exit 1'
  run script is_containerd
  [[ "$status" == 1 ]]
}
