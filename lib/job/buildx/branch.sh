# shellcheck shell=bash
# What is built: the application, and the branch or pull request, as the CI system says it, else git.

# find_branch: sets
#   job_branch    name of the branch, or empty if nobody knows it
#   job_kind      branch, tag, request (a pull request, of which job_branch is the number), head (one without a number), or guess (what git says in a CI
#                 system that is not known: git may have merged a pull request into the branch)
#   job_target    branch that a pull request is for, or empty
# A pull request is one whatever its head is called, and whatever --branch says.
find_branch() {
  job_branch='' job_kind=branch job_target=''
  if [[ "${BUILDKITE:-}" == true ]]; then
    read_buildkite
  elif [[ "${GITHUB_ACTIONS:-}" == true ]]; then
    read_github
  elif [[ "${GITLAB_CI:-}" == true ]]; then
    read_gitlab
  elif [[ -n "${CODEBUILD_BUILD_ID:-}" ]]; then
    read_codebuild
  elif [[ -n "${JENKINS_URL:-}" ]]; then
    read_jenkins
  else
    read_git
    [[ -z "${CI:-}" ]] || job_kind=guess
  fi
  [[ -z "${job_option[branch]:-}" ]] || name_branch "${job_option[branch]}"
}

# name_branch NAME: by --branch. A pull request's layers are its own, so that no name makes it a protected branch.
name_branch() {
  case "$job_kind" in request | head) job_kind='head' ;; *) job_kind=branch ;; esac
  job_branch="$1"
}

# take_request NUMBER TARGET HEAD: without a number, the head's name is what tells requests apart.
take_request() {
  job_kind=request job_target="$2" job_branch="$1"
  [[ "$1" =~ ^[0-9]{1,12}$ ]] || job_kind='head' job_branch="$3"
}

# take_tag NAME
take_tag() { job_kind=tag job_branch="$1"; }

# https://buildkite.com/docs/pipelines/configure/environment-variables
read_buildkite() {
  local job_request="${BUILDKITE_PULL_REQUEST:-false}"
  if [[ "$job_request" != false && -n "$job_request" ]]; then
    take_request "$job_request" "${BUILDKITE_PULL_REQUEST_BASE_BRANCH:-}" "${BUILDKITE_BRANCH:-}"
  elif [[ -n "${BUILDKITE_TAG:-}" ]]; then
    take_tag "$BUILDKITE_TAG"
  else
    job_branch="${BUILDKITE_BRANCH:-}"
  fi
}

# https://docs.github.com/en/actions/reference/workflows-and-actions/variables. GITHUB_HEAD_REF is set for pull_request and pull_request_target alone; of
# the latter GITHUB_REF is the base branch, though the job may build what the request has. So it may for workflow_run, issue_comment and others, which have
# the default branch there: their branch is not known.
read_github() {
  local job_number="${GITHUB_REF:-}"
  if [[ -n "${GITHUB_HEAD_REF:-}" || "$job_number" == refs/pull/* ]]; then
    job_number="${job_number#refs/pull/}"
    job_number="${job_number%%/*}"
    [[ "$job_number" =~ ^[0-9]+$ ]] || job_number="$(jq -r '.pull_request.number // empty' "${GITHUB_EVENT_PATH:-/dev/null}" 2>/dev/null)"
    take_request "$job_number" "${GITHUB_BASE_REF:-}" "${GITHUB_HEAD_REF:-}"
  elif [[ "${GITHUB_REF_TYPE:-}" == tag ]]; then
    take_tag "${GITHUB_REF_NAME:-}"
  elif is_one_of "${GITHUB_EVENT_NAME:-push}" push schedule workflow_dispatch repository_dispatch merge_group create release; then
    job_branch="${GITHUB_REF_NAME:-}"
  fi
}

# https://docs.gitlab.com/ci/variables/predefined_variables
read_gitlab() {
  if [[ -n "${CI_MERGE_REQUEST_IID:-}" ]]; then
    take_request "$CI_MERGE_REQUEST_IID" "${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}" "${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-}"
  elif [[ -n "${CI_EXTERNAL_PULL_REQUEST_IID:-}" ]]; then
    take_request "$CI_EXTERNAL_PULL_REQUEST_IID" "${CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME:-}" "${CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME:-}"
  elif [[ -n "${CI_COMMIT_TAG:-}" ]]; then
    take_tag "$CI_COMMIT_TAG"
  else
    job_branch="${CI_COMMIT_BRANCH:-}"
  fi
}

# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html. A build that nobody's webhook has started has the source version
# that it was started with; a commit may stand behind a ref's name as ^{COMMIT} (sample-source-version.html there).
read_codebuild() {
  local job_trigger="${CODEBUILD_WEBHOOK_TRIGGER:-}" job_source="${CODEBUILD_SOURCE_VERSION:-}"
  local job_head="${CODEBUILD_WEBHOOK_HEAD_REF:-}" job_base="${CODEBUILD_WEBHOOK_BASE_REF:-}"
  [[ -n "$job_trigger" ]] || job_trigger="${job_source%%\^\{*}"
  case "$job_trigger" in
    pr/*) take_request "${job_trigger#pr/}" "${job_base#refs/heads/}" "${job_head#refs/heads/}" ;;
    refs/pull/*)
      job_trigger="${job_trigger#refs/pull/}"
      take_request "${job_trigger%%/*}" '' ''
      ;;
    tag/*) take_tag "${job_trigger#tag/}" ;;
    refs/tags/*) take_tag "${job_trigger#refs/tags/}" ;;
    branch/*) job_branch="${job_trigger#branch/}" ;;
    refs/heads/*) job_branch="${job_trigger#refs/heads/}" ;;
    *) read_git ;;
  esac
}

# A multibranch pipeline has BRANCH_NAME, and of a pull request CHANGE_ID; the Git plugin has GIT_BRANCH, with the remote's name before it.
# The plugins for GitLab and for GitHub's pull requests have variables of their own.
read_jenkins() {
  if [[ -n "${CHANGE_ID:-}" ]]; then
    take_request "$CHANGE_ID" "${CHANGE_TARGET:-}" "${CHANGE_BRANCH:-}"
  elif [[ -n "${gitlabMergeRequestIid:-}" ]]; then
    take_request "$gitlabMergeRequestIid" "${gitlabTargetBranch:-}" "${gitlabSourceBranch:-}"
  elif [[ -n "${ghprbPullId:-}" ]]; then
    take_request "$ghprbPullId" "${ghprbTargetBranch:-}" "${ghprbSourceBranch:-}"
  elif [[ -n "${TAG_NAME:-}" ]]; then
    take_tag "$TAG_NAME"
  elif [[ -n "${BRANCH_NAME:-}" ]]; then
    job_branch="$BRANCH_NAME"
  else
    job_branch="${GIT_LOCAL_BRANCH:-${GIT_BRANCH:-}}"
    [[ -n "${GIT_LOCAL_BRANCH:-}" ]] || job_branch="${job_branch#origin/}"
  fi
}

# A commit that is checked out by itself has no branch.
read_git() { job_branch="$(git symbolic-ref --quiet --short HEAD 2>/dev/null)" || job_branch=''; }

# find_app: prints the name of the repository, with characters that a name here has.
find_app() {
  local job_found=''
  job_found="${BUILDKITE_REPO:-${GITHUB_REPOSITORY:-${CI_PROJECT_PATH:-${CODEBUILD_SOURCE_REPO_URL:-${GIT_URL:-}}}}}"
  [[ -n "$job_found" ]] || job_found="$(git remote get-url origin 2>/dev/null)" || job_found=''
  [[ -n "$job_found" ]] || job_found="$(git rev-parse --show-toplevel 2>/dev/null)" || job_found="$PWD"
  job_found="${job_found%%[?#]*}"
  while [[ "$job_found" == */ ]]; do job_found="${job_found%/}"; done
  job_found="${job_found##*[/:]}"
  job_found="$(make_readable "${job_found%.git}" 63)"
  printf %s "${job_found:-app}"
}
