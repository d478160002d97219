#!/usr/bin/env bats
# The parts of the tag, one by one. ../image/tag.test.ts has whole tags.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  printf 'FROM scratch\n' >Dockerfile
  fill_options
}

sum() { printf %s "$1" | sha1sum | cut -c 1-40; }

@test "compute_tag: as long as it should be, and empty where an input is missing" {
  job_option["tag-length"]=12
  compute_tag 2>/dev/null
  [[ "$job_tag" =~ ^[0-9a-f]{12}$ ]]
  job_cache_on=(nope)
  job_tag=''
  run ! compute_tag
  equal '' "$job_tag"
}

@test "compute_tag: all that is missing is named at once" {
  job_cache_on=(nope 'also-not *.none' missing.json#.a)
  job_option[dockerfile]=Other
  run compute_tag
  equal 1 "$status"
  equal 5 "$(grep -c ' found no' <<<"${output//found nothing/found no}")"
  [[ "$output" == *'dockerfile: found no file Other. Add it, correct the path, or leave it out with strict: false.'* ]]
}

@test "compute_tag: without strict what is missing is left out, with a warning" {
  compute_tag 2>/dev/null
  local before="$job_tag"
  job_cache_on=(nope)
  job_option[strict]=false
  run compute_tag
  equal 0 "$status"
  [[ "$output" == *'warning: cache-on: found nothing at nope; it is left out of the tag, because strict is false'* ]]
  compute_tag 2>/dev/null
  equal "$before" "$job_tag"
}

@test "compute_tag: the Dockerfile's folder is the one below here, whatever cd is for the caller" {
  local before
  mkdir -p sub other/sub
  printf 'FROM a\n' >sub/Dockerfile
  printf 'FROM b\n' >other/sub/Dockerfile
  job_option[dockerfile]=sub/Dockerfile
  compute_tag 2>/dev/null
  before="$job_tag"
  for CDPATH in . "$PWD/other"; do
    compute_tag 2>/dev/null
    equal "$before" "$job_tag"
  done
  unset CDPATH
  # shellcheck disable=SC2317 # compute_tag would call it
  cd() { builtin cd "$@" && echo "in $PWD"; }
  compute_tag 2>/dev/null
  unset -f cd
  equal "$before" "$job_tag"
}

@test "compute_tag: an empty entry of cache-on names nothing, as one that a pipeline's variable left empty" {
  local entry
  compute_tag 2>/dev/null
  local before="$job_tag"
  for entry in '' ' ' $'\t\n'; do
    job_cache_on=("$entry")
    compute_tag 2>/dev/null
    equal "$before" "$job_tag"
  done
}

@test "compute_tag: headings stand where pipelines look for them" {
  job_build_args=(A=1 B) job_cache_on=(Dockerfile)
  job_option[target]=deps job_option["additional-build-args"]='--x y'
  run compute_tag
  equal "--- Computing tag
DOCKERFILE
+ Dockerfile:deps
ARCHITECTURE
+ $(uname -m)
BUILD_ARGS
+ A=1
+ B
ADDITIONAL_BUILD_ARGS
+ --x y
CACHE_ON
Dockerfile
+ Dockerfile" "$output"
}

@test "add_text: its hash with a newline, and the name of standard input" {
  add_text x
  add_text ''
  equal "$(sum $'x\n')  -$(sum $'\n')  -" "$job_sums"
}

@test "add_dockerfile: its name is without folder, whatever the name is" {
  mkdir 'a b'
  printf x >'a b/-f'
  job_option[dockerfile]='a b/-f'
  add_dockerfile >/dev/null
  equal "$(sum x)  -f" "$job_sums"
}

@test "add_dockerfile: inline, the text and a newline" {
  job_option["dockerfile-inline"]='FROM x'
  add_dockerfile >/dev/null
  equal "$(sum $'FROM x\n')  Dockerfile" "$job_sums"
}

@test "add_dockerfile: one that is a folder or cannot be read is missing" {
  mkdir folder
  job_option[dockerfile]=folder
  add_dockerfile >/dev/null 2>&1
  equal 1 "$job_missing"
  job_option[dockerfile]=Dockerfile
  sha1sum() { return 1; }
  run add_dockerfile
  [[ "$output" == *'dockerfile: Dockerfile cannot be read'* ]]
}

@test "add_build_argument: a value of the environment, which is not shown; nothing is evaluated" {
  export VALUE='1 2'
  add_build_argument VALUE >log
  equal "$(sum $'VALUE=1 2\n')  -" "$job_sums"
  equal '+ VALUE' "$(<log)"
  job_sums=''
  add_build_argument 'x[$(touch evaluated)]' >/dev/null
  equal "$(sum $'x[$(touch evaluated)]=\n')  -" "$job_sums"
  [[ ! -e evaluated ]]
}

@test "add_entry: a folder that a glob matches counts for nothing; one that is spelled out is warned of" {
  mkdir -p d/sub
  printf x >d/file
  add_entry 'd/*' >/dev/null 2>warnings
  equal "$(sum x)  d/file" "$job_sums"
  equal '' "$(<warnings)"
  run add_entry d
  [[ "$output" == *'warning: cache-on: d is a folder, which counts for nothing: name its files, e.g. d/**' ]]
}

@test "expand_entry: globstar without hidden folders; what matches nothing stays; the caller's options stay as they are" {
  mkdir -p a/b .h
  touch a/x.txt a/b/x.txt .h/x.txt x.txt
  shopt -s nullglob
  equal 'a/b/x.txt a/x.txt x.txt nope* ' "$(expand_entry '**/x.txt nope*' | tr '\0' ' ')"
  shopt -q nullglob
  shopt -u nullglob
}

@test "add_file: the hash with the path as expanded; one that cannot be read is missing" {
  printf x >./-f
  add_file -f >/dev/null
  equal "$(sum x)  -f" "$job_sums"
  sha1sum() { return 1; }
  add_file -f >/dev/null 2>&1
  equal 1 "$job_missing"
}

@test "add_json: what jq prints, without newlines at its end; jq's version is said once" {
  printf '{"a":"x\\n","b":1}' >f.json
  add_json f.json .a >log
  equal "$(sum x)  -" "$job_sums"
  grep -q "^$(jq --version) prints" log
  add_json f.json -.b >log
  equal "$(sum x)  -$(sum -1)  -" "$job_sums"
  run ! grep -q prints log
}

@test "add_json: a key that is not there is warned of, and hashed as the original does" {
  printf '{"a":""}' >f.json
  run add_json f.json .nope
  [[ "$output" == *'warning: cache-on: f.json has nothing at .nope, so a change there never changes the tag; is it spelled right?' ]]
  job_jq_said=1
  equal '' "$({ add_json f.json '.a|length' >/dev/null; } 2>&1)"
}

@test "add_json: a file that is no JSON, and a filter that is none, are missing" {
  printf '{' >f.json
  add_json f.json .a >/dev/null 2>&1
  printf '{}' >f.json
  add_json f.json '.a |' >/dev/null 2>&1
  equal 2 "$job_missing"
}

@test "miss: an error if strict, else a warning" {
  run miss 'x is gone'
  equal 'docker-cache: x is gone. Add it, correct the path, or leave it out with strict: false.' "$output"
  job_option[strict]=false
  run miss 'x is gone'
  equal 'docker-cache: warning: x is gone; it is left out of the tag, because strict is false' "$output"
}
