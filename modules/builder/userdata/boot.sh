# shellcheck shell=bash
# Made of lib/userdata/{shared,builder}/*, where the comments are.
MOUNT_POINT=/var/lib/docker-cache
FILE_SYSTEM_LABEL=docker-cache
MANIFEST_PATH=.docker-cache/manifest.json
FACTS_PATH=.docker-cache/facts
HOT_SET_PATH=.docker-cache/hot-set
MANIFEST_VERSION=2
RUN=/run/docker-cache
SYS_BLOCK=/sys/block
COMMON_SETTINGS=(CACHE_NAME CACHE_ARCHITECTURE IMAGE_STORE HTTP_PROXY_URL HTTPS_PROXY_URL NO_PROXY_HOSTS)
decode_settings() {
local -a values
local name
mapfile -d '' -t values < <(for name in "$@"; do printf %sAA== "${!name:-}"; done | base64 -d)
((${#values[@]} == $#)) || return 1
for name in "$@"; do
printf -v "$name" %s "${values[0]}"
values=("${values[@]:1}")
export -n "${name?}"
done
}
log() { printf 'docker-cache: %s\n' "$*" >&2; }
METADATA_URL=http://169.254.169.254/latest
METADATA_TOKEN=
request_metadata() {
local method="$1" header="$2"
shift 2
if command -v curl >/dev/null; then
curl -sSf --fail-early --noproxy '*' --max-time 5 --retry 3 -w '\n' -X "$method" -H "$header" "${@/#/$METADATA_URL/}"
else
ask_metadata "$method" "$header" "${@/#/$METADATA_URL/}"
fi
}
open_metadata() { METADATA_TOKEN="$(request_metadata PUT 'X-aws-ec2-metadata-token-ttl-seconds: 21600' api/token)"; }
get_metadata() { request_metadata GET "X-aws-ec2-metadata-token: $METADATA_TOKEN" "$@"; }
ask_metadata() {
python3 -I -S - "$@" <<'PY'
import sys, urllib.request
name, value = sys.argv[2].split(": ")
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for url in sys.argv[3:]:
 print(opener.open(urllib.request.Request(url, None, {name: value}, method=sys.argv[1]), timeout=5).read().decode())
PY
}
list_unproxied_hosts() { printf %s "169.254.169.254,localhost,127.0.0.1${NO_PROXY_HOSTS:+,$NO_PROXY_HOSTS}"; }
configure_docker_proxy() {
[[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
local folder=/etc/systemd/system/docker.service.d text
printf -v text '[Service]\nEnvironment="HTTP_PROXY=%s" "HTTPS_PROXY=%s" "NO_PROXY=%s"' \
"${HTTP_PROXY_URL//%/%%}" "${HTTPS_PROXY_URL//%/%%}" "$(list_unproxied_hosts)"
[[ "$(read_text "$folder/docker-cache-proxy.conf")" != "$text" ]] || return 0
mkdir -p "$folder"
printf '%s\n' "$text" >"$folder/docker-cache-proxy.conf"
systemctl daemon-reload
}
BUILDER_SETTINGS=(CACHE_VOLUME_ID DEVICE_NAME FILE_SYSTEM WATCHDOG_MINUTES REPLICATE_AT SCRIPT_PARAMETER_PATH SCRIPT_SHA256 IMAGES_PARAMETER_PATH REJECTED_PARAMETER LOG_GROUP MANIFEST_LOG_GROUP
REGISTRY_LOGINS PULL_THROUGH PARALLEL_PULLS HOT_SET_PERCENT)
OUTCOME=failed
IMAGE_COUNT='' USED_BYTES='' SNAPSHOT_ID=''
STEPS=()
STEP=''
STEP_BEGAN=0
fail() {
log "FAILED: $*"
note_failure "$*"
exit 1
}
note_failure() { [[ -e "$RUN/failure" ]] || printf %s "$1" >"$RUN/failure" || true; }
yield_field() {
log "yielded: $*"
OUTCOME=yielded
exit 0
}
step() {
STEP="$1" STEP_BEGAN=$SECONDS
log "== $1"
"$2"
end_step
log "== $1: done in ${STEPS[-1]} s"
}
end_step() {
[[ -n "$STEP" ]] || return 0
STEPS+=("$STEP" $((SECONDS - STEP_BEGAN)))
STEP=''
}
report_error() {
log "FAILED: line $1: $2"
note_failure "${STEP:-a step} failed: $2"
}
end_build() {
trap - EXIT ERR
set +o errexit
log "outcome: $OUTCOME"
! declare -F leave_volume >/dev/null || leave_volume || log "the volume was not left in order: the next build formats it"
end_step
summarize
end_shipping
[[ -z "$INSTANCE_ID" ]] || AWS_SECONDS=120 aws tag "$INSTANCE_ID" "docker-cache:outcome=$OUTCOME"
sleep 1
systemctl poweroff || systemctl poweroff --force --force
}
summarize() {
local failure=''
[[ ! -r "$RUN/failure" || "$OUTCOME" != failed ]] || failure="$(<"$RUN/failure")"
write_summary "$OUTCOME" "$IMAGE_COUNT" "$USED_BYTES" "$SNAPSHOT_ID" "$failure" "${STEPS[@]}" >&2
}
SYSTEMD_UNITS=/run/systemd/system
arm_watchdog() {
shutdown --poweroff "+$WATCHDOG_MINUTES" || log "no shutdown could be scheduled"
systemd-run --quiet --unit=docker-cache-watchdog --on-active="$((WATCHDOG_MINUTES + 2))min" --timer-property=AccuracySec=1s \
systemctl poweroff --force --force || log "no power-off timer could be started"
mkdir -p "$SYSTEMD_UNITS/poweroff.target.d"
printf '[Unit]\nJobTimeoutSec=3min\nJobTimeoutAction=poweroff-immediate\n' >"$SYSTEMD_UNITS/poweroff.target.d/docker-cache.conf"
systemctl daemon-reload
}
INSTANCE_ID=
read_instance() {
open_metadata
INSTANCE_ID="$(get_metadata meta-data/instance-id)"
REGION="$(get_metadata meta-data/placement/region)"
DNS_SUFFIX="$(get_metadata meta-data/services/domain)"
[[ "$(get_metadata dynamic/instance-identity/document)" =~ \"accountId\"[\ :]*\"([0-9]+) ]]
ACCOUNT_ID="${BASH_REMATCH[1]}"
export REGION DNS_SUFFIX
}
export_proxy() {
[[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
export http_proxy="$HTTP_PROXY_URL" https_proxy="$HTTPS_PROXY_URL" HTTPS_PROXY="$HTTPS_PROXY_URL"
no_proxy="$(list_unproxied_hosts)"
no_proxy="${no_proxy//\*./.}"
export no_proxy NO_PROXY="$no_proxy"
}
LOG_FILE=/var/log/docker-cache-build.log
SHIPPED_LINES=0
SHIPPER=
open_log() {
exec 3>&1 >>"$LOG_FILE" 2>&1
tail -f -n +1 --pid="$$" "$LOG_FILE" >&3 &
}
start_shipping() {
rm -f "$RUN/log-is-complete"
keep_shipping &
SHIPPER=$!
}
keep_shipping() {
local seconds=0
trap - EXIT ERR
trap : INT TERM HUP
set +o errexit
until [[ -e "$RUN/log-is-complete" ]]; do
sleep 1
((++seconds % 10 != 0)) || ship_log
done
ship_log
}
end_shipping() {
[[ -n "$SHIPPER" ]] || return 0
: >"$RUN/log-is-complete"
wait "$SHIPPER"
}
ship_log() {
local shipped
[[ -n "$LOG_GROUP" && -n "$INSTANCE_ID" ]] || return 0
shipped="$(AWS_SECONDS=60 aws ship "$LOG_GROUP" "$INSTANCE_ID" "$LOG_FILE" "$SHIPPED_LINES")" || log "the log was not shipped"
SHIPPED_LINES="${shipped:-$SHIPPED_LINES}"
}
aws() {
python3 -I -S - "$@" <<'PY'
import base64, hashlib, hmac, http.client, io, json, os, random, signal, socket, ssl, sys, time
import urllib.error, urllib.parse, urllib.request
from xml.etree import ElementTree
METADATA = "http://169.254.169.254/latest/"
JSON_SERVICES = {
 "ecr": ("api.ecr", "AmazonEC2ContainerRegistry_V20150921"),
 "logs": ("logs", "Logs_20140328"),
 "secretsmanager": ("secretsmanager", "secretsmanager"),
 "ssm": ("ssm", "AmazonSSM"),
}
PASSING = {
 "BandwidthLimitExceeded", "EC2ThrottledException", "ExpiredToken", "ExpiredTokenException", "LimitExceededException",
 "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestExpired", "RequestLimitExceeded", "RequestThrottled",
 "RequestThrottledException", "RequestTimeout", "RequestTimeoutException", "SlowDown", "Throttling", "ThrottlingException", "ThrottledException",
 "TooManyRequestsException", "TransactionInProgressException",
}
ATTEMPTS = 8
OF_SNAPSHOTS = ["docker-cache:" + key for key in ("name", "architecture", "state", "build-id", "content", "store", "manifest")]
class Refused(Exception):
 def __init__(self, call, status, code, words):
  super().__init__(f"{call}: {status} {code}: {words}")
  self.status, self.code = status, code
def ask_metadata(path, method="GET", **headers):
 request = urllib.request.Request(METADATA + path, method=method, headers={f"X-aws-ec2-metadata-{key}": value for key, value in headers.items()})
 return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).read().decode()
def read_credentials():
 token = ask_metadata("api/token", "PUT", **{"token-ttl-seconds": "60"})
 path = "meta-data/iam/security-credentials/"
 credentials = json.loads(ask_metadata(path + ask_metadata(path, token=token).strip(), token=token))
 if "Token" not in credentials:
  raise OSError(f"no credentials of the instance's role: {credentials.get('Code')}")
 return credentials
def sign(service, region, headers, body, credentials, stamp):
 headers = {**headers, "x-amz-date": stamp, "x-amz-security-token": credentials["Token"]}
 names = ";".join(sorted(headers))
 canonical = "\n".join(["POST", "/", "", *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, hashlib.sha256(body).hexdigest()])
 scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
 text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
 key = ("AWS4" + credentials["SecretAccessKey"]).encode()
 for part in scope.split("/"):
  key = hmac.digest(key, part.encode(), "sha256")
 signature = hmac.new(key, text.encode(), "sha256").hexdigest()
 credential = f"Credential={credentials['AccessKeyId']}/{scope}"
 return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"}
def trust():
 context = ssl.create_default_context()
 context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
 return context
class Nested(io.RawIOBase):
 def __init__(self, sock, context, host):
  self.sock, self.come, self.go = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
  self.tls = context.wrap_bio(self.come, self.go, server_hostname=host)
  self.run(self.tls.do_handshake)
 def run(self, step, *words):
  while True:
   try:
    return step(*words)
   except ssl.SSLWantReadError:
    self.sock.sendall(self.go.read())
    self.come.write(self.sock.recv(65536)) or self.come.write_eof()
   finally:
    self.sock.sendall(self.go.read())
 def sendall(self, data):
  data = memoryview(data)
  while data:
   data = data[self.run(self.tls.write, data) :]
 def readinto(self, buffer):
  try:
   data = self.run(self.tls.read, len(buffer))
  except ssl.SSLZeroReturnError:
   data = b""
  buffer[: len(data)] = data
  return len(data)
 def readable(self):
  return True
 def makefile(self, *_):
  return io.BufferedReader(self)
 def close(self):
  pass
class Connection(http.client.HTTPSConnection):
 def connect(self):
  if not self._tunnel_host or not urllib.request.getproxies().get("https", "").startswith("https:"):
   return super().connect()
  straight = socket.create_connection((self.host, self.port), self.timeout)
  self.sock = self._context.wrap_socket(straight, server_hostname=self.host)
  self._tunnel()
  self.sock = Nested(self.sock, self._context, self._tunnel_host)
class Handler(urllib.request.HTTPSHandler):
 def https_open(self, request):
  return self.do_open(Connection, request, context=trust())
class NoRedirects(urllib.request.HTTPRedirectHandler):
 def redirect_request(self, *_):
  return None
def send(service, region, call, headers, body):
 host = f"{JSON_SERVICES.get(service, (service,))[0]}.{region}.{os.environ['DNS_SUFFIX']}"
 stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
 signed = sign(service, region, {**headers, "host": host}, body, read_credentials(), stamp)
 opener = urllib.request.build_opener(NoRedirects, Handler)
 try:
  return opener.open(urllib.request.Request(f"https://{host}/", body, signed), timeout=60).read()
 except urllib.error.HTTPError as error:
  raise Refused(call, error.code, *read_error(error.read())) from None
def read_error(body):
 try:
  if body.lstrip().startswith(b"<"):
   error = parse_xml(body).find(".//Error")
   return error.findtext("Code"), error.findtext("Message")
  fields = json.loads(body)
  return fields["__type"].rpartition("#")[2], fields.get("message", fields.get("Message", ""))
 except (AttributeError, KeyError, TypeError, ValueError, ElementTree.ParseError):
  return "Unknown", " ".join(body[:200].decode("utf-8", "replace").split())
def parse_xml(body):
 root = ElementTree.fromstring(body)
 for element in root.iter():
  element.tag = element.tag.rpartition("}")[2]
 return root
def ask(service, action, headers, body, region=None, once=False):
 for attempt in range(1, ATTEMPTS + 1):
  last = once or attempt == ATTEMPTS
  try:
   return send(service, region or os.environ["REGION"], f"{service}:{action}", headers, body)
  except Refused as refused:
   if last or refused.status < 500 and refused.status != 429 and refused.code not in PASSING:
    raise
  except (OSError, http.client.HTTPException) as error:
   if last:
    raise OSError(f"{service}:{action}: {error}") from None
  time.sleep(min(20, 2**attempt * random.random()))
def ask_json(service, action, region=None, **body):
 headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"{JSON_SERVICES[service][1]}.{action}"}
 return json.loads(ask(service, action, headers, json.dumps(body).encode(), region) or b"{}")
def ask_ec2(action, once=False, **parameters):
 body = urllib.parse.urlencode({"Action": action, "Version": "2016-11-15", **parameters}).encode()
 return parse_xml(ask("ec2", action, {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, body, once=once))
def number_tags(prefix, tags):
 return {f"{prefix}.{index}.{part}": text for index, tag in enumerate(tags, 1) for part, text in zip(("Key", "Value"), tag)}
def read_tags(element):
 return [(tag.findtext("key"), tag.findtext("value") or "") for tag in element.iterfind("tagSet/item")]
def find_volume(volume):
 return ask_ec2("DescribeVolumes", **{"VolumeId.1": volume}).find("volumeSet/item")
def find_snapshots(volume, **filters):
 found, token = [], None
 filters = {"Owner.1": "self", "Filter.1.Name": "volume-id", "Filter.1.Value.1": volume, **filters}
 while token != "":
  answer = ask_ec2("DescribeSnapshots", **filters, **({"NextToken": token} if token else {}))
  found += answer.iterfind("snapshotSet/item")
  token = answer.findtext("nextToken") or ""
 return found
def read_parameter(name):
 try:
  print(ask_json("ssm", "GetParameter", Name=name)["Parameter"]["Value"])
 except Refused as refused:
  if refused.code != "ParameterNotFound":
   raise
def read_parameters(path):
 found, token = [], {}
 while token is not None:
  answer = ask_json("ssm", "GetParametersByPath", Path=path, **token)
  found += answer["Parameters"]
  token = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else None
 for parameter in sorted(found, key=lambda parameter: parameter["Name"]):
  print(parameter["Value"])
def attach(volume, instance, device):
 try:
  ask_ec2("AttachVolume", VolumeId=volume, InstanceId=instance, Device=device)
  print("attached")
 except Refused as refused:
  if refused.code not in ("VolumeInUse", "IncorrectState"):
   raise
  print(refused.code)
def read_holder(volume):
 print(find_volume(volume).findtext("attachmentSet/item/instanceId") or "")
def read_state(instance):
 try:
  print(ask_ec2("DescribeInstances", **{"InstanceId.1": instance}).findtext(".//instanceState/name") or "")
 except Refused as refused:
  if refused.code not in ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"):
   raise
def read_volume_tags(volume):
 for tag in read_tags(find_volume(volume)):
  print(*tag, sep="\t")
def tag(resource, *tags):
 ask_ec2("CreateTags", **{"ResourceId.1": resource}, **number_tags("Tag", [tag.split("=", 1) for tag in tags]))
def read_snapshot_content(volume, name, architecture):
 built = [
  (snapshot.findtext("startTime"), tags.get("docker-cache:content", ""), tags.get("docker-cache:name"), tags.get("docker-cache:architecture"))
  for snapshot in find_snapshots(volume)
  for tags in [dict(read_tags(snapshot))]
  if snapshot.findtext("status") != "error" and not any(key.startswith("aws:") for key in tags)
 ]
 newest = max(built, key=lambda one: one[0], default=None)
 print(newest[1] if newest and newest[2:] == (name, architecture) else "")
def snapshot(volume, build, description):
 ours = {"Filter.2.Name": "tag:docker-cache:build-id", "Filter.2.Value.1": build}
 for found in find_snapshots(volume, **ours):
  return print(found.findtext("snapshotId"))
 tags = [tag for tag in read_tags(find_volume(volume)) if tag[0] in OF_SNAPSHOTS or not tag[0].startswith(("aws:", "docker-cache:"))]
 try:
  print(create_snapshot(volume, description, tags))
 except Refused as refused:
  if refused.code != "UnauthorizedOperation":
   raise
  print(f"docker-cache: AWS: {refused}", file=sys.stderr)
  print(create_snapshot(volume, description, [tag for tag in tags if tag[0] in OF_SNAPSHOTS]))
def create_snapshot(volume, description, tags):
 specification = {"TagSpecification.1.ResourceType": "snapshot", **number_tags("TagSpecification.1.Tag", tags)}
 return ask_ec2("CreateSnapshot", once=True, VolumeId=volume, Description=description, **specification).findtext("snapshotId")
def ship(group, stream, path, first):
 lines = open(path, "rb").read().split(b"\n")[:-1]
 sent = int(first)
 try:
  while sent < len(lines):
   batch, size = [], 0
   for line in lines[sent : sent + 500]:
    text = line.decode("utf-8", "replace")[:4000] or " "
    size += len(text.encode()) + 26
    if batch and size > 500_000:
     break
    batch.append(text)
   put_events(group, stream, batch)
   sent += len(batch)
 finally:
  print(sent)
def publish(group, stream, path):
 put_events(group, stream, [open(path).read()])
def put_events(group, stream, messages):
 events = [{"timestamp": int(time.time() * 1000), "message": message} for message in messages]
 try:
  ask_json("logs", "PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)
 except Refused as refused:
  if refused.code != "ResourceNotFoundException":
   raise
  make_stream(group, stream)
  ask_json("logs", "PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)
def make_stream(group, stream):
 try:
  ask_json("logs", "CreateLogStream", logGroupName=group, logStreamName=stream)
 except Refused as refused:
  if refused.code != "ResourceAlreadyExistsException":
   raise
def login_ecr(host, region):
 answer = ask_json("ecr", "GetAuthorizationToken", region)
 add_login(host, answer["authorizationData"][0]["authorizationToken"])
def login_secret(host, secret):
 text = ask_json("secretsmanager", "GetSecretValue", SecretId=secret).get("SecretString", "")
 try:
  fields = json.loads(text)
  login = f"{fields.get('username', 'token')}:{fields.get('password') or fields['accessToken']}"
 except (AttributeError, KeyError, ValueError):
  raise OSError(f"the secret for {host} must be JSON with username and password, or accessToken") from None
 add_login(host, base64.b64encode(login.encode()).decode())
def add_login(host, login):
 path = os.path.join(os.environ["DOCKER_CONFIG"], "config.json")
 config = json.load(open(path)) if os.path.exists(path) else {}
 key = "https://index.docker.io/v1/" if host in ("docker.io", "index.docker.io", "registry-1.docker.io") else host
 config.setdefault("auths", {})[key] = {"auth": login}
 os.umask(0o077)
 with open(path + ".new", "w") as file:
  json.dump(config, file)
 os.replace(path + ".new", path)
class TimeIsUp(BaseException):
 pass
def give_up(*_):
 raise TimeIsUp(f"no end within {os.environ.get('AWS_SECONDS', '300')} s")
OPERATIONS = {
 function.__name__.replace("_", "-"): function
 for function in (
  attach, login_ecr, login_secret, publish, read_holder, read_parameter, read_parameters, read_snapshot_content, read_state, read_volume_tags, ship, snapshot, tag,
 )
}
def main(operation, *words):
 signal.signal(signal.SIGALRM, give_up)
 signal.alarm(int(os.environ.get("AWS_SECONDS", "300")))
 try:
  OPERATIONS[operation](*words)
 except (Refused, OSError, http.client.HTTPException, TimeIsUp) as error:
  sys.exit(f"docker-cache: AWS: {error}")
if __name__ == "__main__":
 main(*sys.argv[1:])
PY
}
write_summary() {
python3 -I -S - "$@" <<'PY'
import json, sys
outcome, images, used, snapshot, failure, *steps = sys.argv[1:]
summary = {
 "outcome": outcome,
 "seconds": dict(zip(steps[::2], map(int, steps[1::2]))),
 "images": int(images) if images else None,
 "bytes": int(used) if used else None,
 "snapshot": snapshot or None,
 "failure": " ".join(failure.encode(errors="replace").decode().split())[:500] or None,
}
print(json.dumps(summary))
PY
}
main() {
trap end_build EXIT
mkdir -p "$RUN"
rm -f -- "$RUN/failure"
open_log
decode_settings "${COMMON_SETTINGS[@]}" "${BUILDER_SETTINGS[@]}" || fail "the settings are not whole"
trap 'STORE_DOUBT=; exit 143' INT TERM HUP
trap 'report_error "$LINENO" "$BASH_COMMAND"' ERR
arm_watchdog
export_proxy
read_instance
start_shipping
step 'reading the second half of the script' read_script
source "$RUN/build.sh"
build
}
read_script() {
aws read-parameters "$SCRIPT_PARAMETER_PATH" | base64 -d | gunzip >"$RUN/build.sh" || true
[[ "$(sha256sum <"$RUN/build.sh")" == "$SCRIPT_SHA256  -" ]] ||
fail "the parameters below $SCRIPT_PARAMETER_PATH are not the script with the SHA-256 $SCRIPT_SHA256: start another build if Terraform has just replaced them, else apply the builder again"
}
set -o errexit -o nounset -o pipefail -o errtrace
main "$@"
