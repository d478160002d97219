#!/usr/bin/env bats
# Images that come through ECR's pull-through cache, or from their originals after all.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use builder
  mkdir "$T/docker-config" "$T/run/pulls"
  stub sleep
  stub timeout 'shift; "$@"'
}

teardown() { stop_dockerd; }

stop_dockerd() {
  [[ -z "${SERVER:-}" ]] || kill "$SERVER"
  SERVER=''
  rm -f "$T/docker.sock"
}

OWN=123456789012.dkr.ecr.eu-west-1.amazonaws.com
VECTORS="$BATS_TEST_DIRNAME/../../fixtures/pull-through.json"

# dockerd LINE...: stands in for Docker's daemon, at a socket. A line is `NAME ANSWER...`, NAME a pattern: the answers to its questions in order, the last
# one again and again. An answer is a word whose hash is the digest, a status, `stalls`, or `repeats`: 403 with the login. What was asked is in $T/asked.
dockerd() {
  stop_dockerd
  cat >"$T/dockerd.py" <<'PY'
import base64, fnmatch, hashlib, http.server, json, socketserver, sys, threading, time, urllib.parse
asked, path, *lines = sys.argv[1:]
rules, lock = [(line.split()[0], line.split()[1:]) for line in lines], threading.Lock()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = urllib.parse.unquote(self.path.replace("/distribution/", "", 1).replace("/json", ""))
        with lock:
            print(name, file=open(asked, "a"))
            answers = next(answers for pattern, answers in rules if fnmatch.fnmatch(name, pattern))
            answer = answers[0] if len(answers) == 1 else answers.pop(0)
        if answer == "stalls": return time.sleep(5)
        if answer == "slow": time.sleep(0.2)
        if answer == "repeats":
            login = json.loads(base64.urlsafe_b64decode(self.headers["X-Registry-Auth"]))
            return self.answer(403, {"message": "it had " + login["username"] + ":" + login["password"]})
        digest = name.split("@")[1] if "@" in name else "sha256:" + hashlib.sha256(answer.encode()).hexdigest()
        self.answer(*(int(answer), {"message": "it answers " + answer}) if answer.isdigit() else (200, {"Descriptor": {"digest": digest}}))
    def answer(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def address_string(self): return "-"
    def log_message(self, *arguments): pass
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 32
Server(path, Handler).serve_forever()
PY
  : >"$T/asked"
  python3 "$T/dockerd.py" "$T/asked" "$T/docker.sock" "$@" 3>&- &
  SERVER=$!
  for _ in {1..100}; do [[ -S "$T/docker.sock" ]] || command -p sleep 0.05; done
}

# resolve REFERENCE...: the lines of each, with `|` for tabs. Waits are short.
resolve() {
  sed 's/^PAUSE_SECONDS = .*/PAUSE_SECONDS = (0, 0.1, 0.1)/; s/^CALL_SECONDS = .*/CALL_SECONDS = 0.8/; s/^ORIGINAL_SECONDS = .*/ORIGINAL_SECONDS = 0.4/
    s/^ECR_SECONDS = .*/ECR_SECONDS = '"${ECR_SECONDS:-300}"'/' "$USERDATA/builder/resolve-references.py" >"$T/resolve.py"
  DOCKER_CONFIG="$T/docker-config" WATCHDOG_MINUTES=60 PULL_THROUGH="${THROUGH-$'docker.io hub\nghcr.io gh'}" python3 -I -S "$T/resolve.py" "$T/docker.sock" "$OWN" "$@" | tr '\t' '|'
}

hash_of() { printf 'sha256:%s' "$(printf %s "$1" | sha256sum | cut -d' ' -f1)"; }

# asked: how often each name was asked for, in the order of names, without our own host.
asked() { sed "s#^$OWN/#ECR/#" "$T/asked" | LC_ALL=C sort | uniq -c | sed 's/^ *//' | paste -sd'|'; }

through_ecr() { printf '%s|%s|a:1|docker.io/library/a|%s' "$(hash_of "$1")" "$OWN/hub/library/a" "${2:-}"; }
from_original() { printf '%s|docker.io/library/a|a:1|docker.io/library/a|from docker.io, not through ECR%s' "$(hash_of "$1")" "$2"; }

@test "keys: the longest that a name begins with, part by part; the rest of the name follows; ECR's own names are left alone" {
  local expected found
  { echo "import os, re, sys; own = '$OWN'" && sed -n '/^def parse(/,/^$/p; /^def spell(/,/^$/p; /^through = /p; /^def find_cached(/,/^$/p' "$USERDATA/builder/resolve-references.py" &&
    echo 'for line in sys.stdin: print(find_cached(*parse(line.strip())[:2]) or "null")'; } >"$T/names.py"
  expected="$(jq --raw-output '.repositories[].repository' "$VECTORS")"
  found="$(jq --raw-output '.repositories[].reference' "$VECTORS" | PULL_THROUGH="$(jq --raw-output '.map | to_entries[] | "\(.key) \(.value)"' "$VECTORS")" python3 "$T/names.py")"
  [[ -n "$expected" ]]
  equal "$expected" "$found"
  # Keys of Docker Hub by its other names.
  for name in index.docker.io registry-1.docker.io registry.hub.docker.com; do
    equal hub/library/a "$(echo a | PULL_THROUGH="$name hub" python3 "$T/names.py")"
  done
  # Our own registry is no upstream of itself.
  equal null "$(echo "$OWN/a" | PULL_THROUGH="$OWN own" python3 "$T/names.py")"
}

@test "a tag: the original has the word, and ECR is asked by tag, which makes it fetch the image" {
  dockerd "* same"
  equal "$(through_ecr same)" "$(resolve a:1)"
  equal "1 ECR/hub/library/a:1|1 docker.io/library/a:1" "$(asked)"
}

@test "a tag that ECR has of another image: from the original, and it is said" {
  dockerd "docker.io/* new" "* old"
  equal "$(from_original new ", which has an older or another image of this tag: $(hash_of old)")" "$(resolve a:1)"
}

@test "an original that gives no digest, whatever why: the tag as ECR has it, and it is said" {
  local status text
  for status in 401 403 404 429 500 503 stalls; do
    dockerd "docker.io/* $status" "* old"
    text="dockerd: $status: it answers $status"
    [[ "$status" != stalls ]] || text='dockerd: no answer within 0.4 s'
    equal "$(through_ecr old "the tag as ECR has it, which may be old: docker.io: $text")" "$(resolve a:1)"
    equal "1 ECR/hub/library/a:1|1 docker.io/library/a:1" "$(asked)"
  done
}

@test "an ECR that fails, whatever why, for good: from the original, and it is said; a stall is waited for once" {
  local status text attempts
  for status in 400 401 403 404 429 500 stalls; do
    dockerd "docker.io/* new" "* $status"
    text="dockerd: $status: it answers $status" attempts=1
    case "$status" in stalls) text='dockerd: no answer within 0.8 s' ;; 429 | 500) attempts=3 ;; esac
    equal "$(from_original new ": $text")" "$(resolve a:1)"
    equal "$attempts ECR/hub/library/a:1|1 docker.io/library/a:1" "$(asked)"
  done
}

@test "an ECR that fails at first is asked again" {
  dockerd "docker.io/* same" "* 429 500 same"
  equal "$(through_ecr same)" "$(resolve a:1)"
}

@test "an original that could not be reached at first is asked again, with retries, where ECR fails: a cache that fails never fails a build" {
  dockerd "docker.io/* stalls 500 new" "* 404"
  equal "$(from_original new ": dockerd: 404: it answers 404")" "$(resolve a:1)"
  equal "1 ECR/hub/library/a:1|3 docker.io/library/a:1" "$(asked)"
}

@test "both fail: both reasons" {
  dockerd "docker.io/* 404" "* 403"
  equal '-|-|ECR: dockerd: 403: it answers 403; docker.io: dockerd: 404: it answers 404' "$(resolve a:1)"
}

@test "a closed network costs one attempt a host, not one an image" {
  dockerd "docker.io/* stalls" "ghcr.io/* 500" "* slow"
  resolve {a,b,c,d}:{1,2,3,4,5} ghcr.io/x/{a,b,c}:1 >"$T/found"
  equal 23 "$(grep -c '|the tag as ECR has it' "$T/found")"
  equal 1 "$(grep -c '^docker.io/' "$T/asked")"
  equal 1 "$(grep -c '^ghcr.io/' "$T/asked")"
}

@test "what Docker says is shown without a login that a registry repeats" {
  local auth
  auth="$(printf 'AWS:s3cret%%&word' | base64)"
  printf '{"auths":{"%s":{"auth":"%s"}}}' "$OWN" "$auth" >"$T/docker-config/config.json"
  stub docker 'echo "denied: Authorization was Basic '"$auth"', word s3cret%&word'$'\n''twice" >&2; exit 1'
  script 'export DOCKER_CONFIG="$T/docker-config"; REFERENCES=(a:1) SOURCES=(docker.io/library/a) ORIGINALS=(docker.io/library/a) DIGESTS=(sha256:1) LOCAL_NAMES=(a:1) NOTES=("")
    pull_image 0 "$RUN/pulls/error" || true; cat "$RUN/pulls/error"' >"$T/said" 2>&1 || true
  grep -q 'denied: Authorization was Basic \.\.\., word \.\.\. twice' "$T/said" || {
    cat "$T/said"
    false
  }
  equal '' "$(grep -rl "s3cret\|$auth" "$T/said" "$T/run" || true)"
}

@test "an original that is lost on the way is asked no more either, and one that answers is asked for each image" {
  # Eight at once: those behind them find it lost.
  dockerd "docker.io/library/b:1 500" "* slow"
  resolve {a,b,c,d,e,f,g,h,i,j,k,l,m,n}:1 >"$T/found"
  equal 14 "$(grep -c "|$OWN/" "$T/found")"
  (($(grep -c '^docker.io/' "$T/asked") < 14))
  dockerd "docker.io/library/b:1 404" "docker.io/* same" "* same"
  resolve a:1 b:1 c:1 d:1 >"$T/found"
  equal 3 "$(grep -c "|$" "$T/found")"
  equal 4 "$(grep -c '^docker.io/' "$T/asked")"
  dockerd "docker.io/* 429" "* same"
  resolve a:1 b:1 c:1 d:1 >"$T/found"
  equal 4 "$(grep -c '^docker.io/' "$T/asked")"
}

@test "all that is asked of ECR has an end, and then there is time for the originals" {
  dockerd "docker.io/* new" "* stalls"
  ECR_SECONDS=0.5 resolve {1..20} >"$T/found"
  equal 20 "$(grep -c '|from docker.io, not through ECR: ' "$T/found")"
  [[ "$(tail -n 1 "$T/found")" == *'dockerd was not asked: others took 0.5 s' ]]
  (($(grep -c "^$OWN" "$T/asked") <= 8))
}

@test "by digest: through ECR if it has the image; a tag beside it may bring it there; else from the original" {
  local digest
  digest="$(hash_of x)"
  dockerd "$OWN/*/has@* x" "docker.io/* x"
  equal "$digest|$OWN/hub/o/has|o/has@$digest|docker.io/o/has|" "$(resolve "o/has@$digest")"
  equal "1 ECR/hub/o/has@$digest" "$(asked)"
  dockerd "$OWN/*/*@* 404" "$OWN/*/same:* x" "$OWN/* other" "docker.io/* x"
  equal "$digest|$OWN/hub/o/same|o/same@$digest|docker.io/o/same|" "$(resolve "o/same:1@$digest")"
  equal "$digest|docker.io/o/moved|o/moved@$digest|docker.io/o/moved|from docker.io, not through ECR: dockerd: 404: it answers 404" "$(resolve "o/moved:1@$digest")"
  equal "$digest|docker.io/o/same|o/same@$digest|docker.io/o/same|from docker.io, not through ECR: dockerd: 404: it answers 404" "$(resolve "o/same@$digest")"
  [[ "$(<"$T/asked")" != *latest* ]]
}

@test "by digest, and ECR stalls: no tag of it is asked for either" {
  dockerd "docker.io/* x" "* stalls"
  [[ "$(resolve "o/a:1@$(hash_of x)")" == *'|from docker.io, not through ECR: dockerd: no answer within 0.8 s' ]]
  equal 1 "$(grep -c "^$OWN" "$T/asked")"
}

@test "R17: a reason of either registry holds no secret that it repeats" {
  printf '{"auths": {"%s": {"auth": "%s"}, "https://index.docker.io/v1/": {"auth": "%s"}}}' "$OWN" "$(printf AWS:hush | base64)" "$(printf me:hush | base64)" >"$T/docker-config/config.json"
  dockerd "* repeats"
  equal '-|-|ECR: dockerd: 403: it had AWS:...; docker.io: dockerd: 403: it had me:...' "$(resolve a:1)"
}

@test "resolve_images: what is not as usual is in the log, and content does not depend on the way" {
  local code="export DOCKER_CONFIG='$T/docker-config'; DOCKER_SOCKET='$T/docker.sock'; PULL_THROUGH='docker.io hub'; REFERENCES=(a:1 b:1); resolve_images; compute_content; echo \"\${SOURCES[*]} \${ORIGINALS[*]}\""
  local way found=''
  for way in "* same" "docker.io/* 401|* same" "docker.io/* same|* 404"; do
    IFS='|' read -ra way <<<"$way"
    dockerd "${way[@]}"
    run script "$code"
    found+="$(printf '%s\n' "${lines[@]}" | sed "s#$OWN#ECR#g")"$'\n'
  done
  equal 1 "$(grep -E '^[0-9a-f]{64}$' <<<"$found" | sort -u | wc -l)"
  equal "ECR/hub/library/a ECR/hub/library/b docker.io/library/a docker.io/library/b|ECR/hub/library/a ECR/hub/library/b docker.io/library/a docker.io/library/b|docker.io/library/a docker.io/library/b docker.io/library/a docker.io/library/b|" \
    "$(grep ' docker.io' <<<"$found" | grep -v ^docker-cache | tr '\n' '|')"
  equal "docker-cache: a:1: from docker.io, not through ECR: dockerd: 404: it answers 404" "$(grep 'a:1: from' <<<"$found")"
  equal "docker-cache: a:1: the tag as ECR has it, which may be old: docker.io: dockerd: 401: it answers 401" "$(grep 'a:1: the tag' <<<"$found")"
}

# One by tag, one by digest, both through ECR; one that ECR does not have.
images="REFERENCES=(a:1 o/b@sha256:2 c:1) DIGESTS=(sha256:1 sha256:2 sha256:3) SOURCES=($OWN/hub/library/a $OWN/hub/o/b docker.io/library/c)
  ORIGINALS=(docker.io/library/a docker.io/o/b docker.io/library/c) NOTES=('' '' '') LOCAL_NAMES=(a:1 o/b@sha256:2 c:1) OPTIONAL=('' '' '')"
# No image is there from an earlier build.
nothing='case "$1 $2" in "image inspect") grep -q "^docker pull --quiet $5\$" "$CALLS" || exit 1 ;; esac'
pulls() { grep '^docker pull' "$CALLS" | sed "s#^docker pull --quiet ##; s#$OWN/#ECR/#" | paste -sd'|'; }

@test "pull_image: through ECR, under the image's own name, and none of ECR's stays" {
  stub docker "$nothing"
  script "$images; pull_image 0 '$T/error'" 2>/dev/null
  equal ECR/hub/library/a@sha256:1 "$(pulls)"
  called "docker tag $OWN/hub/library/a@sha256:1 a:1"
  called "docker image rm $OWN/hub/library/a@sha256:1"
  [[ ! -e "$T/error" ]]
}

@test "pull_image: by digest it is pulled by its own name, too: such a name cannot be given" {
  stub docker "$nothing"
  script "$images; pull_image 1 '$T/error'" 2>/dev/null
  equal 'ECR/hub/o/b@sha256:2|docker.io/o/b@sha256:2' "$(pulls)"
  uncalled 'docker tag *'
  called "docker image rm $OWN/hub/o/b@sha256:2"
}

@test "pull_image: ECR fails for good: after the usual retries the original, with as many; the log says which and why" {
  stub docker "$nothing"'; case "$*" in "pull "*amazonaws*) echo "denied: why" >&2; exit 1 ;; pull*) (($(grep -c "^docker pull --quiet docker.io" "$CALLS") > 2)) ;; esac'
  run script "$images; pull_image 0 '$T/error'"
  equal 0 "$status"
  equal 5 "$(pulls | tr '|' '\n' | grep -c ECR)"
  equal 3 "$(pulls | tr '|' '\n' | grep -c '^docker.io/library/a@sha256:1')"
  [[ "$output" == *'docker-cache: a:1: from docker.io, not through ECR: denied: why'*'docker-cache: pulled a:1 from docker.io in '* ]]
  called "docker tag docker.io/library/a@sha256:1 a:1"
  [[ ! -e "$T/error" && -e "$T/run/pulls/doubt" ]]
}

@test "pull_image: both fail: both reasons" {
  stub docker "$nothing"'; case "$*" in "pull "*amazonaws*) echo gone >&2; exit 1 ;; pull*) echo limit >&2; exit 1 ;; esac'
  run script "$images; pull_image 0 '$T/error'"
  equal 1 "$status"
  equal 'ECR: gone ; docker.io: limit ' "$(<"$T/error")"
}

@test "pull_image: a stall of ECR is not repeated, and leaves two thirds of the time to the original; then ECR has another chance" {
  stub docker "$nothing"
  stub timeout '[[ "$*" != *amazonaws* ]] || exit 124; shift; "$@"'
  run script "$images; pull_image 0 '$T/error'"
  equal 0 "$status"
  # Of what is left of 60 minutes but the last five: a third, then half.
  called "timeout @(1100|1099) docker pull --quiet $OWN/hub/library/a@sha256:1"
  called "timeout 16[45]? docker pull --quiet docker.io/library/a@sha256:1"
  equal 2 "$(grep -c ^timeout "$CALLS")"
  [[ "$output" == *'not through ECR: no end within 1'*' s'* ]]
  # In a closed network one stall is an attempt.
  stub timeout '(($(grep -c "timeout.*amazonaws" "$CALLS") > 2)) || [[ "$*" != *amazonaws* ]] || exit 124; shift; "$@"'
  stub docker "$nothing"'; case "$*" in "pull --quiet docker.io"*) exit 1 ;; esac'
  : >"$CALLS"
  rm "$T/run/pulls/reached-docker.io"
  script "$images; NOTES=(closed); pull_image 0 '$T/error'" 2>/dev/null
  equal '1 ECR 5 docker.io 2 ECR' "$(grep ^timeout "$CALLS" | sed "s#$OWN#ECR#; s#.*--quiet ##; s#/.*##" | uniq -c | xargs)"
}

@test "pull_image: an ECR that fails slowly takes no more of the time than one that stalls" {
  stub docker "$nothing"
  # Each failure takes ten minutes of the sixty.
  run script "$images; pull_name() { SECONDS=\$((SECONDS + 600)); [[ \$1 != *amazonaws* ]]; }; pull_image 0 '$T/error'; log \"at \$SECONDS s\""
  equal 0 "$status"
  equal 2 "$(grep -c 'of 5: a:1: from 1234' <<<"$output")"
  [[ "$output" == *'pulled a:1 from docker.io in 600 s'*'at 180'?' s' ]]
}

@test "pull_image: where ECR has failed once, an original that answers is first, and ECR is asked if it fails; without its answer ECR stays first" {
  stub docker "$nothing"
  touch "$T/run/pulls/doubt"
  script "$images; pull_image 0 '$T/error'" 2>/dev/null
  equal docker.io/library/a@sha256:1 "$(pulls)"
  stub docker "$nothing"'; case "$*" in "pull --quiet docker.io"*) exit 1 ;; esac'
  : >"$CALLS"
  script "$images; pull_image 0 '$T/error'" 2>/dev/null
  equal '5 docker.io 1 ECR' "$(pulls | tr '|' '\n' | sed 's#/.*##' | uniq -c | xargs)"
  : >"$CALLS"
  rm "$T/run/pulls/reached-docker.io"
  script "$images; NOTES=(closed); pull_image 0 '$T/error'" 2>/dev/null
  equal ECR/hub/library/a@sha256:1 "$(pulls)"
  # One that gave no digest, and an image since.
  stub docker "$nothing"
  : >"$CALLS"
  script "$images; NOTES=(closed); pull_image 2 '$T/error'; pull_image 0 '$T/error'" 2>/dev/null
  equal 'docker.io/library/c@sha256:3|docker.io/library/a@sha256:1' "$(pulls)"
}

@test "pull_image: on a full volume the original is not tried either" {
  stub docker "$nothing"'; case "$1" in pull) exit 1 ;; esac'
  touch "$T/run/pulls/full"
  run script "$images; pull_image 0 '$T/error'"
  equal 1 "$status"
  equal ECR/hub/library/a@sha256:1 "$(pulls)"
  [[ ! -e "$T/run/pulls/doubt" ]]
}

@test "is_pulled: an image that came from its original is not pulled again through ECR, in overlay2; containerd is left to look" {
  stub docker 'case "$*" in "image inspect --format x docker.io/library/a@sha256:1") ;; *inspect*) exit 1 ;; esac'
  script "$images; pull_image 0 '$T/error'" 2>/dev/null
  equal '' "$(pulls)"
  called "docker tag docker.io/library/a@sha256:1 a:1"
  script "$images; IMAGE_STORE=containerd; pull_image 0 '$T/error'" 2>/dev/null
  equal ECR/hub/library/a@sha256:1 "$(pulls)"
}
