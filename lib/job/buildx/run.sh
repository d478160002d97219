# shellcheck shell=bash
# One build, watched.

# Seconds without a byte from the cache, and without anything done while it is written, after which the build goes on without it.
job_read_seconds=90
# A layer is one step of writing, however large it is.
job_write_seconds=3600
# How often this is looked at.
job_glance_seconds=2

# run_build USE: runs the line that compose_line makes for it, with its progress shown. Sets job_summary to what progress.sh says at the end, or to nothing;
# job_stalled to reading or writing if the cache stood still, and the build was ended for that. Returns the status of buildx.
run_build() {
  local job_events="$job_work/events" job_shown job_reader
  job_summary='' job_stalled='' job_stopped=''
  compose_line "$1" || return
  rm -f "$job_events"
  mkfifo "$job_events" || return
  # In a process group of its own, so that all of it can be ended; with the caller's standard input, which a command in the background has not.
  set -m
  "${job_line[@]:0:3}" --progress=rawjson "${job_line[@]:3}" <&"$job_input" 2>"$job_events" &
  job_build=$! job_ending="-$job_build"
  set +m
  trap 'job_stopped=true; end_build' INT TERM HUP
  exec {job_shown}< <(read_events <"$job_events")
  job_reader=$!
  watch_build "$job_shown"
  exec {job_shown}<&-
  kill "$job_reader" 2>/dev/null
  finish_build
}

# finish_build: returns the status of docker. A signal that is trapped ends wait, and not docker.
finish_build() {
  local job_status=0
  while :; do
    # Without what bash says of a job that a signal has ended.
    { wait "$job_build"; } 2>/dev/null
    job_status=$?
    kill -0 "$job_build" 2>/dev/null || break
  done
  trap - INT TERM HUP
  return "$job_status"
}

# read_events: what progress.sh makes of them, which are also shown if that is what the caller's --progress asks for. If jq dies, the rest is read and shown,
# or docker dies too. It ends with the build, whatever that leaves behind: a job's log ends when nobody has it open.
read_events() {
  local job_parser
  if [[ "$job_look" == rawjson ]]; then
    tee >(cat >&2) | jq --unbuffered -R -n -r "$(print_progress_program)" 2>/dev/null
    return
  fi
  jq --unbuffered -R -n -r "$(print_progress_program)" <&0 2>/dev/null &
  job_parser=$!
  trap 'kill "$job_parser"; exit' TERM
  wait "$job_parser" || cat >&2
}

# watch_build DESCRIPTOR: shows progress until it ends.
watch_build() {
  local job_shown="$1" job_line_shown='' job_half='' job_status job_moved=$SECONDS job_reading=0 job_writing=0 job_idle=0
  while :; do
    job_status=0
    IFS= read -r -t "$job_glance_seconds" -u "$job_shown" job_line_shown || job_status=$?
    if ((job_status == 0)); then
      job_line_shown="$job_half$job_line_shown" job_half='' job_idle=0
      case "$job_line_shown" in
        T*) [[ "$job_look" == rawjson ]] || printf '%s\n' "${job_line_shown:1}" >&2 ;;
        S*)
          read -r job_reading job_writing <<<"${job_line_shown:1}"
          job_moved=$SECONDS
          ;;
        E*) job_summary="${job_line_shown:1}" ;;
      esac
    elif ((job_status > 128)); then
      # The time was up, perhaps within a line.
      job_half+="$job_line_shown"
      # What a build leaves behind may hold its standard error open.
      kill -0 "$job_build" 2>/dev/null || job_idle=$((job_idle + 1))
      ((job_idle < 3)) || return
    else
      return
    fi
    if [[ -z "$job_stalled" ]]; then
      if ((job_reading > 0 && SECONDS - job_moved >= job_read_seconds)); then
        job_stalled=reading
      elif ((job_writing > 0 && SECONDS - job_moved >= job_write_seconds)); then
        job_stalled=writing
      fi
      [[ -z "$job_stalled" ]] || end_build
    fi
  done
}

# end_build: docker, and what it has started; by force if it does not end by itself within 10 s.
end_build() {
  kill -TERM -- "$job_ending" 2>/dev/null
  {
    for ((job_turn = 0; job_turn < 10; job_turn++)); do
      pause 1
      kill -0 -- "$job_ending" || exit
    done
    kill -KILL -- "$job_ending"
  } >/dev/null 2>&1 </dev/null &
}

# build: the whole. Returns the status of buildx; sets job_why_plain if the cache had no part in the image.
build() {
  local job_use=cache job_status=0
  [[ -z "$job_why_plain" ]] || job_use=plain
  keep_input || return 1
  if [[ "$job_use" == plain ]]; then
    run_plain
    return
  fi
  choose_manifest
  run_build cache || job_status=$?
  if ((job_status != 0)) && [[ -z "$job_stopped" ]]; then
    if [[ -n "$job_stalled" ]]; then
      job_why_plain="nothing came of the cache for $job_read_seconds s"
      [[ "$job_stalled" == reading ]] || job_why_plain="nothing was done for $job_write_seconds s while the cache was written"
      job_status=0
      build_again plain || job_status=$?
    elif is_of_cache; then
      job_why_again="$job_reason"
      remove_changed
      job_status=0
      build_again 'export' || job_status=$?
    fi
  fi
  ((job_status != 0)) || renew_manifest
  return "$job_status"
}

# build_again USE: returns the status of buildx.
build_again() {
  note "the cache has failed, not the build, which runs once more without it: $(shorten "${job_why_plain:-$job_why_again}")"
  # What was built before the cache was written is right.
  [[ "$job_stalled" == writing ]] || forget_layers
  open_input || return 1
  run_build "$1"
}

# forget_layers: what the builder has of the failed build. It would take steps for cached whose layers are still to come from the cache, and go on with a
# transfer whose beginning is wrong, of a base image's layer too (tried with v0.34). What other builds are using stays.
forget_layers() { bound 120 docker buildx prune --builder "$job_builder" --all --force >/dev/null 2>&1 </dev/null; }

# run_plain: without a cache there is no failure of it to tell apart, so that buildx may show progress as it likes.
run_plain() {
  compose_line plain || return
  [[ -z "$job_look_given" ]] || job_line=("${job_line[@]:0:3}" "--progress=$job_look_given" "${job_line[@]:3}")
  # In the caller's process group, which a terminal may belong to.
  "${job_line[@]}" <&"$job_input" &
  job_build=$! job_ending="$job_build"
  trap 'end_build' INT TERM HUP
  finish_build
}

# keep_input: a build that may run twice cannot read standard input twice. Sets job_input to a descriptor.
keep_input() {
  job_input_copy=''
  if [[ "$job_reads_input" == true && -z "$job_why_plain" ]]; then
    job_input_copy="$(mktemp "${TMPDIR:-/tmp}/docker-cache-input.XXXXXXXX")" || return 1
    cat >"$job_input_copy" || return 1
  fi
  open_input
}

open_input() {
  [[ -z "${job_input:-}" ]] || exec {job_input}<&-
  if [[ -n "$job_input_copy" ]]; then exec {job_input}<"$job_input_copy"; else exec {job_input}<&0; fi
}
