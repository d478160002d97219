#!/usr/bin/env bats
# The words of docker buildx build, as they are read.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
}

# words WORD...: reads them, and shows what is left of them.
words() {
  job_words=("$@")
  read_words
}
left() { printf '%q ' "${job_words[@]}"; }

@test "read_letters: a switch with a value" {
  local job_words=(-q=false -t x .)
  read_words
  equal 'false -q=false -t x .' "$job_quiet ${job_words[*]}"
  job_words=(-q=true .)
  read_words
  equal true "$job_quiet"
}

@test "read_words: words are handed on unchanged and in order, but --progress" {
  # shellcheck disable=SC2054 # a comma of buildx's
  local -a given=(--push -t 'a b' --label=x=y --build-arg 'A=b c' -f=Dockerfile --secret id=x,src=y -o type=docker -qt z --no-cache '' .)
  words "${given[@]}"
  equal "$(printf '%q ' "${given[@]}")" "$(left)"
  words --progress tty --push --progress=plain .
  equal '--push . |plain|plain' "$(left)|$job_look|$job_look_given"
  words --push .
  equal 'plain|' "$job_look|$job_look_given"
  words --build-arg --progress=x --label --progress .
  equal '--build-arg --progress=x --label --progress . |' "$(left)|$job_look_given"
  words --push -- --progress=tty
  equal '--push -- --progress=tty |' "$(left)|$job_look_given"
  words --push --progress
  equal '--push --progress ' "$(left)"
}

@test "read_words: whether something remains of the build" {
  local given
  for given in --push --load --push=true --output=x '--output x' '-o x' -ox -o=x '-qo x' --check --call=outline '-t x --push'; do
    # shellcheck disable=SC2086 # words
    words $given .
    equal "$given true" "$given $job_outputs"
  done
  for given in '' --push=false --load=false '-t x' '-t -o' '-f --push' '--label --push' --pull '--tag o' '--build-arg --output=x'; do
    # shellcheck disable=SC2086 # words
    words $given .
    equal "$given false" "$given $job_outputs"
  done
}

@test "read_words and read_letters: quiet, alone or among other letters" {
  local given
  for given in -q --quiet --quiet=true '-qt x' '-qf x' '-t x -q'; do
    # shellcheck disable=SC2086 # words
    words $given .
    equal "$given true" "$given $job_quiet"
  done
  for given in '' --quiet=false -tq '-t -q' -t=q -fq '--label -q'; do
    # shellcheck disable=SC2086 # words
    words $given .
    equal "$given false" "$given $job_quiet"
  done
}

@test "read_words: standard input is the context, or the Dockerfile" {
  local given
  for given in - '-f - .' '-f- .' '-f=- .' --file=-\ . '--file - .' '-qf - .' '--push -' '-t x -' '-- -'; do
    # shellcheck disable=SC2086 # words
    words $given
    equal "$given true" "$given $job_reads_input"
  done
  for given in . '-f x .' '-t - .' '--label - .' '. -' '-o - .'; do
    # shellcheck disable=SC2086 # words
    words $given
    equal "$given false" "$given $job_reads_input"
  done
}

@test "see_option: what matters of each" {
  words --builder mine --build-arg A=1 --build-arg=B .
  equal 'mine|A=1 B' "$job_builder_given|${job_build_args[*]}"
  job_outputs=false
  see_option tag x
  equal false "$job_outputs"
  see_option push true
  equal true "$job_outputs"
}

@test "read_words: nothing is left of other words" {
  words --push --builder x --build-arg A=1 -q -
  words .
  equal 'false||false|0|false' "$job_outputs|$job_builder_given|$job_reads_input|${#job_build_args[@]}|$job_quiet"
}

@test "check_words: no words, and another builder, are refused" {
  words .
  check_words
  words
  run check_words
  equal 2 "$status"
  says 'found nothing behind --'
  words --builder=mine .
  run check_words
  equal 2 "$status"
  says 'found --builder mine behind --, expected none: the builder is the entry'"'s, docker-cache"
}

@test "name_build_args: names, and hashes of values, which are not shown; the environment's where only the name is given" {
  export FROM_HERE=hush
  unset NOT_HERE
  words --build-arg 'TOKEN=hush' --build-arg FROM_HERE --build-arg NOT_HERE --build-arg EMPTY= --build-arg 'x[$(touch evaluated)]' .
  run name_build_args
  equal "build arguments: TOKEN $(printf hush | sha256sum | cut -c 1-8), FROM_HERE $(printf hush | sha256sum | cut -c 1-8), NOT_HERE (not set), EMPTY e3b0c442, x[\$(touch evaluated)] (not set)" "$output"
  silent hush
  [[ ! -e evaluated ]]
  words .
  run name_build_args
  equal '' "$output"
  job_invalidate=v
  run name_build_args
  equal "build arguments: cache_invalidator $(printf v | sha256sum | cut -c 1-8)" "$output"
}
