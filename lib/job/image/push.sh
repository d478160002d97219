# shellcheck shell=bash
# The push. An image that cannot be shared is still good for this job, unless sharing is what the job is for.

# must_share: true if a run without a push has failed.
must_share() {
  [[ "${job_option[push]}" != never && ("${job_option[push]}" == always || "${job_option["skip-pull-from-cache"]}" == true) ]]
}

# refuse_unshared: what job_unshared means if sharing is what the job is for. Returns 1.
refuse_unshared() {
  fail "$job_image:$job_tag cannot be shared by the registry: $job_unshared. Nothing is exported, because" \
    "$([[ "${job_option[push]}" == always ]] && printf 'push is always' || printf 'skip-pull-from-cache is true')."
}

# expect_here: what is in no registry is on this machine, else there is nothing to export. Returns 1 then.
expect_here() {
  is_here || fail "Docker has no image $job_image:$job_tag: a builder of another driver than docker needs --load in additional-build-args. Nothing is exported."
}

# share_image: returns 1 if the push failed and must not, or if the image is nowhere.
share_image() {
  local job_status=0
  if [[ "${job_option[push]}" == never ]]; then
    [[ -z "$job_unshared" ]] || warn "$job_image:$job_tag was built here, though the registry may have it: $job_unshared"
    expect_here
    return
  fi
  if [[ -n "$job_unshared" ]]; then
    warn "$job_image:$job_tag was built here and is shared with no other machine: $job_unshared"
    expect_here
    return
  fi
  group "Pushing tag $job_tag"
  # Another job may have built the same meanwhile. Its image stays, so that the tag is one image for all.
  if look_up_tag; then job_status=3; else try "pushing $job_image:$job_tag" push_once || job_status=$?; fi
  case "$job_status" in
    0) push_latest ;;
    3) take_other ;;
    *)
      job_unshared="$job_why"
      hint_google
      if must_share; then
        # A next run on this machine would find it, and end well without a push.
        [[ "${job_here_before:-}" == true ]] || docker image rm "$job_image:$job_tag" &>/dev/null
        refuse_unshared
        return
      fi
      warn "$job_image:$job_tag could not be pushed, so other jobs will build it again; this one uses the image of this machine: $job_why"
      expect_here
      ;;
  esac
}

# push_once: returns 3 if the tag is there after a failure: an immutable repository keeps the image of the job that was faster.
push_once() {
  local job_status=0 job_failure
  transfer push "$job_image:$job_tag" || job_status=$?
  ((job_status != 0)) || return 0
  job_failure="$job_why"
  ! look_up_tag || return 3
  job_why="$job_failure"
  return "$job_status"
}

# take_other: the registry's image takes the place of the one that was built here: both are of the same inputs, but a job that runs the tag elsewhere has
# that one. Without it ours will do. Two that push a mutable tag in the same moment both succeed; the later one's image stays.
take_other() {
  say "Another job has pushed $job_image:$job_tag meanwhile"
  transfer pull "$job_image:$job_tag" || note "its image could not be pulled ($job_why): the one that was built here is used"
}

# push_latest: names that move. They are a convenience: a failure is no more than a warning.
push_latest() {
  local job_name
  [[ "${job_option["push-latest"]}" == true ]] || return 0
  for job_name in "latest-$(uname -m)" latest; do
    group "Pushing tag $job_name"
    if ! docker tag "$job_image:$job_tag" "$job_image:$job_name"; then
      warn "$job_image:$job_tag could not be named $job_name"
    elif ! transfer push "$job_image:$job_name"; then
      warn "$job_image:$job_name could not be pushed: $job_why"
    fi
  done
}
