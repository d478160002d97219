#!/usr/bin/env bats
# The branch and the application, as each CI system says them. The variables are those of its documentation, which branch.sh names.

bats_require_minimum_version 1.5.0

setup() {
  source "${BATS_TEST_FILENAME%/*}/functions.bash"
  begin
  stub git 'exit 128'
}

# found NAME=VALUE...: what find_branch makes of these variables.
found() {
  (
    for given in "$@"; do export "${given?}"; done
    find_branch
    printf '%s|%s|%s\n' "$job_kind" "$job_branch" "$job_target"
  )
}

# github NAME=VALUE..., and so on: with what each system has in every job.
buildkite() { found BUILDKITE=true BUILDKITE_PULL_REQUEST=false BUILDKITE_PULL_REQUEST_BASE_BRANCH='' BUILDKITE_TAG='' "$@"; }
github() { found GITHUB_ACTIONS=true GITHUB_HEAD_REF='' GITHUB_BASE_REF='' "$@"; }
gitlab() { found GITLAB_CI=true "$@"; }
codebuild() { found CODEBUILD_BUILD_ID=project:1 "$@"; }
jenkins() { found JENKINS_URL=https://jenkins.example/ "$@"; }

@test "find_branch: events of others than those who push have the default branch, whatever they build" {
  local event
  for event in workflow_run issue_comment pull_request_review_comment check_run deployment_status discussion; do
    equal 'branch||' "$(found GITHUB_ACTIONS=true GITHUB_EVENT_NAME="$event" GITHUB_REF=refs/heads/main GITHUB_REF_TYPE=branch GITHUB_REF_NAME=main)"
  done
  for event in push schedule workflow_dispatch merge_group; do
    equal 'branch|main|' "$(found GITHUB_ACTIONS=true GITHUB_EVENT_NAME="$event" GITHUB_REF=refs/heads/main GITHUB_REF_TYPE=branch GITHUB_REF_NAME=main)"
  done
}

@test "find_branch: requests of Jenkins' other plugins" {
  equal 'request|7|main' "$(found JENKINS_URL=x gitlabMergeRequestIid=7 gitlabTargetBranch=main gitlabSourceBranch=x GIT_BRANCH=origin/main)"
  equal 'request|8|main' "$(found JENKINS_URL=x ghprbPullId=8 ghprbTargetBranch=main ghprbSourceBranch=x GIT_BRANCH=origin/main)"
}

@test "find_branch: what git says in a CI system that nobody knows is never protected; --branch may be" {
  stub git 'echo main'
  equal 'guess|main|' "$(found CI=true)"
  equal 'branch|main|' "$(
    job_option[branch]=main
    found CI=true
  )"
  job_kind=guess job_branch=main job_target='' job_set_protected=main job_option[app]=shop
  find_names
  equal branches/shop/main-0d6e4079e36703eb "$job_own"
}

@test "read_buildkite: a branch, a pull request, a tag" {
  equal 'branch|feature/ü|' "$(buildkite BUILDKITE_BRANCH=feature/ü)"
  equal 'request|12|main' "$(buildkite BUILDKITE_BRANCH=acme:main BUILDKITE_PULL_REQUEST=12 BUILDKITE_PULL_REQUEST_BASE_BRANCH=main)"
  equal 'request|12|main' "$(buildkite BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=12 BUILDKITE_PULL_REQUEST_BASE_BRANCH=main BUILDKITE_TAG=v1)"
  equal 'tag|v1|' "$(buildkite BUILDKITE_BRANCH=v1 BUILDKITE_TAG=v1)"
  equal 'branch||' "$(found BUILDKITE=true)"
}

@test "read_github: a push, a tag, the merge queue" {
  equal 'branch|feature/a|' "$(github GITHUB_REF=refs/heads/feature/a GITHUB_REF_NAME=feature/a GITHUB_REF_TYPE=branch)"
  equal 'tag|v1|' "$(github GITHUB_REF=refs/tags/v1 GITHUB_REF_NAME=v1 GITHUB_REF_TYPE=tag)"
  equal 'branch|gh-readonly-queue/main/pr-5-0123abc|' \
    "$(github GITHUB_REF=refs/heads/gh-readonly-queue/main/pr-5-0123abc GITHUB_REF_NAME=gh-readonly-queue/main/pr-5-0123abc GITHUB_REF_TYPE=branch GITHUB_EVENT_NAME=merge_group)"
}

@test "read_github: pull_request has its number in GITHUB_REF" {
  equal 'request|5|main' "$(github GITHUB_REF=refs/pull/5/merge GITHUB_REF_NAME=5/merge GITHUB_REF_TYPE=branch GITHUB_HEAD_REF=main GITHUB_BASE_REF=main)"
  # pull_request_review and others name no head.
  equal 'request|5|' "$(github GITHUB_REF=refs/pull/5/merge GITHUB_REF_NAME=5/merge GITHUB_REF_TYPE=branch)"
}

@test "read_github: pull_request_target has the base branch in GITHUB_REF, and its number in the event; without the event its head's name is what it has" {
  local of_target=(GITHUB_REF=refs/heads/main GITHUB_REF_NAME=main GITHUB_REF_TYPE=branch GITHUB_HEAD_REF=main GITHUB_BASE_REF=main)
  echo '{"number": 7, "pull_request": {"number": 7}}' >event.json
  equal 'request|7|main' "$(github "${of_target[@]}" GITHUB_EVENT_PATH="$PWD/event.json")"
  equal 'head|main|main' "$(github "${of_target[@]}" GITHUB_EVENT_PATH=/nowhere)"
  equal 'head|main|main' "$(github "${of_target[@]}")"
  echo '{"pull_request": {"number": "../../default"}}' >event.json
  equal 'head|main|main' "$(github "${of_target[@]}" GITHUB_EVENT_PATH="$PWD/event.json")"
}

@test "read_gitlab: a branch, a merge request, an external pull request, a tag" {
  equal 'branch|feature/a|' "$(gitlab CI_COMMIT_BRANCH=feature/a CI_COMMIT_REF_NAME=feature/a)"
  equal 'request|3|main' "$(gitlab CI_MERGE_REQUEST_IID=3 CI_MERGE_REQUEST_ID=999 CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main CI_COMMIT_REF_NAME=main)"
  equal 'request|4|main' "$(gitlab CI_EXTERNAL_PULL_REQUEST_IID=4 CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME=main CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME=main CI_COMMIT_BRANCH=main)"
  equal 'tag|v1|' "$(gitlab CI_COMMIT_TAG=v1 CI_COMMIT_REF_NAME=v1)"
}

@test "read_codebuild: what a webhook names" {
  equal 'request|8|main' "$(codebuild CODEBUILD_WEBHOOK_TRIGGER=pr/8 CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/main CODEBUILD_WEBHOOK_BASE_REF=refs/heads/main CODEBUILD_SOURCE_VERSION=pr/8)"
  equal 'branch|feature/a|' "$(codebuild CODEBUILD_WEBHOOK_TRIGGER=branch/feature/a CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/feature/a CODEBUILD_SOURCE_VERSION=0123abc)"
  equal 'tag|v1|' "$(codebuild CODEBUILD_WEBHOOK_TRIGGER=tag/v1 CODEBUILD_SOURCE_VERSION=0123abc)"
}

@test "read_codebuild: a build that no webhook has started has its source version, else what git says" {
  equal 'request|8|' "$(codebuild CODEBUILD_SOURCE_VERSION=pr/8)"
  equal 'branch|main|' "$(codebuild CODEBUILD_SOURCE_VERSION=refs/heads/main)"
  equal 'tag|v1|' "$(codebuild CODEBUILD_SOURCE_VERSION=refs/tags/v1)"
  stub git '[[ "$*" == "symbolic-ref --quiet --short HEAD" ]] && echo of-git'
  equal 'branch|of-git|' "$(codebuild CODEBUILD_SOURCE_VERSION=0123abc)"
}

@test "read_codebuild: a source version that names a commit of a ref, and a ref that is a pull request's" {
  equal 'branch|main|' "$(codebuild CODEBUILD_SOURCE_VERSION='refs/heads/main^{0123456789abcdef0123456789abcdef01234567}')"
  equal 'request|8|' "$(codebuild CODEBUILD_SOURCE_VERSION=refs/pull/8/head)"
  equal 'request|8|' "$(codebuild CODEBUILD_SOURCE_VERSION='refs/pull/8/head^{0123456789abcdef0123456789abcdef01234567}')"
  equal 'tag|v1|' "$(codebuild CODEBUILD_SOURCE_VERSION='refs/tags/v1^{0123456789abcdef0123456789abcdef01234567}')"
}

@test "read_jenkins: a multibranch pipeline, its change requests and tags; else the Git plugin" {
  equal 'branch|feature/a|' "$(jenkins BRANCH_NAME=feature/a GIT_BRANCH=origin/other)"
  equal 'request|24|main' "$(jenkins CHANGE_ID=24 CHANGE_TARGET=main CHANGE_BRANCH=main BRANCH_NAME=PR-24)"
  # Gerrit's changes have an id that is no number.
  equal 'head|topic|main' "$(jenkins CHANGE_ID=I0123abc CHANGE_TARGET=main CHANGE_BRANCH=topic BRANCH_NAME=01/1/2)"
  equal 'tag|v1|' "$(jenkins TAG_NAME=v1 BRANCH_NAME=v1)"
  equal 'branch|feature/a|' "$(jenkins GIT_BRANCH=origin/feature/a)"
  equal 'branch|origin/a|' "$(jenkins GIT_BRANCH=origin/origin/a GIT_LOCAL_BRANCH=origin/a)"
  equal 'branch||' "$(jenkins)"
}

@test "read_git: the branch that is checked out; a commit by itself has none; no checkout has none" {
  rm "$T/bin/git"
  export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
  equal 'branch||' "$(found NONE=1)"
  git init -q -b 'feature/ü"x"' .
  equal 'branch|feature/ü"x"|' "$(found NONE=1)"
  git commit -q --allow-empty -m a
  git checkout -q --detach
  equal 'branch||' "$(found NONE=1)"
}

@test "name_branch, by --branch: the branch; but a pull request stays one, and its key is of that name" {
  job_option[branch]=mine
  equal 'branch|mine|' "$(found NONE=1)"
  equal 'branch|mine|' "$(buildkite BUILDKITE_BRANCH=a BUILDKITE_TAG=v1)"
  equal 'head|mine|main' "$(buildkite BUILDKITE_BRANCH=a BUILDKITE_PULL_REQUEST=12 BUILDKITE_PULL_REQUEST_BASE_BRANCH=main)"
}

@test "take_request: a number of 12 digits at most; else the name of its head" {
  local number
  take_request 123456789012 main topic
  equal 'request|123456789012|main' "$job_kind|$job_branch|$job_target"
  for number in '' 1234567890123 -1 '1/2' x $'1\n2'; do
    take_request "$number" main topic
    equal 'head|topic|main' "$job_kind|$job_branch|$job_target"
  done
}

@test "take_tag" {
  take_tag v1
  equal 'tag|v1' "$job_kind|$job_branch"
}

@test "a pull request whose head is called as a protected branch is never that branch, in any system, whatever --branch says" {
  local given option
  local -a systems=(
    'BUILDKITE=true BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=5 BUILDKITE_PULL_REQUEST_BASE_BRANCH=main'
    'GITHUB_ACTIONS=true GITHUB_REF=refs/pull/5/merge GITHUB_REF_NAME=5/merge GITHUB_HEAD_REF=main GITHUB_BASE_REF=main'
    'GITHUB_ACTIONS=true GITHUB_REF=refs/heads/main GITHUB_REF_NAME=main GITHUB_HEAD_REF=main GITHUB_BASE_REF=main'
    'GITLAB_CI=true CI_MERGE_REQUEST_IID=5 CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main CI_COMMIT_REF_NAME=main'
    'GITLAB_CI=true CI_EXTERNAL_PULL_REQUEST_IID=5 CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME=main CI_COMMIT_BRANCH=main'
    'CODEBUILD_BUILD_ID=a:b CODEBUILD_WEBHOOK_TRIGGER=pr/5 CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/main CODEBUILD_WEBHOOK_BASE_REF=refs/heads/main'
    'CODEBUILD_BUILD_ID=a:b CODEBUILD_SOURCE_VERSION=refs/pull/5/head'
    'JENKINS_URL=x CHANGE_ID=5 CHANGE_TARGET=main CHANGE_BRANCH=main BRANCH_NAME=main'
    'JENKINS_URL=x CHANGE_ID=I5 CHANGE_TARGET=main CHANGE_BRANCH=main BRANCH_NAME=main'
  )
  stub git 'echo main'
  for option in '' main; do
    job_option[branch]="$option"
    for given in "${systems[@]}"; do
      # shellcheck disable=SC2086,SC2163 # words
      run bash -c 'export '"$given"'; source "$1"; source "$2"; declare -A job_option=([app]=shop [branch]="$3"); job_set_protected=$'"'main\nmai*'"'; find_branch; find_names; echo "$job_own"' _ "$JOB/buildx/branch.sh" "$JOB/buildx/names.sh" "$option"
      [[ "$output" == branches/shop/* ]] || equal "$given: branches/shop/…" "$output"
    done
  done
}

@test "find_app: the repository's last part, however it is written" {
  local url
  for url in git@github.com:acme/shop.git https://github.com/acme/shop.git https://github.com/acme/shop ssh://git@host:22/acme/shop/ https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop 'https://host/acme/shop.git?x=/y'; do
    equal "shop" "$(BUILDKITE_REPO="$url" find_app)"
  done
  equal shop "$(GITHUB_REPOSITORY=acme/shop find_app)"
  equal shop "$(CI_PROJECT_PATH=group/sub/shop find_app)"
  equal shop "$(CODEBUILD_SOURCE_REPO_URL=https://github.com/acme/shop.git find_app)"
  equal shop "$(GIT_URL=https://github.com/acme/shop.git find_app)"
}

@test "find_app: git's origin, then the checkout's folder, then the current one; characters that a name has, 63 at most, and never none" {
  stub git 'case "$1" in remote) echo git@host:acme/of-origin.git ;; *) echo /x/of-folder ;; esac'
  equal of-origin "$(find_app)"
  stub git 'case "$1" in remote) exit 2 ;; *) echo /x/of-folder ;; esac'
  equal of-folder "$(find_app)"
  stub git 'exit 128'
  equal checkout "$(find_app)"
  equal a-b "$(GITHUB_REPOSITORY='acme/.a ü b' find_app)"
  equal "$(printf 'a%.0s' {1..63})" "$(GITHUB_REPOSITORY="acme/$(printf 'a%.0s' {1..70})" find_app)"
  equal app "$(GITHUB_REPOSITORY=acme/üü find_app)"
  cd /
  equal app "$(find_app)"
}
