#!/usr/bin/env bats
# Names in the cache. names.property.test.ts has more of them, and other locales.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
}

@test "make_readable: what a tag may have; hyphens for the rest, none twice; neither begins nor ends with one, nor with a point" {
  equal feature-a "$(make_readable feature/a 46)"
  equal 'A.b_c-9' "$(make_readable 'A.b_c-9' 46)"
  equal a-b "$(make_readable $'a/ü\xff "\'$`b' 46)"
  equal a "$(make_readable '..-_/a/..-_' 46)"
  equal '' "$(make_readable 'üü//' 46)"
  equal abc "$(make_readable abc-.d 5)"
}

@test "hash_of: the first digits of SHA-256" {
  equal ba7816bf8f01cfea "$(hash_of abc 16)"
  equal e3b0c442 "$(hash_of '' 8)"
  equal "$(printf '\xff' | sha256sum | cut -c 1-8)" "$(hash_of $'\xff' 8)"
}

@test "key_of: readable part and hash; the same everywhere and always" {
  equal main-0d6e4079e36703eb "$(key_of main)"
  equal 1-6b86b273ff34fce1 "$(key_of 1)"
  [[ "$(key_of üü)" == branch-* && "$(key_of --)" == branch-* ]]
}

@test "key_of: a planted pair, which without the hash would be one" {
  local one other
  while read -r one other; do
    equal "$(make_readable "$one" 46)" "$(make_readable "$other" 46)"
    [[ "$(key_of "$one")" != "$(key_of "$other")" ]]
  done <<'PAIRS'
a/b a-b
feature/ü feature/ä
a.-b a.--b
.a -a
x/ x
PAIRS
}

@test "is_protected: one of the globs is the whole of the name; an asterisk has slashes too" {
  job_set_protected=$'main\nrelease/*\nv?\n@x+y'
  local name
  for name in main release/1 release/a/b v1 @x+y; do is_protected "$name"; done
  for name in main2 xmain release v12 '' Main $'main\nx'; do run ! is_protected "$name"; done
  job_set_protected=''
  run ! is_protected ''
  run ! is_protected main
}

@test "list_protected: the target of a pull request if it is protected, then globs that are names" {
  job_set_protected=$'main\nrelease/*\ndevelop'
  equal $'main\ndevelop' "$(list_protected)"
  job_target=release/1
  equal $'release/1\nmain\ndevelop' "$(list_protected)"
  job_target=develop
  equal $'develop\nmain' "$(list_protected)"
  job_target=other
  equal $'main\ndevelop' "$(list_protected)"
}

# named KIND BRANCH [TARGET]: what find_names makes of it.
named() {
  job_kind="$1" job_branch="$2" job_target="${3:-}"
  find_names
  printf '%s|%s\n' "$job_own" "${job_shared[*]}"
}

@test "find_names: a branch reads its own and the protected ones; a protected one its own alone" {
  equal "branches/shop/x-2d711642b726b044|default/shop/main-0d6e4079e36703eb" "$(named branch x)"
  equal 'default/shop/main-0d6e4079e36703eb|' "$(named branch main)"
  equal '|default/shop/main-0d6e4079e36703eb' "$(named branch '')"
}

@test "find_names: a pull request has its number; a branch of that name has another key" {
  equal 'branches/shop/pr-5|default/shop/main-0d6e4079e36703eb' "$(named request 5 main)"
  [[ "$(named branch pr-5)" =~ ^branches/shop/pr-5-[0-9a-f]{16}\| ]]
  [[ "$(named head main main)" == "branches/shop/main-0d6e4079e36703eb|default/shop/main-0d6e4079e36703eb" ]]
}

@test "find_names: a tag is no branch of the same name, protected or not" {
  [[ "$(named tag main)" =~ ^branches/shop/tag-main-[0-9a-f]{16}\| ]]
  [[ "$(named tag main)" != "$(named branch tag-main)" ]]
}
