#!/usr/bin/env bash
# Plans one initialized stack and prints what would change, resource by resource, and nothing else.
#
#   plan-changes.sh FOLDER PLAN_FILE
#
# FOLDER     folder of the stack, with its cdk.tf.json, after `terraform init`
# PLAN_FILE  the plan is written there, to be applied
#
# Prints `No changes. …` where there are none. Left out is what is no change: the progress of the refresh, what others have changed
# meanwhile, and data sources that wait for the apply. What Terraform knows to be sensitive it hides itself.
# The state is read and never locked, so the role that plans needs no right to write.
set -o errexit -o nounset -o pipefail

if [ "$#" -ne 2 ]; then
  printf 'usage: %s FOLDER PLAN_FILE\n' "$0" >&2
  exit 2
fi
folder=$1
# Terraform reads a relative path from the folder that it changes to.
case $2 in
  /*) plan=$2 ;;
  *) plan=$PWD/$2 ;;
esac

# A reason, "  # (depends on …)", stands below the line that names its resource and belongs to it.
only_changes() {
  awk '
    /^Terraform will perform the following actions:/ { begun = 1; next }
    /^Changes to Outputs:/ { begun = 1; shown = 1 }
    /^You can apply this plan to save these new output values/ { exit }
    /^  # [^(]/ { shown = ($0 !~ / will be read during apply$/) }
    /^Plan: / { shown = 1 }
    begun && shown && $0 == "" { blanks++; next }
    begun && shown { while (blanks > 0) { print ""; blanks-- } print }
  '
}

# User data in base64 fills a comment and tells nobody anything: its beginning and its length do.
without_blobs() {
  LC_ALL=C awk '{
    kept = ""
    while (match($0, /[A-Za-z0-9+\/=]+/)) {
      word = substr($0, RSTART, RLENGTH)
      if (RLENGTH > 256) word = substr(word, 1, 24) "… (" RLENGTH " characters)"
      kept = kept substr($0, 1, RSTART - 1) word
      $0 = substr($0, RSTART + RLENGTH)
    }
    print kept $0
  }'
}

status=0
terraform -chdir="$folder" plan -input=false -no-color -lock=false -detailed-exitcode -out="$plan" >"$plan.log" 2>&1 || status=$?
case $status in
  0) printf 'No changes. Your infrastructure matches the configuration.\n' ;;
  2) terraform -chdir="$folder" show -no-color "$plan" | only_changes | without_blobs ;;
  *) cat "$plan.log" >&2 ;;
esac
rm -f "$plan.log"
[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
