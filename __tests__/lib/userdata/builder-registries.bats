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

# registry: a registry on loopback, in Python; what was asked of it is in $T/asked.
registry() {
  cat >"$T/registry.py" <<'PY'
import base64, collections, hashlib, http.server, sys
seen = collections.Counter()
BODY = b'{"schemaVersion": 2}'
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, code, body=b"", **headers):
        self.send_response(code)
        for key, value in headers.items(): self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body))); self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    def do_GET(self):
        print(self.command, self.path, self.headers.get("Authorization", "-"), file=open(sys.argv[1], "a"))
        seen[self.path] += 1
        login = self.headers.get("Authorization", "")
        port = self.server.server_port
        if self.path.startswith("/token"):
            good = "Basic " + base64.b64encode(b"me:pw").decode()
            return self.answer(200, b'{"access_token": "BEARER"}') if login == good and "scope=repository%3Aprivate%2Fa%3Apull" in self.path else self.answer(401)
        name = self.path.split("/manifests/")[0].removeprefix("/v2/")
        if name == "private/a" and login != "Bearer BEARER":
            return self.answer(401, WWW_Authenticate=f'Bearer realm="http://127.0.0.1:{port}/token",service="s",scope="repository:private/a:pull"')
        if name == "basic/a" and not login.startswith("Basic"):
            return self.answer(401, WWW_Authenticate='Basic realm="x"')
        if name == "missing/a": return self.answer(404)
        if name == "busy/a" and seen[self.path] < 3: return self.answer(429)
        if name == "broken/a": return self.answer(503)
        if name == "silent/a": return self.answer(200, BODY)
        if name == "through/library/import" and self.command == "HEAD": return self.answer(404)
        if name == "moved/a": return self.answer(307, Location=f"http://127.0.0.1:{port}/v2/fine/a/manifests/1")
        self.answer(200, BODY, Docker_Content_Digest="sha256:" + hashlib.sha256(name.encode()).hexdigest())
    do_HEAD = do_GET
    def log_message(self, *arguments): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
  : >"$T/asked"
  python3 "$T/registry.py" "$T/asked" >"$T/port" 3>&- &
  SERVER=$!
  for _ in {1..100}; do [[ -s "$T/port" ]] || sleep 0.05; done
  HOST="127.0.0.1:$(<"$T/port")"
}

# resolve LINE...: what resolve_references says of each.
resolve() {
  script "export DOCKER_CONFIG='$T/docker-config' PULL_THROUGH='${THROUGH:-}'; resolve_references '${OWN:-}' ${*@Q}"
}

digest_of() { printf 'sha256:%s' "$(printf %s "$1" | sha256sum | cut -d' ' -f1)"; }

@test "resolve_references: by HEAD, with the digest that the registry says" {
  registry
  equal "$(digest_of fine/a)"$'\t'"$HOST/fine/a"$'\t'"$HOST/fine/a:3" "$(resolve "$HOST/fine/a:3")"
  equal "HEAD /v2/fine/a/manifests/3 -" "$(<"$T/asked")"
}

@test "resolve_references: no tag is latest, a digest stays one, and the order stays" {
  registry
  equal "$HOST/fine/a:latest $HOST/fine/b@sha256:0 $HOST/fine/c:1" "$(resolve "$HOST/fine/a" "$HOST/fine/b:9@sha256:0" "$HOST/fine/c:1" | cut -f3 | xargs)"
  grep -q '/v2/fine/b/manifests/sha256:0 ' "$T/asked"
}

@test "resolve_references: with a token from where the registry says, for the login that is known" {
  registry
  printf '{"auths": {"%s": {"auth": "%s"}}}' "$HOST" "$(printf me:pw | base64)" >"$T/docker-config/config.json"
  equal "$(digest_of private/a)" "$(resolve "$HOST/private/a:1" | cut -f1)"
  equal "$(digest_of basic/a)" "$(resolve "$HOST/basic/a:1" | cut -f1)"
}

@test "resolve_references: without a login a private image is a reason, not a crash" {
  registry
  equal "-"$'\t'"-"$'\t'"$HOST says 401 Unauthorized" "$(resolve "$HOST/private/a:1")"
}

@test "resolve_references: what is not there is said at once" {
  registry
  equal "$HOST says 404 Not Found" "$(resolve "$HOST/missing/a:1" | cut -f3)"
  equal 2 "$(grep -c missing "$T/asked")"
}

@test "resolve_references: too many requests are waited for" {
  registry
  SECONDS=0
  equal "$(digest_of busy/a)" "$(resolve "$HOST/busy/a:1" | cut -f1)"
  ((SECONDS >= 3))
}

@test "resolve_references: a registry that does not say the digest gives the manifest" {
  registry
  equal "$(digest_of '{"schemaVersion": 2}')" "$(resolve "$HOST/silent/a:1" | cut -f1)"
}

@test "resolve_references: a login is not sent on to where a registry redirects" {
  registry
  printf '{"auths": {"%s": {"auth": "%s"}}}' "$HOST" "$(printf me:pw | base64)" >"$T/docker-config/config.json"
  resolve "$HOST/moved/a:1" >/dev/null
  equal - "$(grep fine/a "$T/asked" | cut -d' ' -f3)"
}

@test "resolve_references: through our own registry where its upstream has a pull-through cache, under the original name" {
  registry
  THROUGH=$'docker.io through\nghcr.io gh' OWN="$HOST" run resolve python:3.12 ghcr.io/o/p@sha256:0 import
  equal "$HOST/through/library/python python:3.12|$HOST/gh/o/p ghcr.io/o/p@sha256:0|$HOST/through/library/import import:latest|" "$(cut -f2,3 <<<"$output" | tr '\t\n' ' |')"
}

@test "resolve_images: an optional image that does not resolve is left out, any other fails the build" {
  registry
  local code='export DOCKER_CONFIG='"'$T/docker-config'"'; REFERENCES=('"$HOST/fine/a $HOST/missing/a $HOST/fine/c"') SMOKE=("" "" "")'
  equal "$HOST/fine/a:latest $HOST/fine/c:latest" "$(script "$code OPTIONAL=(yes yes ''); resolve_images; for i in \${!REFERENCES[@]}; do echo \${LOCAL_NAMES[i]}; done" 2>/dev/null | xargs)"
  run script "$code OPTIONAL=(yes '' ''); resolve_images"
  equal 1 "$status"
  [[ "$output" == *"$HOST/missing/a: $HOST says 404 Not Found"* ]]
}
