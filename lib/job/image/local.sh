# shellcheck shell=bash
# The image on this machine already: on the warm volume, or by a job before. Then nothing is asked of the registry.

# find_here: sets job_image and returns 0 if the image is here and young enough.
find_here() {
  name_known || name_here || return 1
  is_fresh || return 1
  say "$job_image:$job_tag is on this machine: the registry is not asked"
}

# name_here: sets job_image to the one name under which an image of this tag is here, of any account in the region, or of this machine alone. Asks
# nobody who the account is. Returns 1 if there is none, or more accounts' than one.
name_here() {
  local job_line job_domain job_host job_alone='' job_account
  local -a job_found=()
  read -r _ job_domain < <(partition_of "${job_option[region]}")
  job_host=".dkr.ecr.${job_option[region]}.$job_domain/${job_option["ecr-name"]}"
  while IFS= read -r job_line; do
    job_account="${job_line%"$job_host:$job_tag"}"
    if [[ "$job_line" == "localhost/${job_option["ecr-name"]}:$job_tag" ]]; then
      job_alone=1
    elif [[ "$job_account" =~ ^[0-9]{12}$ ]]; then
      job_found+=("$job_account")
    fi
  done < <(docker image ls --filter "reference=*$job_host:$job_tag" --filter "reference=localhost/${job_option["ecr-name"]}:$job_tag" \
    --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)
  if ((${#job_found[@]} == 1)); then
    job_image="${job_found[0]}$job_host"
  elif ((${#job_found[@]} == 0)) && [[ -n "$job_alone" ]]; then
    job_image="localhost/${job_option["ecr-name"]}"
  else
    return 1
  fi
}

# is_fresh: true if the image is here and was made within max-age-days. One whose time cannot be read is not.
is_fresh() {
  local job_created
  job_created="$(docker image inspect "$job_image:$job_tag" 2>/dev/null)" || return 1
  job_created="$(read_created "$job_created")" || return 1
  # Its pusher wrote this time. A day is for clocks that differ.
  if ((job_created > $(now) + 86400)); then
    say "$job_image:$job_tag is on this machine, but says that it was made in the future: it counts for nothing"
    return 1
  fi
  ((job_created <= $(now) - ${job_option["max-age-days"]} * 86400)) || return 0
  say "$job_image:$job_tag is on this machine, but older than ${job_option["max-age-days"]} days: it counts for nothing"
  return 1
}

# read_created JSON: when an image was made, of what docker image inspect says, in seconds since 1970. Fails if that cannot be read.
read_created() {
  local job_seconds
  job_seconds="$(jq -r '.[0].Created | capture("^(?<time>[0-9-]+T[0-9:]+)([.][0-9]+)?(Z|(?<sign>[+-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))$")
    | (.time + "Z" | fromdateiso8601) - (if .sign == null then 0 else (if .sign == "-" then -1 else 1 end) * ((.hours | tonumber) * 3600 + (.minutes | tonumber) * 60) end)' \
    <<<"$1" 2>/dev/null)"
  [[ "$job_seconds" =~ ^-?[0-9]+$ ]] && printf %s "$job_seconds"
}

# now: seconds since 1970.
now() { printf '%(%s)T' -1; }

# is_here: true if Docker has the image on this machine, of whatever age.
is_here() { docker image inspect "$job_image:$job_tag" &>/dev/null; }
