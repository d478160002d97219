#!/usr/bin/env bats
# Questions to AWS.
# shellcheck disable=SC2016 # code for `script` is quoted

load ../helper

setup() { use; }

# shown CODE: what ask_aws sets.
shown() { script "$1; s=\$?; printf '%s|%s|%s|%s' \"\$s\" \"\$job_answer\" \"\$job_error\" \"\$job_why\""; }

@test "run_aws: always with the region, as JSON, with bounds; no pager, prompt or input" {
  stub aws 'printf "%s|%s|%s|" "${AWS_PAGER-unset}" "$AWS_CLI_AUTO_PROMPT" "$AWS_CLI_ERROR_FORMAT"; cat'
  export AWS_PAGER=less AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  run script 'job_option[region]=eu-north-1; echo typed | { run_aws ecr describe-repositories --repository-names "a b"; }'
  equal '|off|legacy|' "$output"
  equal 'aws ecr describe-repositories --repository-names a\ b --region eu-north-1 --output json --cli-connect-timeout 5 --cli-read-timeout 20' "$(calls_of aws)"
}

@test "ask_aws: the answer, whatever is in it, and nothing of what is said besides" {
  stub aws 'printf "%s\n" "{\"a\": \"é \\\"quoted\\\" \\\\ %s\"}" "{}"; echo a notice >&2'
  run shown 'ask_aws sts x'
  equal $'0|{"a": "é \\"quoted\\" \\\\ %s"}\n{}||' "$output"
}

@test "ask_aws: an answer of nothing" {
  stub aws
  run shown 'ask_aws sts x'
  equal '0|||' "$output"
}

@test "ask_aws: an error of AWS, its code and its words in one line" {
  stub aws 'printf "\nAn error occurred (ThrottlingException) when calling the DescribeImages operation (reached max retries: 2): Rate\n exceeded\n" >&2; exit 254'
  run shown 'ask_aws ecr describe-images'
  equal '1||ThrottlingException|aws ecr describe-images: An error occurred (ThrottlingException) when calling the DescribeImages operation (reached max retries: 2): Rate exceeded' "$output"
}

@test "ask_aws: AWS has decided: another try cannot help" {
  local code
  for code in ImageNotFoundException RepositoryNotFoundException LifecyclePolicyNotFoundException RepositoryAlreadyExistsException AccessDeniedException \
    AccessDenied; do
    turns x "$code"
    run shown 'ask_aws ecr x'
    [[ "$output" == "2||$code|"* ]]
  done
}

@test "ask_aws: refused credentials, throttling and failing servers can pass" {
  local code
  for code in ExpiredTokenException UnrecognizedClientException ThrottlingException ServerException InternalFailure 503; do
    turns x "$code"
    run shown 'ask_aws ecr x'
    [[ "$output" == "1||$code|"* ]]
  done
}

@test "ask_aws: no answer has no code" {
  turns x cut
  run shown 'ask_aws ecr x'
  equal '1|||aws ecr x: Could not connect to the endpoint URL: "https://api.ecr"' "$output"
}

@test "ask_aws: a failure in silence is its status" {
  stub aws 'exit 7'
  run shown 'ask_aws ecr x'
  equal '1|||aws ecr x: status 7' "$output"
}

@test "ask_aws: a stall is ended" {
  turns x stalls
  run shown 'job_aws_seconds=1; ask_aws ecr x'
  equal '1|||aws ecr x: no answer within 1 s' "$output"
}

@test "ask_aws: without the AWS CLI no try can help" {
  run script 'PATH=/nowhere; ask_aws ecr x; printf "%s|%s" "$?" "$job_why"'
  equal '2|there is no AWS CLI (command aws) on this machine' "$output"
}

@test "ask_aws: nothing is left of the call before" {
  turns x ImageNotFoundException
  run shown 'ask_aws ecr x; ask_aws sts get-caller-identity >/dev/null'
  [[ "$output" == '0|{'*'}||' ]]
}

@test "read_error_code: the fixed form at the beginning of a line, and nothing else" {
  run script '
    for text in "An error occurred (ImageNotFoundException) when calling the DescribeImages operation: x" \
      "aws: [ERROR]: An error occurred (AccessDenied) when calling the GetCallerIdentity operation: x" \
      "An error occurred (A.B) when calling the C operation (reached max retries: 2): x" \
      "it said: An error occurred (ImageNotFoundException) when calling the DescribeImages operation: x" \
      "An error occurred (ImageNotFoundException): x" \
      "aws: [ERROR]: An error occurred (NoRegion): You must specify a region" \
      "ImageNotFoundException" "" \
      $'"'"'a warning\n\nAn error occurred (First) when calling the A operation: x\nAn error occurred (Second) when calling the A operation: x'"'"'; do
      read_error_code "$text"; printf "%s," "$job_error"
    done'
  equal 'ImageNotFoundException,AccessDenied,A.B,,,,,,First,' "$output"
}

@test "is_denied: by IAM, which is no absence" {
  script 'job_error=AccessDeniedException; is_denied; job_error=AccessDenied; is_denied'
  run script 'job_error=RepositoryNotFoundException; is_denied'
  [[ "$status" == 1 ]]
}

@test "partition_of: as the command line has it" {
  local beginning domain count=0
  while read -r beginning domain; do
    equal "$domain" "$(script "partition_of ${beginning}x-1" | cut -d ' ' -f 2)"
    count=$((count + 1))
  done < <(sed -n 's/^  \["\(.*\)", "\(.*\)"\],$/\1 \2/p' "$JOB/../../cli/registry.ts")
  ((count == 6))
  equal 'aws amazonaws.com' "$(script 'partition_of eu-west-1')"
}

@test "partition_of: every region that botocore knows" {
  local file wanted found
  file="$(find "$JOB/../../.cache/moto" -path '*/botocore/data/partitions.json' 2>/dev/null | sort | tail -n 1)"
  [[ -n "$file" ]] || skip 'botocore is fetched with the emulated AWS'
  wanted="$(jq -r '.partitions[] | (.regions | keys[] | select(test("global") | not)) + " " + .id + " " + .outputs.dnsSuffix' "$file")"
  found="$(script "while read -r region _; do printf '%s ' \"\$region\"; partition_of \"\$region\"; done <<<'$wanted'")"
  equal "$wanted" "$found"
}

@test "answers: true is true, and nothing else; an answer of nothing neither" {
  local answer
  script 'job_answer='"'"'{"a": [1]}'"'"'; answers ".a | length == 1"; answers --argjson wanted "[1]" ".a == \$wanted"'
  for answer in '' '{}' '{"a": []}' 'not JSON' '{"a": [1]} {"a": [1]}'; do
    run script "job_answer='$answer'; answers '.a | length == 1'"
    [[ "$status" == 1 && -z "$output" ]]
  done
}

@test "explain_aws and is_decided: AWS's code, and the text in one line; an answer that stays needs no other try" {
  run script "explain_aws 'ecr x' 254 \$'\\n\\nAn error occurred (RepositoryNotFoundException) when calling the X operation: a\\nb'; echo \"\$job_error|\$job_why\"; is_decided && echo decided"
  equal 'RepositoryNotFoundException|aws ecr x: An error occurred (RepositoryNotFoundException) when calling the X operation: a b
decided' "$output"
  run script "explain_aws 'ecr x' 254 \$'An error occurred (ThrottlingException) when calling the X operation: a'; is_decided || echo open"
  equal open "$output"
  run script "explain_aws 'ecr x' 1 ''; echo \"\$job_why\"; is_decided || echo open"
  equal 'aws ecr x: status 1
open' "$output"
}
