#!/usr/bin/env bash
# Plans every synthesized stack and writes one comment: what would be destroyed or replaced, then what would change, and nothing else.
#
#   plan-comment.sh CDKTF_OUT COMMENT_FILE
#
# CDKTF_OUT      folder that `cdktf synth` wrote, with manifest.json
# COMMENT_FILE   Markdown is written there, whole or not at all
# PLANS_AT_ONCE  stacks planned side by side, in the environment; by default the number of processors
#
# Needs terraform and jq. Ends with 0 whether there are changes or not, with 1 if a stack cannot be planned (the comment says which), and
# with 2 if there is nothing to plan or a tool is missing (no comment then). What is planned is printed whole, however long.
set -o errexit -o nounset -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
# GitHub takes 65,536 characters a comment; the rest is room for the heading and for what each section has around it.
readonly longest=50000
# Bytes for the list of what is destroyed or replaced.
readonly longest_list=8000
# Bytes of its plan that each section gets, however long the ones before it are.
readonly shortest=300

give_up() {
  printf '%s\n' "$1" >&2
  exit 2
}

if [ "$#" -ne 2 ]; then give_up "usage: $0 CDKTF_OUT COMMENT_FILE"; fi
out=$1
comment=$2
for tool in terraform jq; do
  command -v "$tool" >/dev/null || give_up "$tool is needed and not on the PATH"
done
at_once=${PLANS_AT_ONCE:-$(getconf _NPROCESSORS_ONLN)}
if ! [[ $at_once =~ ^[1-9][0-9]?$ ]]; then give_up "PLANS_AT_ONCE is $at_once: expected a number from 1 to 99"; fi
stacks=$(jq --raw-output '.stacks | to_entries | sort_by(.key)[] | [(.key | @html), .value.synthesizedStackPath] | @tsv' "$out/manifest.json") ||
  give_up "$out has no manifest.json that names stacks: synthesize first"
if [ -z "$stacks" ]; then give_up "$out/manifest.json names no stack"; fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Each provider is fetched once for all stacks; their lock files are nobody's record.
TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-$(cd "$out" && pwd)/.plugin-cache}
export TF_PLUGIN_CACHE_DIR TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1
mkdir -p "$TF_PLUGIN_CACHE_DIR"

names=()
files=()
folders=()
regions=()
while IFS=$'\t' read -r name path; do
  names+=("$name")
  files+=("$out/$path")
  folders+=("$out/$(dirname "$path")")
  regions+=("$(jq --raw-output '.provider.aws[0]?.region? // ""' "$out/$path")")
done <<<"$stacks"

# Initializes stack number $1, once. Its log tells why it could not be.
init_stack() {
  if [ -e "$scratch/$1.initialized" ]; then return 0; fi
  terraform -chdir="${folders[$1]}" init -input=false -no-color >"$scratch/$1.text" 2>&1 || return 1
  touch "$scratch/$1.initialized"
}

# Plans stack number $1. Leaves N.text, what would change or why that is unknown; N.state, a word; and of changed ones N.gone and N.changes.
plan_stack() {
  local file=$scratch/$1 facts=$here/plan-facts.jq
  printf 'failed' >"$file.state"
  touch "$file.text"
  init_stack "$1" || return 0
  "$here/plan-changes.sh" "${folders[$1]}" "$file.plan" >"$file.text" 2>&1 || return 0
  if grep -q '^No changes\. ' "$file.text"; then
    printf 'unchanged' >"$file.state"
    return 0
  fi
  terraform -chdir="${folders[$1]}" show -json "$file.plan" >"$file.json" || return 0
  jq --raw-output --arg what gone --arg region "" --from-file "$facts" "$file.json" >"$file.gone" || return 0
  jq --compact-output --arg what changes --arg region "${regions[$1]}" --from-file "$facts" "$file.json" >"$file.changes" || return 0
  rm "$file.json"
  printf 'changed' >"$file.state"
}

# Plans every stack, some side by side.
plan_all() {
  local lane number providers seen=""
  # Terraform may fill its cache of providers from one process alone. So the first stack that needs a set of providers comes before the others.
  for number in "${!names[@]}"; do
    providers=$(jq --compact-output '.terraform.required_providers // {}' "${files[$number]}")
    case $seen in *"<$providers>"*) continue ;; esac
    seen="$seen<$providers>"
    init_stack "$number" || true
  done
  for ((lane = 0; lane < at_once; lane++)); do
    for ((number = lane; number < ${#names[@]}; number += at_once)); do
      plan_stack "$number"
      printf 'planned %s\n' "${names[$number]}" >&2
    done &
  done
  wait
}

# A fence of more backticks than stand in a row in file $1: nothing in a plan ends the block that it is in.
fence_for() {
  awk '
    { while (match($0, /`+/)) { if (RLENGTH > most) most = RLENGTH; $0 = substr($0, RSTART + RLENGTH) } }
    END { if (most < 2) most = 2; while (most-- >= 0) printf "`" }
  ' "$1"
}

# The lines of file $1 that fit into $2 bytes, and whether that is not all of them.
that_fit() {
  LC_ALL=C awk -v room="$2" '
    { room -= length($0) + 1; if (room < 0) { print "… the whole is in the log of the run"; exit } print }
  ' "$1"
}

# File $1 in a block, of which $2 bytes at most. GitHub colours lines by their first character.
block() {
  local fence
  fence=$(fence_for "$1")
  printf '%sdiff\n' "$fence"
  that_fit "$1" "$2" | sed -E 's/^( *)([-+~]|-\/\+|\+\/-) /\2\1 /; s/^~/!/'
  printf '%s\n\n' "$fence"
}

# What is told of stack number $1 alone or, if stacks of other regions change in the same way, of them all.
title() {
  local region others
  others=$(cat "$scratch/$1.others" 2>/dev/null) || true
  region=${regions[$1]}
  if [ -z "$others" ]; then
    printf '%s' "${names[$1]}"
  else
    printf '%s in %s%s' "${names[$1]%-"$region"}" "$region" "$others"
  fi
}

# Notes with the first stack of those that change in the same way, except for region and ids, the regions of the others.
join_equal() {
  local number first
  leaders=()
  for number in "${!names[@]}"; do
    case $(<"$scratch/$number.state") in
      unchanged) continue ;;
      changed)
        for first in ${leaders[@]+"${leaders[@]}"}; do
          if changes_as "$number" "$first"; then
            printf ', %s' "${regions[$number]}" >>"$scratch/$first.others"
            continue 2
          fi
        done
        ;;
    esac
    leaders+=("$number")
  done
}

# Whether stacks number $1 and $2 are of one kind, each in its region, and change in the same way.
changes_as() {
  if [ ! -e "$scratch/$2.changes" ] || [ -z "${regions[$1]}" ]; then return 1; fi
  [ "${names[$1]%-"${regions[$1]}"}" = "${names[$2]%-"${regions[$2]}"}" ] &&
    [ "$(<"$scratch/$1.changes")" = "$(<"$scratch/$2.changes")" ]
}

# How many stacks have ended in state $1.
count() {
  local number total=0
  for number in "${!names[@]}"; do
    if [ "$(<"$scratch/$number.state")" = "$1" ]; then total=$((total + 1)); fi
  done
  printf '%d' "$total"
}

# Tells first what nobody wants to overlook.
tell_gone() {
  local number list=$scratch/list
  : >"$list"
  for number in ${leaders[@]+"${leaders[@]}"}; do
    if [ ! -s "$scratch/$number.gone" ]; then continue; fi
    printf '%s\n' "$(title "$number")" >>"$list"
    sed 's/^/- /' "$scratch/$number.gone" >>"$list"
  done
  if [ -s "$list" ]; then
    printf '**Destroyed or replaced:**\n\n'
    block "$list" "$longest_list"
  elif [ "$failed" -gt 0 ]; then
    printf 'Nothing is destroyed or replaced in the stacks that could be planned.\n\n'
  else
    printf 'Nothing is destroyed or replaced.\n\n'
  fi
}

# A section for each way in which stacks change, which opens at a click.
tell_changes() {
  local number summary room=$longest left=${#leaders[@]}
  for number in ${leaders[@]+"${leaders[@]}"}; do
    left=$((left - 1))
    summary="cannot be planned"
    if [ "$(<"$scratch/$number.state")" = changed ]; then
      summary=$(sed -n 's/^Plan: //p' "$scratch/$number.text")
      summary=${summary:-outputs only}
    fi
    {
      printf '<details><summary><b>%s</b>: %s</summary>\n\n' "$(title "$number")" "$summary"
      if [ -e "$scratch/$number.others" ]; then printf 'Shown as in %s.\n\n' "${regions[$number]}"; fi
      block "$scratch/$number.text" "$((room - left * shortest))"
      printf '</details>\n\n'
    } >"$scratch/section"
    cat "$scratch/section"
    room=$((room - $(wc -c <"$scratch/section")))
  done
}

plan_all
for number in "${!names[@]}"; do
  printf '%s:\n' "${names[$number]}"
  cat "$scratch/$number.text"
done
join_equal
failed=$(count failed)
changed=$(count changed)
{
  printf '<!-- docker-cache plan -->\n### Terraform plan\n\n'
  tell_gone
  printf '%d of %d stacks change' "$changed" "${#names[@]}"
  if [ "$failed" -gt 0 ]; then printf ', %d cannot be planned' "$failed"; fi
  printf '.\n\n'
  tell_changes
} >"$comment.new"
mv "$comment.new" "$comment"
printf '%d changed, %d unchanged, %d failed\n' "$changed" "$((${#names[@]} - changed - failed))" "$failed" >&2
[ "$failed" -eq 0 ]
