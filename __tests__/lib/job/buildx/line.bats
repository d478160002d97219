#!/usr/bin/env bats
# The command line. line.property.test.ts has more of its quoting.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  job_words=(--push -t x .)
  job_own=branches/shop/x-2d711642b726b044 job_shared=(default/shop/main-0d6e4079e36703eb)
}

# line [USE]: the line as a shell reads it.
line() {
  job_read=(${job_own:+"$job_own"} "${job_shared[@]}")
  compose_line "${1:-cache}" || return
  quote "${job_line[@]}"
}
ecr() { printf 'type=registry,ref=%s/docker-cache-layer-cache/ci/%s' "$HOST" "$1"; }

@test "compose_line: S3, as the issue has it" {
  equal "docker buildx build --builder docker-cache --cache-to $S3,name=branches/shop/x-2d711642b726b044,mode=max,ignore-error=true --cache-from $S3,name=branches/shop/x-2d711642b726b044 --cache-from $S3,name=default/shop/main-0d6e4079e36703eb --push -t x ." "$(line)"
}

@test "compose_line: ECR; branches and protected ones are in two repositories" {
  job_set_backend=ecr
  equal "docker buildx build --builder docker-cache --cache-to $(ecr branches:shop-x-2d711642b726b044),mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true --cache-from $(ecr branches:shop-x-2d711642b726b044) --cache-from $(ecr default:shop-main-0d6e4079e36703eb) --push -t x ." "$(line)"
}

@test "compose_line: a protected branch reads and writes its own place alone" {
  job_own=default/shop/main-0d6e4079e36703eb job_shared=()
  equal "docker buildx build --builder docker-cache --cache-to $S3,name=$job_own,mode=max,ignore-error=true --cache-from $S3,name=$job_own --push -t x ." "$(line)"
  job_set_backend=ecr
  equal "docker buildx build --builder docker-cache --cache-to $(ecr default:shop-main-0d6e4079e36703eb),mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true --cache-from $(ecr default:shop-main-0d6e4079e36703eb) --push -t x ." "$(line)"
}

@test "compose_line: --read-only writes nothing, and so does a branch that is not known" {
  job_option["read-only"]=true
  equal "docker buildx build --builder docker-cache --cache-from $S3,name=$job_own --cache-from $S3,name=${job_shared[0]} --push -t x ." "$(line)"
  job_option["read-only"]=false job_own=''
  equal "docker buildx build --builder docker-cache --cache-from $S3,name=${job_shared[0]} --push -t x ." "$(line)"
}

@test "compose_line: mode=min; a bucket of the user's; another region" {
  job_option[mode]=min job_bucket=mine job_option[region]=ap-south-1
  [[ "$(line)" == *" --cache-to type=s3,region=ap-south-1,bucket=mine,prefix=ci/,name=$job_own,mode=min,ignore-error=true "* ]]
}

@test "compose_line: for export nothing is read; plain has no cache; without a builder none is named" {
  equal "docker buildx build --builder docker-cache --cache-to $S3,name=$job_own,mode=max,ignore-error=true --push -t x ." "$(line export)"
  equal "docker buildx build --builder docker-cache --push -t x ." "$(line plain)"
  job_builder=''
  equal "docker buildx build --push -t x ." "$(line plain)"
}

@test "compose_line: --invalidate is a build argument of each" {
  local use
  job_invalidate='2026-01-02T0304:05Z'
  for use in cache export plain; do [[ "$(line "$use")" == *' --build-arg cache_invalidator=2026-01-02T0304:05Z --push -t x .' ]]; done
  job_invalidate=''
  [[ "$(line)" == *' --build-arg cache_invalidator= --push '* ]]
}

@test "compose_line: words are handed on as they are" {
  job_words=(--label $'a\nb' '' '*' ' ' "it's" --build-arg 'A=b c' .)
  compose_line plain
  equal "$(printf '%q ' "${job_words[@]}")" "$(printf '%q ' "${job_line[@]:5}")"
}

@test "attributes: a comma, a quote, a blank or a control character is refused, and named" {
  local bad
  equal 'type=s3,name=a/b:c' "$(attributes type=s3 name=a/b:c)"
  for bad in a,b 'a"b' "a'b" 'a b' $'a\tb' $'a\nb' $'a\x01b'; do
    run attributes type=s3 "bucket=$bad"
    equal 1 "$status"
    says 'found '
    says 'for the cache, expected no comma, quote or blank'
    job_bucket="$bad"
    run compose_line cache
    equal 1 "$status"
    job_bucket=b
  done
}

@test "place_of: of S3 and of ECR" {
  equal "$S3,name=default/shop/a" "$(place_of default/shop/a)"
  job_set_backend=ecr
  equal "$(ecr default:shop-a)" "$(place_of default/shop/a)"
}

@test "reference_of: two names have two tags, of 128 characters at most" {
  equal "$HOST/docker-cache-layer-cache/ci/branches:shop-x-1" "$(reference_of branches/shop/x-1)"
  local tag
  tag="$(reference_of "branches/$(printf 'a%.0s' {1..63})/$(key_of "$(printf 'b%.0s' {1..300})")")"
  tag="${tag##*:}"
  ((${#tag} == 127)) || equal 127 "${#tag}"
}

@test "quote: what a shell reads is what was quoted; plain words stay as they are" {
  equal "a 'b c' 'it'\\''s' '' type=s3,a=b@c+d%" "$(quote a 'b c' "it's" '' type=s3,a=b@c+d%)"
  equal "\$'a\\nb'" "$(quote $'a\nb')"
  equal "'\$(x)' '~' '*' '!' '#a' '[a]' 'ü'" "$(quote '$(x)' '~' '*' '!' '#a' '[a]' ü)"
}
