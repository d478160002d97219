#!/usr/bin/env bats
# R21: how each defect of the original plugin, docker-ecr-cache 3.0.0, is different here. Each test says what the original does, and has failed once with the
# code changed to do the same.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

# The original goes on in silence, with status 0: its `docker push` stands left of `||`.
@test "a push that fails after a good build: a warning, and the local image is exported and used" {
  turns push 1 1 1
  run ensure
  [[ "$status" == 0 ]]
  says "docker-ecr-cache: warning: $IMAGE:0123abc could not be pushed, so other jobs will build it again; this one uses the image of this machine"
  says "image=$IMAGE "
}

# The original exports a tag that is not there.
@test "a push that fails with skip-pull-from-cache or push: always: an error, and nothing is exported" {
  local option
  for option in 'skip-pull-from-cache]=true' 'push]=always'; do
    turns push 1 1 1
    run ensure "job_option[$option"
    [[ "$status" == 1 ]]
    says 'Nothing is exported'
  done
}

# The original stops the whole job or says "Not found", depending on the shell's options.
@test "latest cannot be pushed: a warning, the tag is exported" {
  turns push well 1 1
  run ensure 'job_option[push]=always'
  [[ "$status" == 0 ]]
  says "warning: $IMAGE:latest could not be pushed"
  says "image=$IMAGE unshared= "
}

# The original fails the job at a refused login.
@test "a refused login is no miss: three tries, then the image is built here, and a warning says why nothing is shared" {
  turns get-login-password AccessDeniedException AccessDeniedException AccessDeniedException
  run ensure
  [[ "$status" == 0 ]]
  says 'attempt 1 of 3 failed: login'
  says 'attempt 3 of 3 failed: login'
  says "warning: $IMAGE:0123abc was built here and is shared with no other machine: there is no login to $OWN: aws ecr get-login-password: An error occurred (AccessDeniedException)"
  counted 1 'docker build *'
  uncalled 'docker push *'
}

# The original builds after any failed pull, and pushes over what is there.
@test "throttling, a time-out and a broken network are no miss: three tries, then built here and not pushed over what is there" {
  local end
  echo "$IMAGE:0123abc theirs" >"$T/registry"
  for end in ThrottlingException stalls cut; do
    : >"$T/local"
    : >"$CALLS"
    turns pull 1 1 1
    turns describe-images "$end" "$end" "$end"
    run ensure 'job_aws_seconds=1; job_option[local]=false'
    [[ "$status" == 0 ]]
    says 'attempt 1 of 3 failed: pulling'
    says 'attempt 3 of 3 failed: pulling'
    says "warning: $IMAGE:0123abc was built here and is shared with no other machine: whether the registry has the image"
    counted 3 'docker pull *'
    counted 1 'docker build *'
    uncalled 'docker push *'
  done
  equal "$IMAGE:0123abc theirs" "$(<"$T/registry")"
}

# The original gives up nothing and says nothing: it exports.
@test "no login and no pull, but sharing is what the job is for: an error before the build" {
  local option
  for option in 'skip-pull-from-cache]=true' 'push]=always'; do
    turns get-login-password cut cut cut
    run ensure "job_option[$option"
    [[ "$status" == 1 ]]
    says 'cannot be shared by the registry: there is no login'
    uncalled 'docker build *'
  done
}

# The original's region reaches the login alone: the rest asks whatever region the environment names.
@test "region reaches every call of AWS" {
  local AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-2
  export AWS_REGION AWS_DEFAULT_REGION
  rm "$T/repository"
  ensure 'job_option[region]=ap-south-1; job_tags_json='"'"'[{"Key":"a","Value":"b"}]'"'" >/dev/null
  ensure 'job_option[region]=ap-south-1 job_option[local]=false job_option[max-age-days]=9; job_tags_json='"'"'[{"Key":"a","Value":"c"}]'"'" >/dev/null
  (($(calls_of aws | cut -d ' ' -f 3 | sort -u | wc -l) == 9))
  equal '' "$(calls_of aws | grep -v -- '--region ap-south-1 --output json' || true)"
  called 'docker push 123456789012.dkr.ecr.ap-south-1.amazonaws.com/build-cache/app:0123abc'
}

# The original's host ends with amazonaws.com everywhere.
@test "other partitions have hosts of their own" {
  run ensure 'job_option[region]=cn-north-1'
  says 'image=123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/build-cache/app '
  called 'docker login --username AWS --password-stdin 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn'
}

# The original makes JSON of texts: a quote breaks it, and a key that another begins with gets both values.
@test "ecr-tags: keys that begin alike, values with quotes, blanks and newlines" {
  local tags='[{"Key":"Team","Value":"it is \"so\""},{"Key":"Team2","Value":"two\nlines"},{"Key":"team","Value":"{}"}]'
  rm "$T/repository"
  ensure "job_tags_json='$tags'" >/dev/null
  equal "$tags" "$(<"$T/tags")"
  # And on a repository that is there.
  echo '[]' >"$T/tags"
  ensure "job_option[local]=false; job_tags_json='$tags'" >/dev/null
  equal "$tags" "$(<"$T/tags")"
}

# The original takes a repository that it may not describe for an absent one, and fails to make it.
@test "a described repository that is denied is not absent" {
  turns describe-repositories AccessDeniedException
  echo "$IMAGE:0123abc theirs" >"$T/registry"
  run ensure
  [[ "$status" == 0 ]]
  says "image=$IMAGE unshared= "
  uncalled '*create-repository*'
  called 'docker pull *'
}

# The original lists all images of the repository.
@test "whether the tag is there is asked of the one tag" {
  ensure 'job_option[skip-pull-from-cache]=true' >/dev/null
  called 'aws ecr describe-images * --image-ids imageTag=0123abc *'
  uncalled '*list-images*'
}

# The original never finds an image there.
@test "Google: skip-pull-from-cache finds what is there" {
  echo 'europe-docker.pkg.dev/p/build-cache/app:0123abc x' >"$T/registry"
  run ensure 'job_option[registry-provider]=gcr job_option[gcp-project]=p job_option[registry-hostname]=europe-docker.pkg.dev job_option[skip-pull-from-cache]=true'
  says 'Image exists, skipping pull'
  uncalled 'docker build *'
}

# The original builds for minutes, and fails when the image is loaded.
@test "a list of platforms that the store cannot load: an error before the build" {
  run ensure 'job_option[additional-build-args]="--platform linux/amd64,linux/arm64"'
  [[ "$status" == 1 ]]
  says 'asks for 2 platforms'
  uncalled 'docker build *'
}

# The original pushes over the image of a job that was faster; an immutable repository refuses that, in silence.
@test "two jobs that build the same tag at once: both end well, and the tag is one image" {
  echo "$IMAGE:0123abc theirs" >"$T/other-job"
  run ensure
  [[ "$status" == 0 ]]
  says 'Another job has pushed'
  equal "$IMAGE:0123abc theirs" "$(<"$T/registry")"
  equal "$IMAGE:0123abc 2026-01-01T00:00:00Z theirs" "$(<"$T/local")"
}

# The same, if the other is faster by as much as the push takes.
@test "a tag that is there since, and that a push cannot replace, is well" {
  turns push 1
  stub docker "[[ \"\$1\" != push ]] || echo '$IMAGE:0123abc theirs' >\"\$T/registry\"; source '$JOB_TESTS/stubs/docker.sh'"
  run ensure 'job_option[push]=always'
  [[ "$status" == 0 ]]
  equal "$IMAGE:0123abc 2026-01-01T00:00:00Z theirs" "$(<"$T/local")"
}

# The original's are told by id too.
@test "secrets never reach an argument's value or the log" {
  export TOKEN=s3cret
  run ensure 'job_secrets=(id=TOKEN,env=TOKEN id=npm,src=.npmrc); job_build_args=(TOKEN)'
  [[ "$status" == 0 ]]
  called 'docker build * --build-arg=TOKEN --secret id=TOKEN\\,env=TOKEN --secret id=npm\\,src=.npmrc .'
  silent s3cret
  uncalled '*s3cret*'
  uncalled '*p4ssw0rd*'
}
