#!/usr/bin/env bash
# Plans every synthesized stack and writes one comment: what would change, stack by stack, and nothing else.
#
#   plan-comment.sh CDKTF_OUT COMMENT_FILE
#
# CDKTF_OUT     folder that `cdktf synth` wrote, with manifest.json
# COMMENT_FILE  Markdown is written there, whole or not at all
#
# Needs terraform and jq. Ends with 0 whether there are changes or not, and with 1 if a stack cannot be planned: the comment says which.
# The state is read and never locked, so the role that plans needs no right to write.
set -o errexit -o nounset -o pipefail -o errtrace

# GitHub takes 65,536 characters a comment; the rest is room for headings.
readonly longest=60000

if [ "$#" -ne 2 ]; then
  printf 'usage: %s CDKTF_OUT COMMENT_FILE\n' "$0" >&2
  exit 2
fi
out=$1
comment=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Resource by resource, without those that are only read: a data source that waits for the apply is no change.
only_changes() {
  awk '
    /^  # / { shown = ($0 !~ / will be read during apply$/) }
    /^Plan: |^Changes to Outputs:/ { shown = 1 }
    /^Terraform will perform the following actions:/ { begun = 1; next }
    /^Changes to Outputs:/ { begun = 1 }
    begun && shown { print }
  '
}

# Plans the stack in folder $1; its changes go to $2. Returns 0: none, 2: some, 1: it cannot be planned and $2 says why.
plan_stack() {
  local folder=$1 changes=$2 status=0
  if ! terraform -chdir="$folder" init -input=false -no-color >"$scratch/log" 2>&1; then
    cp "$scratch/log" "$changes"
    return 1
  fi
  terraform -chdir="$folder" plan -input=false -no-color -lock=false -detailed-exitcode -out="$scratch/plan" >"$scratch/log" 2>&1 || status=$?
  case $status in
    0) return 0 ;;
    2)
      # Exit status 2 also stands for outputs alone; what else a plan notes, such as what others have changed meanwhile, is left out.
      terraform -chdir="$folder" show -no-color "$scratch/plan" | only_changes >"$changes"
      return 2
      ;;
    *)
      cp "$scratch/log" "$changes"
      return 1
      ;;
  esac
}

# A section that opens at a click: heading $1, file $2.
section() {
  local fence='```'
  printf '<details><summary>%s</summary>\n\n%sdiff\n' "$1" "$fence"
  # GitHub colours lines by their first character.
  sed -E 's/^( *)([-+~]|-\/\+) /\2\1 /; s/^~/!/' "$2"
  printf '%s\n\n</details>\n\n' "$fence"
}

failed=0
changed=0
unchanged=0
mapfile -t stacks < <(jq --raw-output '.stacks | to_entries | sort_by(.key)[] | "\(.key)\t\(.value.synthesizedStackPath)"' "$out/manifest.json")
for line in "${stacks[@]}"; do
  name=${line%%$'\t'*}
  folder=$out/$(dirname "${line#*$'\t'}")
  status=0
  plan_stack "$folder" "$scratch/changes" || status=$?
  case $status in
    0) unchanged=$((unchanged + 1)) ;;
    2)
      changed=$((changed + 1))
      summary=$(sed -n 's/^Plan: //p' "$scratch/changes")
      section "<b>$name</b>: ${summary:-outputs only}" "$scratch/changes" >>"$scratch/body"
      ;;
    *)
      failed=$((failed + 1))
      section "<b>$name</b>: cannot be planned" "$scratch/changes" >>"$scratch/body"
      ;;
  esac
done

{
  printf '<!-- docker-cache plan -->\n### Terraform plan\n\n'
  printf '%d of %d stacks change' "$changed" "${#stacks[@]}"
  if [ "$failed" -gt 0 ]; then printf ', %d cannot be planned' "$failed"; fi
  printf '.\n\n'
  if [ -e "$scratch/body" ]; then
    if [ "$(wc -c <"$scratch/body")" -gt "$longest" ]; then
      head -c "$longest" "$scratch/body" | iconv --from-code=utf-8 --to-code=utf-8 -c
      printf '\n```\n\n</details>\n\nThe plan is longer than a comment: the whole is in the log of the run.\n'
    else
      cat "$scratch/body"
    fi
  fi
} >"$comment.new"
mv "$comment.new" "$comment"
if [ -e "$scratch/body" ]; then cat "$scratch/body"; fi
printf '%d changed, %d unchanged, %d failed\n' "$changed" "$unchanged" "$failed" >&2
[ "$failed" -eq 0 ]
