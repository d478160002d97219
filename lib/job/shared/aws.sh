# shellcheck shell=bash
# Questions to AWS, by its command-line interface, version 1 or 2.

# How long a call may take, with the retries that the CLI does by itself.
job_aws_seconds=45

# run_aws SERVICE OPERATION ARGUMENT...: in the option's region, without pager, prompt or input.
run_aws() {
  AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off AWS_CLI_ERROR_FORMAT=legacy bound "$job_aws_seconds" aws "$@" --region "${job_option[region]}" --output json \
    --cli-connect-timeout 5 --cli-read-timeout 20 </dev/null
}

# ask_aws SERVICE OPERATION ARGUMENT...: sets job_answer to what AWS says. If it fails, job_why says why in one line, and job_error is AWS's code, or
# empty if AWS gave none. Returns 1 then, or 2 if another try cannot help: AWS has decided, or there is no CLI.
ask_aws() {
  local job_raw job_status
  job_answer='' job_error='' job_why=''
  if ! command -v aws >/dev/null; then
    job_why='there is no AWS CLI (command aws) on this machine'
    return 2
  fi
  find_timeout
  # Standard error, answer and status, without a file between them. No answer in JSON holds the separator.
  job_raw="$(
    {
      job_said="$(run_aws "$@")"
      printf '\036%s\036%s' "$job_said" "$?"
    } 2>&1
  )"
  job_status="${job_raw##*$'\036'}"
  job_raw="${job_raw%$'\036'*}"
  job_answer="${job_raw##*$'\036'}"
  ((job_status != 0)) || return 0
  explain_aws "$1 $2" "$job_status" "${job_raw%$'\036'*}"
  ! is_decided || return 2
  return 1
}

# answers ARGUMENT...: true if jq with these arguments says true of job_answer. An answer of nothing is none: jq -e would succeed with it.
answers() { [[ "$(jq "$@" <<<"$job_answer" 2>/dev/null)" == true ]]; }

# explain_aws CALL STATUS TEXT: sets job_error and job_why from the text that the CLI wrote to standard error.
explain_aws() {
  read_error_code "$3"
  job_why="$(tr -s '[:space:]' ' ' <<<"$3")"
  job_why="${job_why# }"
  job_why="aws $1: ${job_why:-status $2}"
  job_why="${job_why% }"
  ! is_time_out "$2" || job_why="aws $1: no answer within $job_aws_seconds s"
}

# read_error_code TEXT: sets job_error. The form is fixed (botocore/exceptions.py, ClientError.MSG_TEMPLATE); newer versions can put a word before it.
read_error_code() {
  local job_line
  local job_form='^(aws: \[ERROR\]: )?An error occurred \(([A-Za-z0-9.]+)\) when calling the [A-Za-z0-9]+ operation'
  job_error=''
  while IFS= read -r job_line; do
    if [[ "$job_line" =~ $job_form ]]; then
      job_error="${BASH_REMATCH[2]}"
      return
    fi
  done <<<"$1"
}

# is_decided: true if job_error is an answer, which stays the same if one asks again.
is_decided() { [[ "$job_error" == *NotFoundException || "$job_error" == *AlreadyExistsException ]] || is_denied; }

# is_denied: true if AWS refused the call for want of a permission.
is_denied() { [[ "$job_error" == AccessDeniedException || "$job_error" == AccessDenied ]]; }

# partition_of REGION: the partition and its domain. All other regions are of the partition aws (partitions.json of botocore, regionRegex, dnsSuffix).
partition_of() {
  case "$1" in
    cn-*) echo aws-cn amazonaws.com.cn ;;
    eusc-*) echo aws-eusc amazonaws.eu ;;
    us-gov-*) echo aws-us-gov amazonaws.com ;;
    us-isob-*) echo aws-iso-b sc2s.sgov.gov ;;
    us-isof-*) echo aws-iso-f csp.hci.ic.gov ;;
    us-iso-*) echo aws-iso c2s.ic.gov ;;
    eu-isoe-*) echo aws-iso-e cloud.adc-e.uk ;;
    *) echo aws amazonaws.com ;;
  esac
}
