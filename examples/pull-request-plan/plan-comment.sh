#!/usr/bin/env bash
# Plans every synthesized stack and writes one comment: what would change, stack by stack, and nothing else.
#
#   plan-comment.sh CDKTF_OUT COMMENT_FILE
#
# CDKTF_OUT     folder that `cdktf synth` wrote, with manifest.json
# COMMENT_FILE  Markdown is written there, whole or not at all
#
# Needs terraform and jq. Ends with 0 whether there are changes or not, with 1 if a stack cannot be planned (the comment says which), and
# with 2 if there is nothing to plan or a tool is missing (no comment then). What is planned is printed whole, however long.
set -o errexit -o nounset -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
# GitHub takes 65,536 characters a comment; the rest is room for the heading and for what each section has around it.
readonly longest=50000
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
stacks=$(jq --raw-output '.stacks | to_entries | sort_by(.key)[] | [(.key | @html), .value.synthesizedStackPath] | @tsv' "$out/manifest.json") ||
  give_up "$out has no manifest.json that names stacks: synthesize first"
if [ -z "$stacks" ]; then give_up "$out/manifest.json names no stack"; fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Each provider is fetched once for all stacks; their lock files are nobody's record.
if [ -z "${TF_PLUGIN_CACHE_DIR:-}" ]; then
  TF_PLUGIN_CACHE_DIR=$(cd "$out" && pwd)/.plugin-cache
  export TF_PLUGIN_CACHE_DIR TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1
fi
mkdir -p "$TF_PLUGIN_CACHE_DIR"

# What would change in the stack of folder $1, or why it cannot be planned.
plan_stack() {
  terraform -chdir="$1" init -input=false -no-color >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    return 1
  }
  "$here/plan-changes.sh" "$1" "$scratch/plan" 2>&1
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

# A section that opens at a click: heading $1, file $2, of which $3 bytes at most.
section() {
  local fence
  fence=$(fence_for "$2")
  printf '<details><summary>%s</summary>\n\n%sdiff\n' "$1" "$fence"
  # GitHub colours lines by their first character.
  that_fit "$2" "$3" | sed -E 's/^( *)([-+~]|-\/\+|\+\/-) /\2\1 /; s/^~/!/'
  printf '%s\n\n</details>\n\n' "$fence"
}

failed=0
changed=0
all=0
while IFS=$'\t' read -r name path <&3; do
  all=$((all + 1))
  planned=$scratch/$all.text
  printf '%s:\n' "$name"
  if ! plan_stack "$out/$(dirname "$path")" >"$planned"; then
    failed=$((failed + 1))
    printf '%s\n' "<b>$name</b>: cannot be planned" >"$scratch/$all.heading"
  elif ! grep -q '^No changes\. ' "$planned"; then
    changed=$((changed + 1))
    summary=$(sed -n 's/^Plan: //p' "$planned")
    printf '%s\n' "<b>$name</b>: ${summary:-outputs only}" >"$scratch/$all.heading"
  fi
  cat "$planned"
done 3<<<"$stacks"

{
  printf '<!-- docker-cache plan -->\n### Terraform plan\n\n'
  printf '%d of %d stacks change' "$changed" "$all"
  if [ "$failed" -gt 0 ]; then printf ', %d cannot be planned' "$failed"; fi
  printf '.\n\n'
  room=$longest
  left=$((changed + failed))
  for number in $(seq "$all"); do
    heading=$scratch/$number.heading
    if [ ! -e "$heading" ]; then continue; fi
    left=$((left - 1))
    section "$(cat "$heading")" "$scratch/$number.text" "$((room - left * shortest))" >"$scratch/section"
    cat "$scratch/section"
    room=$((room - $(wc -c <"$scratch/section")))
  done
} >"$comment.new"
mv "$comment.new" "$comment"
printf '%d changed, %d unchanged, %d failed\n' "$changed" "$((all - changed - failed))" "$failed" >&2
[ "$failed" -eq 0 ]
