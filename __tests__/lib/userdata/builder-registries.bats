#!/usr/bin/env bats
# Images, logins and digests.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use builder
  stub findmnt 'echo tmpfs'
  mkdir "$T/docker-config"
}

teardown() { [[ -z "${SERVER:-}" ]] || kill "$SERVER"; }

lines() { script "$1; for i in \"\${!REFERENCES[@]}\"; do echo \"\${REFERENCES[i]}|\${OPTIONAL[i]}|\${WHOLE[i]}|\${SMOKE[i]}\"; done"; }

@test "read_images: the lines of all parameters, each with its options" {
  stub aws 'printf "b:1 optional\na:2\n\nregistry.example/x@sha256:1 smoke=sh -c \"echo  two blanks\"\nc optional warm=whole smoke=run --fast\n"'
  equal $'a:2|||\nb:1|yes||\nc|yes|yes|run --fast\nregistry.example/x@sha256:1|||sh -c "echo  two blanks"' "$(lines read_images 2>/dev/null)"
  called 'aws read-parameters /images'
}

@test "read_images: a line that is none is said, with the line" {
  stub aws 'echo "a:1 optionl"'
  run script read_images
  equal 1 "$status"
  [[ "$output" == *'found: a:1 optionl'* ]]
}

# Vectors that jest and Terraform read too.
VECTORS="$BATS_TEST_DIRNAME/../../fixtures/image-references.json"

@test "add_image: lines of the contract are taken apart as configuration and modules do" {
  local expected found
  expected="$(jq --raw-output '.lines[] | [.reference, (if .optional then "yes" else "" end), (if .warm == "whole" then "yes" else "" end), .smoke // ""] | join("|")' "$VECTORS")"
  found="$(jq --raw-output '.lines[].line' "$VECTORS" | script '
    while IFS= read -r line; do add_image "$line"; done
    for index in "${!REFERENCES[@]}"; do echo "${REFERENCES[index]}|${OPTIONAL[index]}|${WHOLE[index]}|${SMOKE[index]}"; done')"
  [[ -n "$expected" ]]
  equal "$expected" "$found"
}

@test "add_image: what configuration and modules refuse is refused" {
  local refused
  refused="$(jq --raw-output '.refusedLines[]' "$VECTORS")"
  [[ -n "$refused" ]]
  equal '' "$(script 'while IFS= read -r line; do ! (add_image "$line") 2>/dev/null || echo "$line"; done' <<<"$refused")"
}

@test "resolve_references: takes references apart as the configuration does" {
  # The function alone, for around it every reference is asked for.
  { echo 'import re, sys' && sed -n '/^def parse(/,/^$/p' "$USERDATA/builder/resolve-references.py" &&
    echo 'for line in sys.stdin: print("|".join(parse(line.strip())))'; } >"$T/parse.py"
  local expected found
  expected="$(jq --raw-output '.references[] | [.domain, .path, .digest // .tag // "latest", .familiar] | join("|")' "$VECTORS")"
  found="$(jq --raw-output '.references[].text' "$VECTORS" | python3 "$T/parse.py")"
  [[ -n "$expected" ]]
  equal "$expected" "$found"
}

@test "read_images: an empty list fails" {
  run script read_images
  equal 1 "$status"
  [[ "$output" == *'no images below the parameter path /images'* ]]
}

@test "drop_image: an optional image is left out, any other fails the build" {
  equal 'b|yes||' "$(lines 'REFERENCES=(a b) OPTIONAL=(yes yes) WHOLE=("" "") SMOKE=("" ""); drop_image 0 "gone"' 2>/dev/null)"
  run script 'REFERENCES=(a b) OPTIONAL=(yes ""); drop_image 1 "gone"'
  equal 1 "$status"
  [[ "$output" == *'FAILED: b: gone'* ]]
}

@test "read_ecr_region: of this partition's registries, as the policy grants them, and of no other host" {
  local expected found vectors="$BATS_TEST_DIRNAME/../../fixtures/ecr-hosts.json"
  expected="$(jq --raw-output '.[] | "\(.host) \(.region)"' "$vectors")"
  found="$(jq --raw-output '.[] | "\(.dnsSuffix) \(.host)"' "$vectors" | script '
    while read -r DNS_SUFFIX host; do echo "$host $(read_ecr_region "$host" || echo null)"; done')"
  [[ -n "$expected" ]]
  equal "$expected" "$found"
}

@test "login_registries: each ECR registry once, also our own where a pull-through cache is configured; others by their secrets" {
  script "RUN='$T'; REFERENCES=(a 111111111111.dkr.ecr.us-east-1.amazonaws.com/x:1 111111111111.dkr.ecr.us-east-1.amazonaws.com/y:1 222222222222.dkr.ecr.eu-west-1.amazonaws.com/z) PULL_THROUGH='docker.io hub' REGISTRY_LOGINS=$'docker.io hub\nghcr.io gh/token'; login_registries"
  equal '111111111111.dkr.ecr.us-east-1.amazonaws.com us-east-1|123456789012.dkr.ecr.eu-west-1.amazonaws.com eu-west-1|222222222222.dkr.ecr.eu-west-1.amazonaws.com eu-west-1|' \
    "$(sed -n 's/^aws login-ecr //p' "$CALLS" | sort | tr '\n' '|')"
  equal 'docker.io hub|ghcr.io gh/token|' "$(sed -n 's/^aws login-secret //p' "$CALLS" | tr '\n' '|')"
  equal 700 "$(stat -c %a "$T/docker-config")"
}

@test "login_registries: a login that is for the pull-through cache alone is no condition: the build does without the cache, and says so" {
  stub aws '[[ "$*" != *123456789012* ]]'
  run script "RUN='$T'; REFERENCES=(a) PULL_THROUGH='docker.io hub'; login_registries; echo \"goes on:\$PULL_THROUGH:\""
  equal 0 "$status"
  [[ "$output" == *'going on without the pull-through cache: there is no login for 123456789012.dkr.ecr.eu-west-1.amazonaws.com'*'goes on::' ]]
  [[ ! -e "$T/run/failure" ]]
  # An image of the same registry needs it.
  run script "RUN='$T'; REFERENCES=(123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1) PULL_THROUGH='docker.io hub'; login_registries; echo goes on"
  [[ "$status" -ne 0 && "$output" != *'goes on'* ]]
}

@test "R17: login_registries: credentials never go to a disk" {
  stub findmnt 'echo ext4'
  script "RUN='$T'; REFERENCES=(a); login_registries"
  called "mount --types tmpfs * $T/docker-config"
}

@test "login_registries: a login that cannot be had fails the build" {
  stub aws 'exit 1'
  run script "RUN='$T'; REFERENCES=(a) REGISTRY_LOGINS='ghcr.io x'; login_registries; echo goes on"
  [[ "$status" -ne 0 && "$output" != *'goes on'* ]]
}

# dockerd: stands in for Docker's daemon, at a socket; what was asked of it is in $T/asked, with the login, and how many it answered at once in $T/at-once.
dockerd() {
  cat >"$T/dockerd.py" <<'PY'
import base64, collections, hashlib, http.server, json, socketserver, sys, threading, time, urllib.parse
asked, at_once, path = sys.argv[1:]
seen, lock, running = collections.Counter(), threading.Lock(), []
DIGESTS = {"short": "sha256:abc", "sha512": "sha512:" + "ab" * 64, "upper": "sha256:" + "AB" * 32, "line": "sha256:" + "ab" * 32 + "\n", "other": "sha256:" + "ab" * 32}
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, code, body):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode() if body is not None else b"no JSON")
    def do_GET(self):
        login = base64.urlsafe_b64decode(self.headers.get("X-Registry-Auth", "")).decode()
        with lock:
            running.append(self.path)
            print(self.path, login or "-", file=open(asked, "a"))
            print(len(running), file=open(at_once, "a"))
            seen[self.path] += 1
        self.respond(urllib.parse.unquote(self.path.removeprefix("/distribution/").removesuffix("/json")), login)
        running.remove(self.path)
    def respond(self, name, login):
        kind = name.split("/")[1]
        if kind == "slow": time.sleep(0.1)
        if kind == "stalls": time.sleep(2)
        if kind == "busy" and seen[self.path] < 3: return self.answer(429, {"message": "toomanyrequests"})
        if kind == "broken": return self.answer(500, {"message": "received unexpected HTTP status: 503"})
        if kind == "mute": return self.answer(502, None)
        if kind == "missing": return self.answer(404, {"message": "manifest unknown"})
        if kind == "repeats": return self.answer(403, {"message": "denied:\n\x1b[1m" + login + base64.b64encode(b"me:pa:ss").decode()})
        digest = name.split("@")[1] if "@" in name and kind != "other" else "sha256:" + hashlib.sha256(name.encode()).hexdigest()
        self.answer(200, {"Descriptor": {"digest": DIGESTS.get(kind, digest)}})
    def address_string(self): return "-"
    def log_message(self, *arguments): pass
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 32
Server(path, Handler).serve_forever()
PY
  : >"$T/asked"
  python3 "$T/dockerd.py" "$T/asked" "$T/at-once" "$T/docker.sock" 3>&- &
  SERVER=$!
  for _ in {1..100}; do [[ -S "$T/docker.sock" ]] || sleep 0.05; done
  # The same with shorter times.
  sed 's/^PAUSE_SECONDS = .*/PAUSE_SECONDS = (0, 0.1, 0.1)/; s/^CALL_SECONDS = .*/CALL_SECONDS = 0.5/' "$USERDATA/builder/resolve-references.py" >"$T/resolve.py"
}

# resolve REFERENCE...: the lines of each.
resolve() {
  DOCKER_CONFIG="$T/docker-config" PULL_THROUGH='' WATCHDOG_MINUTES=60 python3 -I -S "$T/resolve.py" "$T/docker.sock" '' "$@"
}

# logins HOST AUTH...
logins() {
  python3 -c 'import json, sys
print(json.dumps({"auths": {host: json.loads(auth) for host, auth in zip(sys.argv[1::2], sys.argv[2::2])}}))' "$@" >"$T/docker-config/config.json"
}

digest_of() { printf 'sha256:%s' "$(printf %s "$1" | sha256sum | cut -d' ' -f1)"; }

@test "resolve_references: the digest is the one that dockerd says" {
  dockerd
  equal "$(digest_of h.example/fine/a:3)|h.example/fine/a|h.example/fine/a:3|h.example/fine/a|" "$(resolve h.example/fine/a:3 | tr '\t' '|')"
  equal '/distribution/h.example/fine/a:3/json -' "$(<"$T/asked")"
}

@test "resolve_references: no tag is latest, a digest is asked for too, and the order stays" {
  local digest
  digest="$(digest_of x)"
  dockerd
  equal "h.example/slow/a:latest h.example/fine/b@$digest h.example/fine/c:1" "$(resolve h.example/slow/a "h.example/fine/b:9@$digest" h.example/fine/c:1 | cut -f3 | xargs)"
  equal "/distribution/h.example/fine/b@$digest/json /distribution/h.example/fine/c:1/json /distribution/h.example/slow/a:latest/json" "$(cut -d' ' -f1 "$T/asked" | sort | xargs)"
}

@test "resolve_references: eight at once" {
  dockerd
  resolve h.example/slow/{1..20} >/dev/null
  equal 8 "$(sort -n "$T/at-once" | tail -n 1)"
}

@test "R17: resolve_references: a login goes to dockerd for its registry alone" {
  dockerd
  logins h.example "{\"auth\": \"$(printf 'me:pa:ss' | base64)\"}" https://index.docker.io/v1/ "{\"auth\": \"$(printf 'hub:é' | base64)\"}"
  resolve h.example/fine/a:1 python:3 other.example/fine/a:1 >/dev/null
  equal '/distribution/docker.io/library/python:3/json {"username": "hub", "password": "\u00e9", "serveraddress": "https://index.docker.io/v1/"}
/distribution/h.example/fine/a:1/json {"username": "me", "password": "pa:ss", "serveraddress": "h.example"}
/distribution/other.example/fine/a:1/json -' "$(LC_ALL=C sort "$T/asked")"
}

@test "R17: resolve_references: a login that cannot be decoded fails its images, since dockerd would go on without it" {
  local entry
  dockerd
  # No base64; no UTF-8; no colon; no user; no password; no text; nothing.
  for entry in '{"auth": "bWU6cGFzc!"}' "{\"auth\": \"$(printf 'me:\xff' | base64)\"}" "{\"auth\": \"$(printf mepass | base64)\"}" "{\"auth\": \"$(printf :pass | base64)\"}" \
    "{\"auth\": \"$(printf me: | base64)\"}" '{"auth": 5}' '{}'; do
    logins h.example "$entry"
    equal "-"$'\t'"-"$'\t'"dockerd: the login for h.example is not base64 of USER:PASSWORD in UTF-8: check the secret that is configured for this registry" "$(resolve h.example/fine/a:1)"
  done
  equal '' "$(<"$T/asked")"
}

@test "resolve_references: what no retry changes is said at once; too many requests, broken registries and silence are waited for" {
  dockerd
  equal 'dockerd: 404: manifest unknown' "$(resolve h.example/missing/a:1 | cut -f3)"
  equal "$(digest_of h.example/busy/a:1)" "$(resolve h.example/busy/a:1 | cut -f1)"
  equal 'dockerd: 500: received unexpected HTTP status: 503' "$(resolve h.example/broken/a:1 | cut -f3)"
  equal 'dockerd: an answer that is no JSON' "$(resolve h.example/mute/a:1 | cut -f3)"
  equal 'dockerd: no answer within 0.5 s' "$(resolve h.example/stalls/a:1 | cut -f3)"
  equal '3 broken|3 busy|1 missing|3 mute|3 stalls|' "$(cut -d/ -f4 "$T/asked" | sort | uniq -c | sed 's/^ *//' | tr '\n' '|')"
}

@test "resolve_references: there is an end to waiting for many, and the last ones are not asked" {
  dockerd
  sed -i 's/^ALL_SECONDS = .*/ALL_SECONDS = 1/' "$T/resolve.py"
  resolve h.example/stalls/{1..24} >"$T/found"
  equal 24 "$(grep -c '^-' "$T/found")"
  equal 'dockerd was not asked: others took 1 s' "$(tail -n 1 "$T/found" | cut -f3)"
}

@test "resolve_references: without dockerd it is a reason, not a crash" {
  dockerd
  rm "$T/docker.sock"
  equal 'dockerd: [Errno 2] No such file or directory' "$(resolve h.example/fine/a:1 | cut -f3)"
}

@test "resolve_references: a digest that is none, or another than the reference's, is not believed" {
  local kind
  dockerd
  for kind in short sha512 upper line; do
    [[ "$(resolve "h.example/$kind/a:1")" == "-"$'\t'"-"$'\t''dockerd: the digest is sha'*': expected sha256: and 64 hex digits' ]]
  done
  [[ "$(resolve "h.example/other/a@$(digest_of x)")" == *'expected the one of the reference' ]]
}

@test "R17: resolve_references: a reason is one line, and holds no secret that a registry repeats" {
  dockerd
  logins h.example "{\"auth\": \"$(printf 'me:pa:ss' | base64)\"}"
  run resolve h.example/repeats/a:1
  equal 1 "${#lines[@]}"
  [[ "$output" == *'403: denied:  [1m{"username": "me", "password": "..."'* && "$output" != *pa:ss* && "$output" != *"$(printf 'me:pa:ss' | base64)"* ]]
}

@test "resolve_images: an optional image that does not resolve is left out, any other fails the build" {
  dockerd
  local code="export DOCKER_CONFIG='$T/docker-config'; DOCKER_SOCKET='$T/docker.sock'; REFERENCES=(h.example/fine/a h.example/missing/a h.example/fine/c) SMOKE=('' '' '')"
  equal 'h.example/fine/a:latest h.example/fine/c:latest' "$(script "$code OPTIONAL=(yes yes ''); resolve_images; for i in \${!REFERENCES[@]}; do echo \${LOCAL_NAMES[i]}; done" 2>/dev/null | xargs)"
  run script "$code OPTIONAL=(yes '' ''); resolve_images"
  equal 1 "$status"
  [[ "$output" == *'h.example/missing/a: dockerd: 404: manifest unknown'* ]]
}
