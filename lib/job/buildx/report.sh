# shellcheck shell=bash
# The line at the end, on standard error: what the cache was good for, or why it was not.

# report STATUS: prints it; STATUS is that of the build.
report() {
  local job_parts=''
  if [[ -n "$job_why_plain" ]]; then
    note "cache: not used: $(shorten "$job_why_plain")"
    return
  fi
  if [[ -z "$job_summary" ]]; then
    note 'cache: unknown: what BuildKit told could not be read'
    return
  fi
  if [[ "$(jq .events <<<"$job_summary" 2>/dev/null)" == 0 ]]; then
    note 'cache: not used: nothing was built'
    return
  fi
  job_parts="$(count_steps)"
  if [[ -n "$job_why_again" ]]; then
    job_parts+="; built again without reading the cache, which failed: $(shorten "$job_why_again")"
  else
    job_parts+="$(tell_imports)"
  fi
  note "cache: $job_parts; $(tell_export "$1")"
}

# shorten TEXT: one line of it without the ids of requests, 300 characters at most.
shorten() {
  local job_text
  job_text="$(tr -s '[:space:]' ' ' <<<"$1" | sed -E 's/, RequestID: [^,]*, HostID: [^,]*//g')"
  job_text="${job_text# }"
  job_text="${job_text% }"
  ((${#job_text} <= 300)) || job_text="${job_text:0:299}…"
  printf %s "$job_text"
}

# count_steps: BuildKit says whether a step was cached, not from where.
count_steps() { jq -r '"\(.cached) of \(.steps) steps cached"' <<<"$job_summary" 2>/dev/null || printf 'steps not counted'; }

# tell_imports: prints what was read, each part behind "; ".
tell_imports() {
  local job_index job_state job_there='' job_empty='' job_failed='' job_unknown='' job_errors job_first
  job_errors="$(jq '[.imports[] | select(.error)] | length' <<<"$job_summary" 2>/dev/null)"
  job_first="$(jq -r 'first(.imports[].error // empty)' <<<"$job_summary" 2>/dev/null)"
  for job_index in "${!job_asked[@]}"; do
    job_state="$(state_of "$job_index" "${job_errors:-0}" "$job_first")"
    case "$job_state" in
      unread) ;;
      there) job_there+=", ${job_asked[$job_index]}" ;;
      none) job_empty+=", ${job_asked[$job_index]}" ;;
      unknown) job_unknown+=", ${job_asked[$job_index]}" ;;
      *) job_failed+="; nothing from ${job_asked[$job_index]}: $(shorten "$job_state")" ;;
    esac
  done
  printf %s "${job_there:+; imported ${job_there#, }}${job_unknown:+; asked for ${job_unknown#, }}${job_empty:+; nothing yet in ${job_empty#, }}$job_failed"
}

# state_of INDEX ERRORS FIRST: prints there, none, unread (another was there), unknown, or why it was not imported. ERRORS of the imports have failed, FIRST is
# what the first of them says.
state_of() {
  local job_reason job_state
  job_state="$(cat "$job_work/state-$1" 2>/dev/null)"
  if ! is_one_of "${job_asked[$1]}" "${job_read[@]}"; then
    printf %s "${job_state:-unread}"
  elif [[ "$job_set_backend" == ecr ]]; then
    job_reason="$(jq -r --arg name "importing cache manifest from $(reference_of "${job_asked[$1]}")" 'first(.imports[] | select(.name == $name) | .error // "there") // "unknown"' <<<"$job_summary" 2>/dev/null)"
    job_reason="${job_reason#failed to configure registry cache importer: }"
    printf %s "${job_reason#"$(reference_of "${job_asked[$1]}"): "}"
  elif (($2 > 0 && $2 >= ${#job_read[@]})); then
    printf %s "$3"
  elif [[ -z "$job_state" ]] && (($2 > 0)); then
    printf 'one of them failed: %s' "$3"
  else
    printf %s "${job_state:-unknown}"
  fi
}

# tell_export STATUS: prints what was written, or why it was not.
tell_export() {
  local job_ended
  if [[ "${job_option["read-only"]}" == true ]]; then
    printf 'wrote nothing: --read-only'
  elif [[ -z "$job_own" ]]; then
    printf 'wrote nothing: the branch is not known, name it by --branch'
  else
    job_ended="$(jq -r 'last(.exports[]) | .error // (if .done then "done" else empty end)' <<<"$job_summary" 2>/dev/null)"
    if [[ "$job_ended" == 'done' ]]; then
      printf 'wrote %s' "$job_own"
    elif [[ -n "$job_ended" ]]; then
      printf 'could not write %s: %s' "$job_own" "$(shorten "$job_ended")"
    elif (($1 != 0)); then
      printf 'wrote nothing: the build failed'
    else
      printf 'wrote nothing'
    fi
  fi
}
