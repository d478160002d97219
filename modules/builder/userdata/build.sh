# shellcheck shell=bash
# Made of lib/userdata/{shared,builder}/*, where the comments are.
name_mount_options() { if [[ "$1" == xfs ]]; then printf noatime,nouuid; else printf noatime,errors=remount-ro; fi; }
mount_read_only() {
mkdir -p -- "$3"
mount --read-only --options "norecovery,nodev,nosuid,noexec,$(name_mount_options "$2")" --types "$2" "$1" "$3"
}
mount_read_write() {
mkdir -p "$MOUNT_POINT"
mount --read-write --make-private --options "$(name_mount_options "$2")$DOCKER_QUOTA" --types "$2" "$1" "$MOUNT_POINT" && chmod 700 "$MOUNT_POINT"
}
read_small() { [[ -f "$1" && ! -L "$1" && ! -L "${1%/*}" ]] && head -c "${2:-1048576}" -- "$1"; }
grow_file_system() {
if [[ "$2" == xfs ]]; then xfs_growfs "$MOUNT_POINT" >/dev/null; else resize2fs "$1" &>/dev/null; fi
}
DAEMON_JSON=/etc/docker/daemon.json
CONTAINERD_TOML=/etc/containerd/config.toml
MOUNT_INFO=/proc/self/mountinfo
DOCKER_QUOTA=''
find_docker_roots() {
local settings
local -a paths=()
read_unit docker.service
DOCKER_FLAGS="${DOCKER_FLAGS// -s/ --storage-driver }" DOCKER_UNFIT='' DOCKER_QUOTA=''
[[ ! "$DOCKER_FLAGS" =~ \ --config-file[=\ ]([^\ ]+) ]] || DAEMON_JSON="${BASH_REMATCH[1]}"
[[ ! "$(read_text "$DAEMON_JSON")" =~ \\|data-root|graph|userns|storage-opts ]] ||
mapfile -t paths < <(docker_config "$DAEMON_JSON" "$IMAGE_STORE" "$DOCKER_FLAGS")
DOCKER_ROOT="${paths[0]:-/var/lib/docker}" settings="$DOCKER_FLAGS${paths[1]:-}"
[[ ! "$DOCKER_FLAGS" =~ \ (--data-root|--graph|-g)[=\ ]?([^\ ]+) ]] || DOCKER_ROOT="${BASH_REMATCH[2]}"
[[ "$settings" != *--userns-remap* ]] || DOCKER_UNFIT='userns-remap is set: Docker then keeps its images in a folder of its own, with other owners'
[[ "$IMAGE_STORE" != overlay2 || "$settings" != *overlay2.size* ]] || DOCKER_QUOTA=,pquota
find_containerd_root
mapfile -t paths < <(realpath -m -- "$DAEMON_JSON" "$DOCKER_ROOT" "$CONTAINERD_ROOT")
DAEMON_JSON="${paths[0]}" DOCKER_ROOT="${paths[1]}" CONTAINERD_ROOT="${paths[2]}"
}
find_containerd_root() {
local config="$CONTAINERD_TOML" named=$'\n'" *[\"']?(root|imports)" dumped=$'\n'"root = [\"']([^\"']+)" DOCKER_LOADED DOCKER_STATE DOCKER_FLAGS
CONTAINERD_ROOT=/var/lib/containerd
[[ "$IMAGE_STORE" == containerd ]] || return 0
read_unit containerd.service
[[ ! "$DOCKER_FLAGS" =~ \ (--config|-c)[=\ ]([^\ ]+) ]] || config="${BASH_REMATCH[2]}"
[[ ! $'\n'"$(read_text "$config")" =~ $named || ! $'\n'"$(containerd --config "$config" config dump)" =~ $dumped ]] ||
CONTAINERD_ROOT="${BASH_REMATCH[1]}"
[[ ! "$DOCKER_FLAGS" =~ \ --root[=\ ]([^\ ]+) ]] || CONTAINERD_ROOT="${BASH_REMATCH[1]}"
}
read_unit() {
local name line text=''
DOCKER_LOADED='' DOCKER_STATE='' DOCKER_FLAGS=''
while IFS='=' read -r name line; do
case "$name" in
LoadState) DOCKER_LOADED="$line" ;;
ActiveState) DOCKER_STATE="$line" ;;
ExecStart) DOCKER_FLAGS="$line" ;;
Environment) text+="${line//[\" ]/$'\n'}"$'\n'"${line//\"/$'\n'}"$'\n' ;;
EnvironmentFiles) for name in $line; do text+="$(read_text "$name")"$'\n'; done ;;
esac
done < <(systemctl show -p LoadState,ActiveState,ExecStart,Environment,EnvironmentFiles "$1" 2>/dev/null)
while IFS='= ' read -r name line; do
line="${line//[\"\'\\]/}"
DOCKER_FLAGS="${DOCKER_FLAGS//" \$$name "/" $line "}"
DOCKER_FLAGS="${DOCKER_FLAGS//"\${$name}"/"$line"}"
done < <(tac <<<"${text//\\$'\n'/}")
}
read_text() { [[ ! -r "$1" ]] || cat "$1"; }
bind_folder() {
mkdir -p "$1" "$2"
mount --bind "$1" "$2"
}
bind_docker_roots() {
is_on_cache_volume "$DOCKER_ROOT" || bind_folder "$MOUNT_POINT/docker" "$DOCKER_ROOT"
[[ "$IMAGE_STORE" == overlay2 ]] || is_on_cache_volume "$CONTAINERD_ROOT" || bind_folder "$MOUNT_POINT/containerd" "$CONTAINERD_ROOT"
}
is_on_cache_volume() {
local device point cache='' found=''
while read -r _ _ device _ point _; do
point="${point//\\040/ }"
[[ "$point" != "$MOUNT_POINT" ]] || cache="$device"
[[ "$point" != "$1" ]] || found="$device"
done <"$MOUNT_INFO"
[[ -n "$cache" && "$found" == "$cache" ]]
}
is_root_cached() {
case "$IMAGE_STORE ${1#*|}" in
overlay2\ overlay2\ * | containerd\ *io.containerd.snapshotter*) is_on_cache_volume "$(realpath -m -- "${1%%|*}")" && return ;;
esac
log "Docker's root and image store: $1"
return 1
}
docker_config() {
python3 -I -S - "$@" <<'PY'
import json, os, re, sys
path, store, flags, *more = sys.argv[1:]
text = open(path, encoding="utf-8-sig").read() if os.path.exists(path) else ""
config = json.loads(text or "{}")
options = config.get("storage-opts", [])
if not more:
 print(config.get("data-root") or config.get("graph") or "")
 print(config.get("userns-remap") and "--userns-remap", *options)
 sys.exit()
config["storage-driver"] = "" if store == "containerd" else store
config["storage-opts"] = [option for option in options if option.lower().startswith("overlay2.")]
if config["storage-opts"] != options:
 print("only options of overlay2 remain of", *options, file=sys.stderr)
config.setdefault("features", {})["containerd-snapshotter"] = store == "containerd"
config.update(json.loads(more[0]))
for key in [*config]:
 if re.search(f" --{key.rstrip('s')}s?[= ]", flags) or "storage" in key and not config[key]:
  del config[key]
print(json.dumps(config, indent=2, sort_keys=True))
PY
}
keep_sealed() {
local folder
local -a kept=()
for folder in "" /docker{,/image{,/overlay2},/overlay2} /containerd{,/io.containerd.{content.v1.content,metadata.v1.bolt,snapshotter.v1.overlayfs}} /.docker-cache; do
folder="$MOUNT_POINT$folder"
[[ -e "$folder" || -L "$folder" ]] || continue
[[ -d "$folder" && ! -L "$folder" && -O "$folder" ]] || {
log "$folder is no folder of root's"
return 1
}
kept+=("$folder")
done
chmod go= "${kept[@]}" || return
if [[ "$IMAGE_STORE" == containerd ]]; then
remove_all_but docker || return
remove_all_but containerd io.containerd.content.v1.content io.containerd.metadata.v1.bolt io.containerd.snapshotter.v1.overlayfs || return
else
remove_all_but docker image overlay2 || return
rm -f -- "$MOUNT_POINT"/docker/overlay2/backingFsBlockDev{,.tmp} || return
remove_all_but docker/image overlay2 || return
remove_all_but docker/image/overlay2/layerdb sha256 || return
fi
remove_all_but . docker containerd .docker-cache lost+found
}
remove_all_but() {
local folder="$MOUNT_POINT/$1" name
local -a keep=()
shift
[[ -d "$folder" ]] || return 0
for name in "$@"; do keep+=(! -name "$name"); done
find "$folder" -xdev -mindepth 1 -maxdepth 1 "${keep[@]}" -exec rm --recursive --force --one-file-system -- {} +
}
pin_image_store() {
local new="$DAEMON_JSON.new" is_containerd=true more=''
mkdir -p "${DAEMON_JSON%/*}"
if [[ -e "$DAEMON_JSON" || "$1" != '{}' || "$DOCKER_FLAGS" == *" --"@(storage-driver|feature)* ]]; then
docker_config "$DAEMON_JSON" "$IMAGE_STORE" "$DOCKER_FLAGS" "$1" >"$new" || return
else
[[ "$IMAGE_STORE" == containerd ]] || is_containerd=false more=$',\n  "storage-driver": "overlay2"'
printf '{\n  "features": {\n    "containerd-snapshotter": %s\n  }%s\n}\n' "$is_containerd" "$more" >"$new" || return
fi
if [[ -e "$DAEMON_JSON" ]]; then
cmp -s "$new" "$DAEMON_JSON" || [[ "$(dockerd --help)" != *--validate* ]] || dockerd --validate --config-file "$new" || return
chmod --reference="$DAEMON_JSON" "$new" || return
fi
[[ -z "${2:-}" ]] || "$2" "$new" || return
mv "$new" "$DAEMON_JSON"
}
build() {
step 'passing the replication gate' pass_gate
step 'installing what the image lacks' prepare_system
step 'attaching the cache volume' take_volume
step 'resolving digests' resolve_content
step 'preparing the volume' open_volume
step 'pulling' pull_all
step 'proving' prove_images
step 'sealing the volume' seal_volume
step 'creating the snapshot' snapshot_volume
}
pass_gate() {
is_gate_open "$(date -u +%H:%M)" "$REPLICATE_AT" "$WATCHDOG_MINUTES" || yield_field "the volume is replicated at $REPLICATE_AT UTC"
}
prepare_system() {
quiet_ecs_agent
install_missing
configure_docker_proxy
check_engine
}
take_volume() {
attach_volume
find_disk
read_volume_tags
inspect_volume
}
resolve_content() {
read_images
login_registries
start_docker_to_ask
resolve_images
decide_build
}
open_volume() {
tag_volume state building build-id "$INSTANCE_ID"
install_pigz
stop_docker
prepare_volume
start_docker
}
is_gate_open() {
[[ -n "$2" ]] || return 0
local since=$(((10#${1%:*} * 60 + 10#${1#*:} - 10#${2%:*} * 60 - 10#${2#*:} + 1440) % 1440))
((since > 70 && 1440 - since > $3))
}
OS_RELEASE=/etc/os-release
read_distribution() {
local key value id='' version=''
while IFS='=' read -r key value; do
case "$key" in
ID) id="${value//\"/}" ;;
VERSION_ID) version="${value//\"/}" ;;
esac
done <"$OS_RELEASE"
DISTRIBUTION="$id $version"
}
list_missing_packages() {
local pair
local -a wanted=(curl:curl mkfs.xfs:xfsprogs mkfs.ext4:e2fsprogs)
case "$DISTRIBUTION" in
'amzn 2' | 'amzn 201'*) fail "this image is Amazon Linux ${DISTRIBUTION#* }, which is no longer supported: expected Amazon Linux 2023" ;;
'amzn '*) wanted+=(dockerd:docker docker:docker) ;;
ubuntu* | 'debian 12') wanted+=(dockerd:docker.io docker:docker.io) ;;
debian*) wanted+=(dockerd:docker.io docker:docker-cli) ;;
*) fail "this image is $DISTRIBUTION: expected Amazon Linux 2023, Ubuntu 22.04 or later, Debian 12 or later" ;;
esac
for pair in "${wanted[@]}"; do command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"; done | sort -u
}
install_missing() {
local -a packages
read_distribution
quiet_updates
list_missing_packages >"$RUN/packages"
mapfile -t packages <"$RUN/packages"
if ((${#packages[@]} > 0)); then
log "installing ${packages[*]}"
[[ "$DISTRIBUTION" == amzn* ]] || retry 4 apt-get --quiet --quiet update || fail "the package lists could not be updated"
retry 4 install_packages "${packages[@]}" || fail "these packages could not be installed: ${packages[*]}"
fi
}
install_packages() {
if [[ "$DISTRIBUTION" == amzn* ]]; then
dnf --assumeyes --quiet install "$@"
else
apt-get --quiet --quiet --yes --no-install-recommends --option DPkg::Lock::Timeout=300 install "$@"
fi
}
install_pigz() { command -v unpigz >/dev/null || install_packages pigz || log "going on without pigz"; }
quiet_updates() {
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
[[ "$DISTRIBUTION" == amzn* ]] ||
systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service 2>/dev/null || true
}
retry() {
local times="$1" attempt
shift
for ((attempt = 1; ; attempt++)); do
"$@" && return
((attempt < times)) || return 1
log "attempt $attempt of $times failed: $1"
sleep $((attempt * attempt * 3))
done
}
quiet_ecs_agent() {
systemctl mask --runtime --now ecs.service 2>/dev/null || true
}
check_engine() {
find_docker_roots
[[ "$DOCKER_LOADED $DOCKER_STATE" != not-found* ]] || fail "this image has no docker.service"
[[ -z "$DOCKER_UNFIT" ]] || fail "$DOCKER_UNFIT: workers refuse it too"
[[ -z "$DOCKER_QUOTA" || "$FILE_SYSTEM" == xfs ]] ||
fail "storage-opts overlay2.size is set, which needs XFS, and the cache volume has $FILE_SYSTEM: leave it out, or take volume.file_system: xfs"
ENGINE_MAJOR="$(read_engine_major)"
[[ "$IMAGE_STORE" == overlay2 ]] || ((ENGINE_MAJOR >= 24)) ||
fail "containerd's image store needs Docker 24 or later, this image has $ENGINE_MAJOR"
}
stop_docker() {
systemctl stop docker.socket docker.service containerd.service
! systemctl is-active --quiet docker.service || fail "Docker does not stop"
}
start_docker() {
local problem
bind_docker_roots
problem="$(pin_image_store "{\"max-concurrent-downloads\": $((3 * PARALLEL_PULLS))}" 2>&1)" ||
fail "daemon.json cannot be changed: ${problem##*$'\n'}"
[[ -z "$problem" ]] || log "$problem"
launch_docker 'the cache volume'
check_docker_root || fail "Docker does not keep its images on the cache volume"
}
launch_docker() {
systemctl reset-failed docker.service docker.socket containerd.service 2>/dev/null || true
systemctl start docker.service || fail "Docker does not start on $1: $(read_docker_reason)"
}
read_docker_reason() {
local line
line="$(timeout 10 journalctl --quiet --no-pager --boot --lines 1 --output cat _SYSTEMD_UNIT=docker.service)" || true
line="${line//[^[:print:]]/ }"
printf %.500s "${line:-dockerd has logged nothing}"
}
remove_unlisted_names() {
local name
while read -r name; do
[[ "$name" == *'<none>'* ]] || is_local_name "$name" || docker image rm --force "$name" >/dev/null
done < <(docker image ls --format '{{.Repository}}:{{.Tag}}'; docker image ls --digests --format '{{.Repository}}@{{.Digest}}')
}
is_local_name() {
local index
for index in "${!REFERENCES[@]}"; do
[[ "$1" != "${LOCAL_NAMES[index]}" && ! ("$1" == *@* && "${LOCAL_NAMES[index]%%[@:]*}" == "${1%@*}") ]] || return 0
done
return 1
}
remove_unlisted_images() {
local id wanted
wanted="$(for_each_image docker image inspect --format '{{.Id}}' | sort -u)"
while read -r id; do
[[ -z "$id" ]] || docker image rm --force "$id" >/dev/null || log "not removed: $id"
done < <(comm -13 <(printf '%s\n' "$wanted") <(docker image ls --all --quiet --no-trunc | sort -u))
}
for_each_image() {
local index
local -a names=()
for index in "${!REFERENCES[@]}"; do names+=("${LOCAL_NAMES[index]}"); done
"$@" "${names[@]}"
}
read_engine_major() {
local version
version="$(dockerd --version)"
[[ "$version" =~ version\ ([0-9]+)\. ]]
echo "${BASH_REMATCH[1]}"
}
check_docker_root() { is_root_cached "$(docker info --format '{{.DockerRootDir}}|{{.Driver}} {{.DriverStatus}}')"; }
declare -a REFERENCES=() OPTIONAL=() WHOLE=() SMOKE=() DIGESTS=() SOURCES=() LOCAL_NAMES=() ORIGINALS=() NOTES=()
read_images() {
local lines line
lines="$(aws read-parameters "$IMAGES_PARAMETER_PATH")"
while IFS= read -r line; do add_image "$line"; done < <(sort -u <<<"$lines")
((${#REFERENCES[@]} > 0)) || fail "no images below the parameter path $IMAGES_PARAMETER_PATH"
log "${#REFERENCES[@]} images are configured"
}
add_image() {
[[ -n "$1" ]] || return 0
[[ "$1" =~ ^([^[:space:]]+)(\ optional)?(\ warm=whole)?(\ smoke=([^[:space:]][^$'\r']*))?$ ]] ||
fail "an image line is REFERENCE[ optional][ warm=whole][ smoke=COMMAND], found: $1"
REFERENCES+=("${BASH_REMATCH[1]}")
OPTIONAL+=("${BASH_REMATCH[2]:+yes}")
WHOLE+=("${BASH_REMATCH[3]:+yes}")
SMOKE+=("${BASH_REMATCH[5]}")
}
drop_image() {
[[ -n "${OPTIONAL[$1]}" ]] || fail "${REFERENCES[$1]}: $2"
log "left out, since it is optional: ${REFERENCES[$1]}: $2"
unset "REFERENCES[$1]"
}
login_registries() {
local host secret
export DOCKER_CONFIG="$RUN/docker-config"
mkdir -p "$DOCKER_CONFIG"
[[ "$(findmnt --noheadings --output FSTYPE --target "$DOCKER_CONFIG")" == tmpfs ]] ||
mount --types tmpfs --options mode=700,size=1m tmpfs "$DOCKER_CONFIG"
chmod 700 "$DOCKER_CONFIG"
while read -r host; do
[[ -z "$host" ]] || aws login-ecr "$host" "$(read_ecr_region "$host")"
done < <(list_ecr_hosts)
login_pull_through
while read -r host secret; do
[[ -z "$host" ]] || aws login-secret "$host" "$secret"
done <<<"$REGISTRY_LOGINS"
}
ECR_HOST='([0-9]{12})[.]dkr[.-]ecr(-fips)?[.]([a-z0-9-]+)[.](DNS_SUFFIX|on[.]aws|on[.]amazonwebservices[.](com[.]cn|eu))'
read_ecr_region() {
[[ "$1" =~ ^${ECR_HOST/DNS_SUFFIX/${DNS_SUFFIX//./[.]}}$ ]] || return 1
printf %s "${BASH_REMATCH[3]}"
}
list_ecr_hosts() {
local reference
for reference in "${REFERENCES[@]}"; do ! read_ecr_region "${reference%%/*}" >/dev/null || printf '%s\n' "${reference%%/*}"; done | sort -u
}
login_pull_through() {
local own
own="$(name_own_registry)"
[[ -n "$PULL_THROUGH" && $'\n'"$(list_ecr_hosts)"$'\n' != *$'\n'"$own"$'\n'* ]] || return 0
AWS_SECONDS=60 aws login-ecr "$own" "$REGION" || {
log "going on without the pull-through cache: there is no login for $own"
PULL_THROUGH=''
}
}
name_own_registry() { printf '%s.dkr.ecr.%s.%s\n' "$ACCOUNT_ID" "$REGION" "$DNS_SUFFIX"; }
DOCKER_SOCKET=/var/run/docker.sock
start_docker_to_ask() {
[[ -z "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || stop_docker
launch_docker 'the root disk'
}
resolve_images() {
local index digest source name original note own=''
[[ -z "$PULL_THROUGH" ]] || own="$(name_own_registry)"
PULL_THROUGH="$PULL_THROUGH" WATCHDOG_MINUTES="$WATCHDOG_MINUTES" resolve_references "$DOCKER_SOCKET" "$own" "${REFERENCES[@]}" >"$RUN/resolved"
index=0
while IFS=$'\t' read -r digest source name original note; do
DIGESTS[index]="$digest" SOURCES[index]="$source" LOCAL_NAMES[index]="$name" ORIGINALS[index]="$original" NOTES[index]="$note"
[[ -z "$note" ]] || log "${REFERENCES[index]}: $note"
[[ "$digest" == sha256:* ]] || drop_image "$index" "$name"
index=$((index + 1))
done <"$RUN/resolved"
}
resolve_references() {
python3 -I -S - "$@" <<'PY'
import base64, concurrent.futures, http.client, json, os, re, socket, sys, threading, time, urllib.parse
CALL_SECONDS = 60
ALL_SECONDS = 600
PAUSE_SECONDS = (0, 3, 6, 12, 24)
ORIGINAL_SECONDS = 10
ECR_SECONDS = min(300, int(os.environ["WATCHDOG_MINUTES"]) * 15)
SOCKET, own, *references = sys.argv[1:]
began = time.monotonic()
class Problem(Exception):
 pass
class Final(Problem):
 pass
class Limited(Problem):
 pass
class Stalled(Problem):
 pass
class Daemon(http.client.HTTPConnection):
 def connect(self):
  self.sock = socket.socket(socket.AF_UNIX)
  self.sock.settimeout(self.timeout)
  self.sock.connect(SOCKET)
def read_logins():
 try:
  with open(os.environ["DOCKER_CONFIG"] + "/config.json", encoding="utf-8") as file:
   return json.load(file).get("auths", {})
 except FileNotFoundError:
  return {}
logins = read_logins()
def parse(reference):
 name, _, digest = reference.partition("@")
 head, slash, tail = name.partition("/")
 known = slash and (re.search(r"[.:A-Z]", head) or head == "localhost")
 host, path = (head, tail) if known else ("docker.io", name)
 path, _, tag = path.partition(":")
 if host in ("docker.io", "index.docker.io"):
  host, path = "docker.io", path if "/" in path else "library/" + path
 familiar = re.sub("^library/([^/]+)$", r"\1", path) if host == "docker.io" else host + "/" + path
 return host, path, digest or tag or "latest", familiar + ("@" + digest if digest else ":" + (tag or "latest"))
def spell(name):
 return re.sub("^(index[.]docker[.]io|registry-1[.]docker[.]io|registry[.]hub[.]docker[.]com)(?=/|$)", "docker.io", name)
through = sorted(((spell(key) + "/", prefix + "/") for key, prefix in map(str.split, filter(str.strip, os.environ["PULL_THROUGH"].splitlines()))), key=lambda pair: -len(pair[0]))
def find_cached(host, path):
 name = "" if host == own else spell(f"{host}/{path}")
 return next((prefix + name[len(key):] for key, prefix in through if name.startswith(key)), None)
def find_login(host):
 key = "https://index.docker.io/v1/" if host == "docker.io" else host
 if key not in logins:
  return None
 try:
  user, _, password = base64.b64decode(logins[key]["auth"], validate=True).decode().partition(":")
 except (KeyError, TypeError, ValueError):
  user = password = ""
 if not user or not password:
  raise Final(f"the login for {host} is not base64 of USER:PASSWORD in UTF-8: check the secret that is configured for this registry")
 return {"username": user, "password": password, "serveraddress": key}
def ask(name, login, seconds):
 connection = Daemon("docker", timeout=seconds)
 headers = {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login).encode()).decode()} if login else {}
 try:
  connection.request("GET", f"/distribution/{urllib.parse.quote(name, safe='/:@')}/json", headers=headers)
  answer = connection.getresponse()
  return answer.status, json.loads(answer.read())
 except socket.timeout:
  raise Stalled(f"no answer within {seconds} s") from None
 except ValueError:
  raise Problem("an answer that is no JSON") from None
 finally:
  connection.close()
def find_digest(name, wanted, login, seconds):
 is_digest = ":" in wanted
 status, answer = ask(f"{name}{'@' if is_digest else ':'}{wanted}", login, seconds)
 if status != 200:
  kind = Limited if status == 429 else Final if 400 <= status < 500 else Problem
  raise kind(f"{status}: {answer['message']}")
 digest = answer["Descriptor"]["digest"]
 if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
  raise Final(f"the digest is {digest}: expected sha256: and 64 hex digits")
 if is_digest and digest != wanted:
  raise Final(f"the digest is {digest}: expected the one of the reference")
 return digest
def describe(error, login):
 text = str(error) or type(error).__name__
 if login:
  pair = f"{login['username']}:{login['password']}"
  for secret in (login["password"], base64.b64encode(pair.encode()).decode()):
   text = text.replace(secret, "...")
 return "dockerd: " + "".join(letter if letter.isprintable() else " " for letter in text)[:500]
def ask_once(host, path, wanted, seconds):
 login = None
 try:
  login = find_login(host)
  return find_digest(f"{host}/{path}", wanted, login, seconds)
 except Exception as error:
  kind = type(error) if isinstance(error, Problem) else Problem
  raise kind(describe(error, login)) from None
def ask_patiently(host, path, wanted, limit=ALL_SECONDS, after_stalls=True):
 problem = Problem(f"dockerd was not asked: others took {limit} s")
 for pause in PAUSE_SECONDS:
  time.sleep(pause)
  if time.monotonic() - began > limit:
   break
  try:
   return ask_once(host, path, wanted, CALL_SECONDS)
  except Final:
   raise
  except Problem as error:
   problem = error
   if isinstance(error, Stalled) and not after_stalls:
    break
 raise problem
def ask_ecr(path, wanted):
 return ask_patiently(own, path, wanted, ECR_SECONDS, False)
class Original:
 def __init__(self):
  self.lock, self.is_known, self.problem = threading.Lock(), False, None
 def ask(self, *question):
  with self.lock:
   if not self.is_known:
    self.is_known = True
    return self.ask_now(*question)
  if self.problem:
   raise self.problem
  return self.ask_now(*question)
 def ask_now(self, *question):
  try:
   return ask_once(*question, ORIGINAL_SECONDS)
  except (Final, Limited):
   raise
  except Problem as problem:
   self.problem = problem
   raise
originals = {parse(reference)[0]: Original() for reference in references}
def ask_instead(host, path, wanted, why):
 try:
  return ask_patiently(host, path, wanted), f"{host}/{path}", f"from {host}, not through ECR: {why}"
 except Problem as problem:
  raise Problem(f"ECR: {why}; {host}: {problem}") from None
def resolve_tag(host, path, tag, cached):
 digest = problem = None
 try:
  digest = originals[host].ask(host, path, tag)
 except Problem as error:
  problem = error
 try:
  found = ask_ecr(cached, tag)
 except Problem as error:
  return (digest, f"{host}/{path}", f"from {host}, not through ECR: {error}") if digest else ask_instead(host, path, tag, error)
 if not digest:
  return found, f"{own}/{cached}", f"the tag as ECR has it, which may be old: {host}: {problem}"
 if digest != found:
  return digest, f"{host}/{path}", f"from {host}, not through ECR, which has an older or another image of this tag: {found}"
 return digest, f"{own}/{cached}", ""
def resolve_pinned(host, path, digest, tag, cached):
 try:
  try:
   return ask_ecr(cached, digest), f"{own}/{cached}", ""
  except Final:
   found = tag and ask_ecr(cached, tag)
   if found != digest:
    raise
   return digest, f"{own}/{cached}", ""
 except Problem as error:
  return ask_instead(host, path, digest, error)
def resolve(reference):
 host, path, wanted, familiar = parse(reference)
 cached = find_cached(host, path)
 try:
  if not cached:
   digest, source, note = ask_patiently(host, path, wanted), f"{host}/{path}", ""
  elif ":" in wanted:
   tag = re.search(":([^:/@]+)@", reference)
   digest, source, note = resolve_pinned(host, path, wanted, tag and tag.group(1), cached)
  else:
   digest, source, note = resolve_tag(host, path, wanted, cached)
 except Problem as problem:
  return f"-\t-\t{problem}"
 return "\t".join((digest, source, familiar, f"{host}/{path}", note))
with concurrent.futures.ThreadPoolExecutor(8) as pool:
 for result in pool.map(resolve, references):
  print(result)
PY
}
compute_content() {
local index
{
for index in "${!REFERENCES[@]}"; do printf '%s %s\n' "${REFERENCES[index]}" "${DIGESTS[index]}"; done | LC_ALL=C sort
printf '%s\n' "linux/${CACHE_ARCHITECTURE/x86_64/amd64}" "$IMAGE_STORE" "$ENGINE_MAJOR" "$MANIFEST_VERSION"
} | hash_input
}
decide_build() {
CONTENT="$(compute_content)"
IMAGE_COUNT="${#REFERENCES[@]}"
local rejected
if [[ "$ASKED_FOUND" == "$CONTENT" && -n "${VOLUME_TAGS[docker-cache:content]:-}" ]]; then CONTENT="${VOLUME_TAGS[docker-cache:content]}"; fi
rejected="$(aws read-parameter "$REJECTED_PARAMETER")"
if [[ $'\n'"$rejected"$'\n' == *$'\n'"$CONTENT"$'\n'* ]]; then
end_checked "this content was rejected: $CONTENT"
elif is_volume_current && [[ "$(aws read-snapshot-content "$CACHE_VOLUME_ID" "$CACHE_NAME" "$CACHE_ARCHITECTURE")" == "$CONTENT" ]]; then
end_checked "nothing to do: volume and snapshot bear this content: $CONTENT"
fi
}
end_checked() {
log "$*"
tag_volume checked "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
OUTCOME=checked
exit 0
}
is_volume_current() {
[[ -z "$FORMAT_REASON" && -n "$MANIFEST_FOUND" && "${VOLUME_TAGS[docker-cache:state]:-}" == ready &&
"${VOLUME_TAGS[docker-cache:content]:-}" == "$CONTENT" && "${VOLUME_TAGS[docker-cache:manifest]:-}" == "$MANIFEST_FOUND" ]]
}
declare -A VOLUME_TAGS=()
attach_volume() {
local answer holder until=$((SECONDS + WATCHDOG_MINUTES * 30))
while
answer="$(aws attach "$CACHE_VOLUME_ID" "$INSTANCE_ID" "$DEVICE_NAME")" || fail "the cache volume $CACHE_VOLUME_ID cannot be attached"
[[ "$answer" != attached ]]
do
holder="$(aws read-holder "$CACHE_VOLUME_ID")"
[[ "$holder" != "$INSTANCE_ID" ]] || break
if [[ "$holder" == i-* ]] && is_instance_alive "$holder"; then yield_field "$holder is building"; fi
((SECONDS < until)) || fail "the cache volume did not become free of $holder: $answer"
sleep 5
done
}
is_instance_alive() {
local state
state="$(aws read-state "$1")" || fail "the state of $1 cannot be read"
[[ "$state" == pending || "$state" == running || "$state" == stop* ]]
}
find_disk() {
local path serial until=$((SECONDS + 120))
DISK=
while [[ -z "$DISK" ]]; do
for path in "$SYS_BLOCK"/*; do
[[ -r "$path/device/serial" ]] || continue
read -r serial <"$path/device/serial" || true
[[ "$serial" != "${CACHE_VOLUME_ID/-/}" ]] || DISK="/dev/${path##*/}"
done
((SECONDS < until)) || fail "no disk has the serial number ${CACHE_VOLUME_ID/-/}: builders need an instance type with NVMe (Nitro)"
[[ -e "${DISK:-none}" ]] || sleep 0.5
done
log "$CACHE_VOLUME_ID is $DISK"
}
read_volume_tags() {
local key value lines
lines="$(aws read-volume-tags "$CACHE_VOLUME_ID")"
VOLUME_TAGS=()
while IFS=$'\t' read -r key value; do [[ -z "$key" ]] || VOLUME_TAGS[$key]="$value"; done <<<"$lines"
}
tag_volume() {
local -a tags=()
while (($# > 0)); do
tags+=("docker-cache:$1=$2")
shift 2
done
aws tag "$CACHE_VOLUME_ID" "${tags[@]}"
}
STORE_PATH=.docker-cache/store
ASKED_PATH=.docker-cache/asked
ASKED=''
UNFINISHED_PATH=.docker-cache/unfinished
inspect_volume() {
local found probe="$RUN/probe" store=
FORMAT_REASON='' MANIFEST_FOUND='' ASKED_FOUND=''
if ! found=$'\n'"$(blkid --probe --output export "$DISK")"$'\n'; then
FORMAT_REASON='it is blank'
elif [[ "$found" != *$'\n'"TYPE=$FILE_SYSTEM"$'\n'* || "$found" != *$'\n'"LABEL=$FILE_SYSTEM_LABEL"$'\n'* ]]; then
FORMAT_REASON="it holds no $FILE_SYSTEM of ours"
elif ! mount_read_only "$DISK" "$FILE_SYSTEM" "$probe"; then
FORMAT_REASON='it cannot be mounted'
else
store="$(read_small "$probe/$STORE_PATH" 99)" || true
MANIFEST_FOUND="$(read_small "$probe/$MANIFEST_PATH" 8388608 | hash_input)" || MANIFEST_FOUND=''
ASKED_FOUND="$(read_small "$probe/$ASKED_PATH" 64)" || ASKED_FOUND=''
umount "$probe"
if [[ ! "$store" =~ ^[a-z0-9]+/[0-9]{1,4}$ ]]; then
FORMAT_REASON='it holds the image store of an unfinished build'
elif [[ "${store%/*}" != "$IMAGE_STORE" ]] || ((10#${store#*/} > ENGINE_MAJOR)); then
FORMAT_REASON="it holds the image store $store"
fi
fi
}
prepare_volume() {
[[ -n "$FORMAT_REASON" ]] || reuse_volume
if [[ -n "$FORMAT_REASON" ]]; then
log "formatting $DISK: $FORMAT_REASON"
! mountpoint --quiet "$MOUNT_POINT" || umount "$MOUNT_POINT"
"format_$FILE_SYSTEM"
mount_read_write "$DISK" "$FILE_SYSTEM"
mark_unfinished
FORMAT_REASON=''
fi
grow_file_system "$DISK" "$FILE_SYSTEM"
}
reuse_volume() {
if ! mount_read_write "$DISK" "$FILE_SYSTEM"; then
FORMAT_REASON='it cannot be mounted'
elif [[ -e "$MOUNT_POINT/$UNFINISHED_PATH" || -L "$MOUNT_POINT/$UNFINISHED_PATH" ]]; then
FORMAT_REASON='the last build on it was cut off'
elif ! keep_sealed; then
FORMAT_REASON='it holds what no build left'
elif ! mark_unfinished; then
FORMAT_REASON='it cannot be written to'
fi
}
mark_unfinished() {
mkdir -p "$MOUNT_POINT/.docker-cache" "$MOUNT_POINT/docker" &&
rm -f -- "$MOUNT_POINT/$MANIFEST_PATH" "$MOUNT_POINT/$FACTS_PATH" &&
remove_all_but .docker-cache &&
touch "$MOUNT_POINT/$UNFINISHED_PATH" &&
printf '%s/%s' "$IMAGE_STORE" "$ENGINE_MAJOR" >"$MOUNT_POINT/$STORE_PATH" &&
sync --file-system "$MOUNT_POINT"
}
check_file_system() {
if [[ "$FILE_SYSTEM" == xfs ]]; then xfs_repair -n "$DISK" >"$RUN/check" 2>&1; else e2fsck -f -n "$DISK" >"$RUN/check" 2>&1; fi && return
tail -n 20 "$RUN/check"
return 1
}
list_known_options() {
local option
local -a dry_run words
read -r -a dry_run <<<"$1"
shift
for option in "$@"; do
read -r -a words <<<"$option"
if "${dry_run[@]}" "${words[@]}" "$DISK" &>/dev/null; then printf '%s\n' "${words[@]}"; fi
done
}
format_xfs() {
local -a options
mapfile -t options < <(list_known_options 'mkfs.xfs -N -f' '-m bigtime=0' '-m inobtcount=0' '-m reflink=0' '-m rmapbt=0' '-i nrext64=0' \
'-i exchange=0' '-n parent=0')
mkfs.xfs -q -f -K -L "$FILE_SYSTEM_LABEL" "${options[@]}" "$DISK"
}
format_ext4() {
local -a options
mapfile -t options < <(list_known_options 'mkfs.ext4 -n -F' '-O ^orphan_file' '-O ^metadata_csum_seed')
mkfs.ext4 -q -F -L "$FILE_SYSTEM_LABEL" -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "${options[@]}" "$DISK"
}
unmount_volume() {
local folder
for folder in "$CONTAINERD_ROOT" "$DOCKER_ROOT"; do
! is_on_cache_volume "$folder" 2>/dev/null || umount "$folder"
done
sync --file-system "$MOUNT_POINT"
[[ "$STORE_DOUBT" == damaged ]] || rm -f -- "$MOUNT_POINT/$UNFINISHED_PATH"
umount "$MOUNT_POINT"
}
leave_volume() {
mountpoint --quiet "$MOUNT_POINT" || return 0
! systemctl is-active --quiet docker.service || remove_containers || true
timeout 60 systemctl stop docker.socket docker.service containerd.service || return
[[ "$STORE_DOUBT" != @(all|sizes) ]] || verify_store "$STORE_DOUBT" /dev/null || log "the image store is damaged: the next build formats the volume"
unmount_volume
}
pull_all() {
remove_unlisted_names
pull_images
if [[ -e "$RUN/pulls/full" && -n "$(find "$RUN/pulls" -name error)" ]]; then
log "the volume is full: formatting it anew and pulling once more"
stop_docker
unmount_volume
FORMAT_REASON='space ran out'
prepare_volume
start_docker
pull_images
fi
drop_failed_pulls
remove_unlisted_images
check_landing
}
pull_images() {
local lane watcher
local -a lanes=()
rm -rf "$RUN/pulls"
mkdir "$RUN/pulls"
: >"$RUN/pulls/going-on"
watch_space "$MOUNT_POINT" "$RUN/pulls/going-on" "$RUN/pulls/full" &
watcher=$!
for ((lane = 0; lane < PARALLEL_PULLS; lane++)); do
pull_lane &
lanes+=($!)
done
wait "${lanes[@]}"
rm "$RUN/pulls/going-on"
wait "$watcher" || log "how full the volume was is not known"
}
pull_lane() {
local index
for index in "${!REFERENCES[@]}"; do
mkdir "$RUN/pulls/$index" 2>/dev/null || continue
pull_image "$index" "$RUN/pulls/$index/error" || true
done
}
pull_image() {
local source="${SOURCES[$1]}" original="${ORIGINALS[$1]}" doubt="$RUN/pulls/doubt" again='' why='' status=0
local reached="$RUN/pulls/reached-${original%%/*}"
if is_pulled "$1" && name_image "$1" "$PULLED" 2>/dev/null; then
log "${REFERENCES[$1]} is there already"
return
fi
if [[ "$source" != "$original" && -e "$doubt" && (-z "${NOTES[$1]}" || -e "$reached") ]]; then
again=yes
elif [[ "$source" != "$original" ]]; then
pull_from "$1" "$source" "$2" 3 || status=$?
if ((status != 0)); then
[[ ! -e "$RUN/pulls/full" ]] || return 1
: >"$doubt"
((status != 124)) || again=yes
why="$(<"$2")"
log "${REFERENCES[$1]}: from ${original%%/*}, not through ECR: $why"
elif ! is_pinned "$1"; then
return 0
fi
fi
if pull_from "$1" "$original" "$2"; then
: >"$reached"
return
fi
[[ ! -e "$RUN/pulls/full" ]] || return 1
if [[ -n "$again" ]] && ! is_pinned "$1"; then
pull_from "$1" "$source" "$2"
return
fi
[[ -z "$why" ]] || printf 'ECR: %s; %s: %s\n' "$why" "${original%%/*}" "$(<"$2")" >"$2"
return 1
}
pull_from() {
local attempt status began=$SECONDS most
most="$(share_seconds "${4:-2}")"
for attempt in 1 2 3 4 5; do
status=0
{ pull_name "$2@${DIGESTS[$1]}" "${4:-2}" && name_image "$1" "$2"; } 2>"$3.new" || status=$?
if ((status == 0)); then
rm -f -- "$3.new" "$3"
log "pulled ${REFERENCES[$1]} from ${2%%/*} in $((SECONDS - began)) s"
return
fi
hide_logins "$3.new" >"$3"
rm -f -- "$3.new"
log "attempt $attempt of 5: ${REFERENCES[$1]}: from ${2%%/*}: $(<"$3")"
[[ ! -e "$RUN/pulls/full" ]] || return 1
(($# < 4 || (status != 124 && SECONDS - began < most))) || return 124
((attempt == 5)) || sleep $((attempt * attempt * 2 + RANDOM % 3))
done
return 1
}
is_pulled() {
[[ "$IMAGE_STORE" == overlay2 ]] || return 1
for PULLED in "${ORIGINALS[$1]}" "${SOURCES[$1]}"; do
! docker image inspect --format x "$PULLED@${DIGESTS[$1]}" &>/dev/null || return 0
! is_pinned "$1" || return 1
done
return 1
}
is_pinned() { [[ "${LOCAL_NAMES[$1]}" == *@* ]]; }
pull_name() {
local seconds status=0
seconds="$(share_seconds "$2")"
timeout "$seconds" docker pull --quiet "$1" >/dev/null || status=$?
((status != 124)) || printf 'no end within %s s\n' "$seconds" >&2
return "$status"
}
share_seconds() {
local seconds=$(((WATCHDOG_MINUTES * 60 - SECONDS - 300) / $1))
printf %s "$((seconds > 30 ? seconds : 30))"
}
name_image() {
local cached="${SOURCES[$1]}@${DIGESTS[$1]}"
if ! is_pinned "$1"; then
docker tag "$2@${DIGESTS[$1]}" "${LOCAL_NAMES[$1]}" || return
elif [[ "$2" != "${ORIGINALS[$1]}" ]]; then
return 0
fi
[[ "${SOURCES[$1]}" == "${ORIGINALS[$1]}" ]] || ! docker image inspect --format x "$cached" &>/dev/null || drop_name "$cached"
}
drop_name() { docker image rm "$1" >/dev/null || ! docker image inspect --format x "$1" &>/dev/null; }
drop_failed_pulls() {
local index
for index in "${!REFERENCES[@]}"; do
[[ ! -s "$RUN/pulls/$index/error" ]] || drop_image "$index" "$(<"$RUN/pulls/$index/error")"
done
((${#REFERENCES[@]} > 0)) || fail "not one image could be pulled"
CONTENT="$(compute_content)"
ASKED="$CONTENT"
}
check_landing() {
local used largest
used="$(df --output=used --block-size=1 "$MOUNT_POINT" | tail -n 1)"
largest="$(for_each_image docker image inspect --format '{{.Size}}' | sort -n | tail -n 1)"
((used >= largest / 2)) || fail "the images are not on the cache volume: $used bytes are used there, the largest image has $largest"
}
hide_logins() {
python3 -I -S - "$@" <<'PY'
import base64, json, os, sys
with open(sys.argv[1], encoding="utf-8", errors="replace") as said:
 text = said.read()
try:
 with open(os.environ["DOCKER_CONFIG"] + "/config.json", encoding="utf-8") as file:
  logins = json.load(file).get("auths", {}).values()
except (FileNotFoundError, KeyError):
 logins = []
for login in logins:
 encoded = login.get("auth", "")
 try:
  password = base64.b64decode(encoded).decode().partition(":")[2]
 except ValueError:
  password = ""
 for secret in filter(None, (encoded, password)):
  text = text.replace(secret, "...")
print("".join(letter if letter.isprintable() else " " for letter in text))
PY
}
watch_space() {
python3 -I -S - "$@" <<'PY'
import os, sys, time
folder, going_on, full = sys.argv[1:]
LEAST_BYTES, LEAST_FILES = 256 << 20, 10_000
def is_low(free, total, least):
 return free < min(least, total // 20)
while os.path.exists(going_on):
 now = os.statvfs(folder)
 if is_low(now.f_bfree * now.f_frsize, now.f_blocks * now.f_frsize, LEAST_BYTES) or is_low(now.f_ffree, now.f_files, LEAST_FILES):
  open(full, "w").close()
  break
 time.sleep(0.05)
PY
}
TRACE=/sys/kernel/tracing/instances/docker-cache
TRACE_READER=
declare -a TRACED=()
start_trace() {
local event="$TRACE/events/block/block_rq_issue"
: >"$RUN/trace"
mountpoint --quiet /sys/kernel/tracing || mount --types tracefs tracefs /sys/kernel/tracing || return 0
mkdir -p "$TRACE" && [[ -e "$event" ]] && echo 8192 >"$TRACE/buffer_size_kb" && echo "dev == $(read_device_number)" >"$event/filter" &&
echo 1 >"$event/enable" || return 0
cat "$TRACE/trace_pipe" >"$RUN/trace" &
TRACE_READER=$!
}
read_device_number() {
local major minor
IFS=: read -r major minor <"$SYS_BLOCK/${DISK##*/}/dev"
printf %s $((major << 20 | minor))
}
mark_trace() { [[ -z "$TRACE_READER" ]] || echo docker-cache >"$TRACE/trace_marker"; }
stop_trace() {
[[ -n "$TRACE_READER" ]] || return 0
echo 0 >"$TRACE/events/block/block_rq_issue/enable"
sleep 1
kill "$TRACE_READER" || true
wait "$TRACE_READER" || true
rmdir "$TRACE" || true
}
list_files() { find "$MOUNT_POINT" -xdev -type f -size +0 ! -path $'*\n*' || true; }
find_hot_set() {
local found index
local -a names=()
for index in "${TRACED[@]}"; do names+=("${REFERENCES[index]-}"); done
sync --file-system "$MOUNT_POINT"
found="$(make_hot_set "$MOUNT_POINT" "$DISK" "$RUN/trace" "$HOT_SET_PERCENT" "$RUN/hot-set" <(list_files) "${names[@]}")"
read -r HOT_SET_SOURCE HOT_SET_BYTES <<<"$found"
log "hot set: $HOT_SET_SOURCE, $HOT_SET_BYTES bytes"
}
make_hot_set() {
python3 -I -S - "$@" <<'PY'
import fcntl, os, re, struct, sys
mount, disk, trace, percent, out, files, *references = sys.argv[1:]
UNIT = 512 << 10
LEAST = 128
PARTS = 999999
def map_used():
 used = bytearray(b"\1") * blocks
 flags = 0
 page = bytearray(192 + 64 * PARTS)
 struct.pack_into("=I", page, 8, PARTS)
 page[128:160] = b"\xff" * 32
 try:
  fcntl.ioctl(root, 0xC0C0583B, page)
 except OSError:
  pass
 end = 192 + 64 * struct.unpack_from("=I", page, 12)[0]
 for flags, first, owner, length in struct.iter_unpack("=4xI2Q8xQ24x", page[192:end]):
  if flags & 16 and owner == 1:
   free = range(-(-first // UNIT), min((first + length) // UNIT, blocks))
   used[free.start : free.stop] = bytes(len(free))
 return used if flags & 32 else None
def read_trace():
 touched = [[]]
 for line in open(trace, errors="replace"):
  if line.endswith("tracing_mark_write: docker-cache\n"):
   touched.append([])
  found = re.search(r"block_rq_issue: \d+,\d+ ([A-Z]+) \d+ \(.*\) (\d+) \+ ([1-9]\d*)", line)
  if found and "D" not in found[1] and ("R" in found[1] or len(touched) == 1):
   first = int(found[2]) * 512
   touched[-1] += range(first // UNIT, (first + int(found[3]) * 512 - 1) // UNIT + 1)
 return touched
def join(chosen, most):
 lines = []
 for block in chosen:
  if lines and block == sum(lines[-1]) and lines[-1][1] < most:
   lines[-1][1] += 1
  else:
   lines.append([block, 1])
 return [f"{first} {count}" for first, count in lines]
def take(wanted, most):
 taken = []
 for block in wanted:
  if block < blocks and fresh[block]:
   if len(taken) < most:
    fresh[block] = 0
    taken.append(block)
   else:
    cut.add(block)
 return taken
root = os.open(mount, os.O_RDONLY)
system = os.fstatvfs(root)
blocks = -(-os.lseek(os.open(disk, os.O_RDONLY), 0, os.SEEK_END) // UNIT)
left = max(LEAST, (system.f_blocks - system.f_bfree) * system.f_frsize * int(percent) // 100 // UNIT)
used = map_used()
fresh, cut = used or bytearray(b"\1") * blocks, set()
touched = read_trace() + [[]] * 2 * (len(references) + 2)
lines, total, shared = [], 0, []
for title, first, whole in zip(["engine", *(name and f"image {name}" for name in references), "files"], touched[::2], touched[1::2]):
 if not title:
  shared += first
  continue
 taken = take(shared + first, left)
 shared = []
 left -= len(taken)
 taken += take(whole, blocks)
 total += len(taken)
 lines += [f"# {title}", *join(taken, 8)]
if cut:
 print(f"docker-cache: hot set: {len(cut)} blocks above {percent} percent are left to the rest", file=sys.stderr)
if used:
 begins = [0] * blocks
 for path in open(files, "rb"):
  try:
   with open(path[:-1]) as file:
    begins[struct.unpack_from("=I", fcntl.ioctl(file, 1, bytes(4)))[0] * system.f_frsize // UNIT] += 1
  except OSError:
   pass
 lines += ["# rest", *join(sorted(filter(fresh.__getitem__, range(blocks)), key=lambda block: -begins[block].bit_length()), 64)]
with open(out, "w") as file:
 print(*lines, sep="\n", file=file)
print("traced" if total else "none", total * UNIT)
PY
}
remove_identity() {
stop_docker
keep_sealed || fail "what Docker left on the cache volume cannot be sealed"
}
collect_image_facts() {
local index facts optional
for index in "${!REFERENCES[@]}"; do docker image inspect --format "${LOCAL_NAMES[index]}"$'\t{{.Id}}' "${LOCAL_NAMES[index]}"; done >"$RUN/image-ids"
for index in "${!REFERENCES[@]}"; do
facts="$(docker image inspect --format '"id": "{{.Id}}", "size": {{.Size}}' "${LOCAL_NAMES[index]}")"
if [[ -n "${OPTIONAL[index]}" ]]; then optional=true; else optional=false; fi
printf '{"reference": "%s", "digest": "%s", %s, "optional": %s}\n' "${REFERENCES[index]}" "${DIGESTS[index]}" "$facts" "$optional"
done >"$RUN/image-facts"
ENGINE_VERSION="$(docker version --format '{{.Server.Version}}')"
}
hash_input() { sha256sum | cut -d ' ' -f 1; }
write_manifest() {
local path="$MOUNT_POINT/$MANIFEST_PATH" made="$RUN/manifest.json"
cp -- "$RUN/hot-set" "$MOUNT_POINT/$HOT_SET_PATH"
printf %s "$ASKED" >"$MOUNT_POINT/$ASKED_PATH"
printf '%s\n' "$MANIFEST_VERSION $CACHE_NAME $CACHE_ARCHITECTURE $IMAGE_STORE $ENGINE_MAJOR $INSTANCE_ID $CONTENT" "${REFERENCES[@]}" \
>"$MOUNT_POINT/$FACTS_PATH"
printf '{"version": %s, "name": "%s", "architecture": "%s", "buildId": "%s", "content": "%s", "store": "%s", "engine": "%s", "kernel": "%s",
 "fileSystem": "%s", "createdAt": "%s", "images": [\n%s],
 "facts": {"path": "%s", "sha256": "%s"},
 "hotSet": {"sha256": "%s", "source": "%s", "bytes": %s}}' \
"$MANIFEST_VERSION" "$CACHE_NAME" "$CACHE_ARCHITECTURE" "$INSTANCE_ID" "$CONTENT" "$IMAGE_STORE/$ENGINE_MAJOR" "$ENGINE_VERSION" \
"$(uname -r)" "$FILE_SYSTEM" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(paste -sd, "$RUN/image-facts")" \
"$FACTS_PATH" "$(hash_input <"$MOUNT_POINT/$FACTS_PATH")" "$(hash_input <"$RUN/hot-set")" "$HOT_SET_SOURCE" "$HOT_SET_BYTES" >"$made"
MANIFEST_SHA="$(hash_input <"$made")"
IMAGE_COUNT="${#REFERENCES[@]}"
USED_BYTES="$(df --output=used --block-size=1 "$MOUNT_POINT" | tail -n 1)"
cp -- "$made" "$path.new"
sync --file-system "$MOUNT_POINT"
mv -- "$path.new" "$path"
}
publish_manifest() {
[[ -z "$MANIFEST_LOG_GROUP" ]] || AWS_SECONDS=60 aws publish "$MANIFEST_LOG_GROUP" "$MANIFEST_SHA" "$RUN/manifest.json" ||
log "WARNING: the manifest was not published in $MANIFEST_LOG_GROUP"
}
seal_volume() {
remove_identity
prove_store
find_hot_set
write_manifest
unmount_volume
blockdev --flushbufs "$DISK"
check_file_system || fail "the file system on the cache volume is not clean"
publish_manifest
tag_volume state ready build-id "$INSTANCE_ID" content "$CONTENT" store "$IMAGE_STORE/$ENGINE_MAJOR" manifest "$MANIFEST_SHA"
}
snapshot_volume() {
retry 6 create_snapshot || fail "no snapshot could be created"
OUTCOME=ready
}
create_snapshot() {
SNAPSHOT_ID="$(aws snapshot "$CACHE_VOLUME_ID" "$INSTANCE_ID" "docker-cache $CACHE_NAME/$CACHE_ARCHITECTURE")" || return
log "snapshot $SNAPSHOT_ID"
}
SMOKE_SECONDS=300
DEFAULT_RUN_SECONDS=10
declare -a DATA_IMAGES=()
prove_images() {
local index
stop_docker
unmount_volume
blockdev --flushbufs "$DISK"
start_trace
mount_read_write "$DISK" "$FILE_SYSTEM"
touch "$MOUNT_POINT/$UNFINISHED_PATH"
start_docker
for_each_image docker image inspect --format x >/dev/null
sync --file-system "$MOUNT_POINT"
mark_trace
TRACED=("${!REFERENCES[@]}")
for index in "${TRACED[@]}"; do
mark_trace
prove_image "$index"
mark_trace
read_whole "$index" || drop_unproven "$index" "its files cannot be read"
done
mark_trace
list_files >/dev/null
stop_trace
for index in "${DATA_IMAGES[@]}"; do
[[ -z "${REFERENCES[$index]:-}" ]] || read_rootfs "$index" || drop_unproven "$index" "its files cannot be read"
done
remove_dropped
collect_image_facts
remove_containers
}
prove_image() {
if [[ -n "${SMOKE[$1]}" ]]; then
prove_smoke "$1" || drop_unproven "$1" "its smoke command failed: $ENDED"
else
prove_start "$1" || drop_unproven "$1" "it does not run: $ENDED"
fi
[[ -z "${REFERENCES[$1]:-}" ]] || log "proven: ${REFERENCES[$1]}: $ENDED"
}
drop_unproven() {
STORE_DOUBT=all
drop_image "$1" "$2"
STORE_DOUBT=sizes
}
remove_dropped() {
((${#REFERENCES[@]} > 0)) || fail "not one image runs"
((${#REFERENCES[@]} < ${#TRACED[@]})) || return 0
remove_containers
remove_unlisted_names
remove_unlisted_images
CONTENT="$(compute_content)"
}
prove_smoke() {
local -a words
run_once "$1" "$SMOKE_SECONDS" --entrypoint /bin/sh -- -c "${SMOKE[$1]}"
if [[ "$ENDED" == missing\ * ]]; then
read -r -a words <<<"${SMOKE[$1]}"
run_once "$1" "$SMOKE_SECONDS" --entrypoint "${words[0]}" -- "${words[@]:1}"
fi
[[ "$ENDED" == 'exit 0' ]]
}
prove_start() {
local own
run_once "$1" "$DEFAULT_RUN_SECONDS" --
case "$ENDED" in
exit\ *) return 0 ;;
foreign\ *) return 1 ;;
esac
own="$ENDED"
run_once "$1" "$DEFAULT_RUN_SECONDS" --entrypoint /bin/sh --user 0 --workdir / -- -c :
[[ "$ENDED" != exit\ * ]] || return 0
if [[ "$own $ENDED" == missing\ *\ missing\ /bin/sh ]]; then
DATA_IMAGES+=("$1")
return 0
fi
[[ "$own" == missing\ * ]] || ENDED="$own"
return 1
}
run_once() {
local container status code started index="$1" seconds="$2"
shift 2
container="$(create_container "$index" "$@" 2>"$RUN/run-error")" || {
end_run 'failed:'
return 0
}
docker start "$container" >/dev/null 2>"$RUN/run-error" || true
read_state "$container"
if [[ "$started" != 0001-* ]]; then
timeout "$seconds" docker wait "$container" &>/dev/null || true
read_state "$container"
[[ "$code $status" == '0 exited' ]] || show_output "$container"
fi
ENDED="$(judge_end)"
[[ "$ENDED" != failed: ]] || end_run failed:
docker rm --force --volumes "$container" >/dev/null
}
show_output() { docker logs --tail 20 "$1" 2>&1 | sed 's/^/container: /' >&2 || true; }
read_state() {
local state
state="$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.StartedAt}}' "$1")" || fail "Docker does not know its own container"
read -r status code started <<<"$state"
}
judge_end() {
local kind ran=''
[[ "$started" == 0001-* ]] || ran=yes
if [[ "$status" == running ]]; then
printf 'exit still running'
elif [[ "$ran$code" == yes0 ]]; then
printf 'exit 0'
elif [[ ! "$ran$code" =~ ^(yes.*|126|127)$ ]] || ! kind="$(find_program "$container" "$CACHE_ARCHITECTURE")"; then
printf failed:
elif [[ "$kind" != native\ * ]]; then
printf %s "$kind"
elif [[ -n "$ran" ]]; then
printf 'exit %s' "$code"
else
printf failed:
fi
}
end_run() { ENDED="$1 $(tr '\n' ' ' <"$RUN/run-error")"; }
create_container() {
local image="${LOCAL_NAMES[$1]}" own container
local -a options=()
shift
while [[ "$1" != -- ]]; do
options+=("$1")
shift
done
shift
own="$(docker image inspect --format '{{join .Config.Entrypoint ""}}{{join .Config.Cmd ""}}' "$image")" || return
[[ -n "$own$*" || "${options[*]}" == *entrypoint* ]] || set -- /docker-cache-not-found
container="$(docker create --pull never --runtime runc --network none --cap-drop ALL --security-opt no-new-privileges --memory 2g --pids-limit 512 \
    --restart no --ulimit nofile=1024:16384 --ulimit core=0 --log-driver json-file --log-opt max-size=1m --log-opt max-file=1 --log-opt compress=false \
    "${options[@]}" "$image" "$@")" || return
printf %s "${container##*$'\n'}"
}
read_rootfs() {
local container
container="$(create_container "$1" -- x)" && docker export "$container" >/dev/null
}
read_whole() { [[ -z "${REFERENCES[$1]:-}" || -z "${WHOLE[$1]}" ]] || read_rootfs "$1"; }
remove_containers() { timeout 60 docker ps --all --quiet | timeout 120 xargs -r docker rm --force --volumes >/dev/null; }
STORE_DOUBT=sizes
verify_store() {
local code=0
verify_configured_store "$@" || code=$?
if ((code == 3)); then
install_packages zstd || log "zstd could not be installed"
code=0
verify_configured_store "$@" || code=$?
fi
((code == 0)) || STORE_DOUBT=damaged
return "$code"
}
verify_configured_store() {
local code=0
verify_by_kind "$@" 2>"$RUN/damage" || code=$?
cat "$RUN/damage" >&2
return "$code"
}
verify_by_kind() {
if [[ "$IMAGE_STORE" == containerd ]]; then
verify_containerd "$MOUNT_POINT" "$@" "${CACHE_ARCHITECTURE/x86_64/amd64}"
else
verify_overlay2 "$MOUNT_POINT" "$@"
fi
}
prove_store() {
local began=$SECONDS first=''
if ! verify_store all "$RUN/image-ids"; then
read -r first <"$RUN/damage" || true
fail "the image store on the cache volume is damaged, and the next build pulls everything anew: ${first#docker-cache: damaged: }"
fi
log "the image store is whole: verified in $((SECONDS - began)) s"
}
find_program() {
python3 -I -S - "$@" <<'PY'
import base64, http.client, json, os, posixpath, socket, struct, sys, tarfile, urllib.parse
container, architecture = sys.argv[1:]
MACHINES = {"x86_64": (3, 62), "arm64": (40, 183)}[architecture]
LINK, OTHER = 1 << 27, 0x8F280000
class Client(http.client.HTTPConnection):
 def connect(self):
  self.sock = socket.socket(socket.AF_UNIX)
  self.sock.settimeout(60)
  self.sock.connect(os.environ.get("DOCKER_SOCKET") or "/var/run/docker.sock")
def ask(where, **query):
 client = Client("docker")
 client.request("GET", where + "?" + urllib.parse.urlencode(query))
 answer = client.getresponse()
 if answer.status == 404:
  return None
 if answer.status != 200:
  sys.exit(f"docker-cache: Docker says {answer.status} to {where}: {answer.read(500)!r}")
 return answer
def look(path, links=40):
 answer = ask(f"/containers/{container}/archive", path=path)
 if not answer:
  return None
 found = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
 if found["mode"] & LINK and links:
  return look(posixpath.join(posixpath.dirname(path), found["linkTarget"]), links - 1)
 if found["mode"] & OTHER:
  return found["mode"], b""
 with tarfile.open(fileobj=answer, mode="r|") as archive:
  member = archive.next()
  return found["mode"], archive.extractfile(member).read(65536) if member.isreg() else b""
def find_interpreter(head, is_wide, order):
 start, size, count = struct.unpack_from(order + ("Q" if is_wide else "I"), head, 32 if is_wide else 28) + struct.unpack_from(order + "2H", head, 54 if is_wide else 42)
 for at in range(start, start + size * count, size):
  kind, = struct.unpack_from(order + "I", head, at)
  if kind == 3:
   place, = struct.unpack_from(order + ("Q" if is_wide else "I"), head, at + (8 if is_wide else 4))
   return head[place : head.index(b"\0", place)].decode("utf-8", "replace")
 return None
def classify(path, depth=5):
 found = look(path)
 if not found or found[0] & OTHER or not found[0] & 0o111:
  return "missing"
 head = found[1]
 if head[:2] == b"#!":
  words = head[2:256].split(b"\n")[0].split()
  return classify(words[0].decode("utf-8", "replace"), depth - 1) if words and depth else "unknown"
 if head[:4] != b"\x7fELF" or len(head) < 64:
  return "unknown"
 order = "<" if head[5] == 1 else ">"
 if struct.unpack_from(order + "H", head, 18)[0] not in MACHINES:
  return "foreign"
 try:
  interpreter = find_interpreter(head, head[4] == 2, order)
 except (struct.error, ValueError):
  return "unknown"
 return classify(interpreter, depth - 1) if interpreter and depth else "native"
def list_places(program, config):
 here = config.get("WorkingDir") or "/"
 if "/" in program:
  return [posixpath.join(here, program)]
 path = [item[5:] for item in config.get("Env") or [] if item.startswith("PATH=")] or ["/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
 return [posixpath.join(here, folder, program) for folder in path[-1].split(":")]
known = ask(f"/containers/{container}/json")
if not known:
 sys.exit(f"docker-cache: Docker does not know the container {container}")
known = json.load(known)
places = list_places(known["Path"], known["Config"])
kinds = [(kind, place) for place in places for kind in [classify(place)] if kind != "missing"]
print(*(kinds or [("missing", known["Path"])])[0])
PY
}
verify_overlay2() {
python3 -I -S - "$@" <<'PY'
import base64, collections, errno, gzip, hashlib, io, json, os, re, stat, sys, tarfile, zlib
from concurrent.futures import ThreadPoolExecutor
mount, mode, wanted = sys.argv[1:]
image_folder = os.path.join(mount, "docker/image/overlay2")
layer_folder = os.path.join(mount, "docker/overlay2")
AHEAD, AHEAD_BYTES = 64, 256 << 10
readers = ThreadPoolExecutor(16)
class Damage(Exception):
 pass
def read(*names):
 path = os.path.join(*names)
 try:
  if not stat.S_ISREG(os.lstat(path).st_mode):
   raise Damage(f"{os.path.relpath(path, mount)} is no file")
  return open(path, "rb").read()
 except OSError as error:
  raise Damage(f"{os.path.relpath(path, mount)}: {error.strerror}")
def read_text(*names):
 return read(*names).decode("ascii", "replace")
def list_ids(*names):
 if not os.path.lexists(image_folder):
  return []
 try:
  found = os.listdir(os.path.join(image_folder, *names))
 except OSError as error:
  raise Damage(f"{'/'.join(names)}: {error.strerror}")
 strange = [name for name in found if not re.fullmatch("[0-9a-f]{64}", name)]
 if strange:
  raise Damage(f"{'/'.join(names)} holds {ascii(strange[0])}, expected ids alone")
 return found
def place(root, name):
 *folders, last = os.path.normpath("/" + name).split("/")
 path, waiting, links = root, folders[::-1], 0
 while waiting:
  part = waiting.pop()
  step = os.path.join(path, part)
  if part == "..":
   path = path if path == root else os.path.dirname(path)
  elif part not in ("", ".") and os.path.islink(step):
   links += 1
   if links > 40:
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
   target = os.readlink(step)
   path = root if target.startswith("/") else path
   waiting += target.split("/")[::-1]
  elif part not in ("", "."):
   path = step
 return os.path.join(path, last)
def open_ahead(path, size):
 found = os.lstat(path)
 if not stat.S_ISREG(found.st_mode):
  raise Damage("it is no file")
 if found.st_size != size:
  raise Damage(f"it has {found.st_size} bytes, expected {size}")
 if mode == "sizes":
  return b"", None
 file = open(path, "rb", buffering=0)
 head = file.read(min(size, AHEAD_BYTES))
 if size > AHEAD_BYTES:
  return head, file
 file.close()
 return head, None
def is_shown(layers, path):
 parts = path.split("/")
 for root in layers:
  for end in range(1, len(parts) + 1):
   here = os.path.join(root, *parts[:end])
   if not os.path.lexists(here):
    break
   found = os.lstat(here)
   if end == len(parts) or not stat.S_ISDIR(found.st_mode):
    return end == len(parts) and (found.st_rdev != 0 or not stat.S_ISCHR(found.st_mode))
 return False
def is_hidden(root, below, path):
 own = os.path.join(root, path)
 if not is_shown(below, path):
  return True
 if os.path.islink(own) or not os.path.isdir(own):
  return os.path.lexists(own)
 if "trusted.overlay.opaque" in os.listxattr(own) and os.getxattr(own, "trusted.overlay.opaque") == b"y":
  return True
 lower = [os.path.join(layer, path) for layer in below]
 names = {name for folder in lower if os.path.isdir(folder) and not os.path.islink(folder) for name in os.listdir(folder)}
 return all(is_hidden(root, below, os.path.join(path, name)) for name in names)
def check_hiding(root, below, folder, base):
 path = os.path.relpath(os.path.join(folder, base[4:]), root)
 own = os.path.join(root, path)
 if base == ".wh..wh..opq":
  is_right = is_hidden(root, below, os.path.relpath(folder, root))
 elif os.path.lexists(own):
  found = os.lstat(own)
  is_right = not stat.S_ISCHR(found.st_mode) or not found.st_rdev
 else:
  is_right = not is_shown(below, path)
 if not is_right:
  raise Damage("it does not hide what is below")
def leads_there(path, headers):
 try:
  with tarfile.open(fileobj=io.BytesIO(headers), mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
   member = archive.next()
 except tarfile.TarError:
  return True
 return not member or not member.issym() or os.readlink(os.fsencode(path)) == member.linkname.encode("utf-8", "surrogateescape")
def check_empty(root, below, path, headers):
 kind = headers[-512:][156:157]
 folder, base = os.path.split(path)
 if base.startswith(".wh."):
  if base == ".wh..wh..opq" or not base.startswith(".wh..wh."):
   check_hiding(root, below, folder, base)
  return
 found = os.lstat(path)
 expected = {b"2": stat.S_IFLNK, b"3": stat.S_IFCHR, b"4": stat.S_IFBLK, b"5": stat.S_IFDIR, b"6": stat.S_IFIFO}.get(kind)
 if expected and stat.S_IFMT(found.st_mode) != expected or kind in b"0\0" and kind and found.st_size:
  raise Damage("it is something else")
 if kind == b"2" and not leads_there(path, headers):
  raise Damage("it leads elsewhere")
def parse_record(record, root, below):
 headers, is_global, at = b"", False, 0
 for line in gzip.GzipFile(fileobj=io.BytesIO(record)):
  entry = json.loads(line)
  if entry["type"] == 2:
   payload = base64.b64decode(entry.get("payload") or "")
   if len(payload) >= 512:
    headers, start = payload[len(payload) % 512 :], -at % 512
    is_global = payload[start + 156 : start + 157] == b"g" and payload[start + 257 : start + 262] == b"ustar"
   at += len(payload)
   yield payload, None
   continue
  name = os.fsdecode(base64.b64decode(entry["name_raw"])) if entry.get("name_raw") else entry["name"]
  size = entry.get("size", 0)
  at += size
  if size or not is_global:
   yield name, (size, readers.submit(check_file, root, below, name, size, headers))
def check_file(root, below, name, size, headers):
 path = place(root, name)
 return open_ahead(path, size) if size else check_empty(root, below, path, headers)
def look_ahead(entries):
 waiting = collections.deque()
 for entry in entries:
  waiting.append(entry)
  if len(waiting) > AHEAD:
   yield waiting.popleft()
 yield from waiting
def hash_archive(record, root, below):
 total, is_sparse = hashlib.sha256(), False
 for entry, file in look_ahead(parse_record(record, root, below)):
  if not file:
   total.update(entry)
   is_sparse = is_sparse or b"GNU.sparse." in entry
   continue
  size, future = file
  try:
   found = future.result()
   if not size or mode == "sizes":
    continue
   head, rest = found
   total.update(head)
   left = size - len(head)
   while rest and left:
    piece = rest.read(min(left, 1 << 20))
    if not piece:
     break
    total.update(piece)
    left -= len(piece)
   if rest:
    rest.close()
   if left:
    raise Damage(f"{left} of its bytes are missing")
  except OSError as error:
   raise Damage(f"{os.path.normpath('/' + entry)}: {error.strerror}")
  except Damage as damage:
   raise Damage(f"{os.path.normpath('/' + entry)}: {damage}")
 return None if mode == "sizes" or is_sparse else "sha256:" + total.hexdigest()
def check_links(cache_id, parent_cache_id):
 link = read_text(layer_folder, cache_id, "link")
 if not re.fullmatch("[A-Z0-9]{26}", link):
  raise Damage(f"overlay2/{cache_id}/link says {link!a}")
 short = os.path.join(layer_folder, "l", link)
 target = os.readlink(short) if os.path.islink(short) else None
 if target != f"../{cache_id}/diff":
  raise Damage(f"overlay2/l/{link} leads to {target!a}, expected ../{cache_id}/diff")
 lower = os.path.join(layer_folder, cache_id, "lower")
 found = read_text(lower) if os.path.lexists(lower) else ""
 expected = ""
 if parent_cache_id:
  below = os.path.join(layer_folder, parent_cache_id, "lower")
  expected = "l/" + read_text(layer_folder, parent_cache_id, "link") + (":" + read_text(below) if os.path.lexists(below) else "")
 if found != expected:
  raise Damage(f"overlay2/{cache_id}/lower says {found!a}, expected {expected!a}")
 return [os.path.join(layer_folder, short) for short in found.split(":") if short]
def check_layer(chain):
 folder = os.path.join(image_folder, "layerdb/sha256", chain)
 diff_id = read_text(folder, "diff")
 parent = read_text(folder, "parent") if os.path.lexists(os.path.join(folder, "parent")) else ""
 known = hashlib.sha256(f"{parent} {diff_id}".encode()).hexdigest() if parent else diff_id[7:]
 if known != chain or not re.fullmatch("sha256:[0-9a-f]{64}", diff_id):
  raise Damage(f"its layer {diff_id!a} upon {parent!a} is not what its name says")
 cache_id = read_text(folder, "cache-id")
 if not re.fullmatch("[0-9a-z-]+", cache_id) or not read_text(folder, "size").isdigit():
  raise Damage(f"its cache-id says {cache_id!a}, its size {read_text(folder, 'size')!a}")
 below = check_links(cache_id, read_text(image_folder, "layerdb", parent.replace(":", "/"), "cache-id") if parent else "")
 root = os.path.join(layer_folder, cache_id, "diff")
 if os.path.islink(root) or not os.path.isdir(root):
  raise Damage(f"overlay2/{cache_id}/diff is no folder")
 found = hash_archive(read(folder, "tar-split.json.gz"), root, below)
 if found and found != diff_id:
  raise Damage(f"its files make {found}, expected {diff_id}")
def list_layers(image):
 text = read(image_folder, "imagedb/content/sha256", image)
 if hashlib.sha256(text).hexdigest() != image:
  raise Damage("its configuration is not what its id says")
 chain, chains = "", []
 for diff_id in json.loads(text)["rootfs"].get("diff_ids") or []:
  chain = "sha256:" + hashlib.sha256(f"{chain} {diff_id}".encode()).hexdigest() if chain else diff_id
  chains.append(chain[7:])
 return chains
def list_names():
 if not os.path.lexists(os.path.join(image_folder, "repositories.json")):
  return {}
 try:
  named = json.loads(read(image_folder, "repositories.json"))["Repositories"]
  return {name: target for names in named.values() for name, target in names.items()}
 except (ValueError, KeyError, AttributeError) as error:
  raise Damage(f"repositories.json: {error!r}")
problems = []
def attempt(what, function, *words):
 try:
  return function(*words)
 except Damage as damage:
  problems.append(f"{what}: {damage}")
 except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zlib.error) as error:
  problems.append(f"{what}: {error!r}")
names = attempt("names of images", list_names) or {}
layers = attempt("layers", list_ids, "layerdb/sha256") or []
images = {image: attempt(f"image {image}", list_layers, image) or [] for image in attempt("images", list_ids, "imagedb/content/sha256") or []}
users = collections.defaultdict(list)
for image, chains in images.items():
 known = sorted(name for name, target in names.items() if target == "sha256:" + image) or [image]
 for chain in chains:
  users[chain].append(known[0])
  if chain not in layers:
   problems.append(f"{known[0]}: layer {chain} is missing")
for line in open(wanted, encoding="utf-8"):
 name, image = line.rstrip("\n").split("\t")
 if names.get(name) != image or image[7:] not in images:
  problems.append(f"{name}: it is {names.get(name)}, expected {image}")
with ThreadPoolExecutor(4) as pool:
 list(pool.map(lambda chain: attempt(f"{', '.join(users[chain][:3]) or 'no image'}: layer {chain}", check_layer, chain), layers))
for problem in problems:
 print("docker-cache: damaged:", problem, file=sys.stderr)
sys.exit(1 if problems else 0)
PY
}
verify_containerd() {
python3 -I -S - "$@" <<'PY'
import collections, contextlib, errno, gzip, hashlib, json, os, re, shutil, stat, struct, subprocess, sys, tarfile, zlib
from concurrent.futures import ThreadPoolExecutor
mount, mode, wanted, architecture = sys.argv[1:]
root = os.path.join(mount, "containerd")
blobs = os.path.join(root, "io.containerd.content.v1.content/blobs/sha256")
snapshots = os.path.join(root, "io.containerd.snapshotter.v1.overlayfs")
problems = []
class Damage(Exception):
 pass
class Bolt:
 def __init__(self, path):
  self.data = open(path, "rb").read()
  metas = []
  for size in (4096, 8192, 16384, 32768, 65536):
   for page in (0, size):
    found = self.data[page + 16 : page + 80]
    if len(found) == 64 and self.is_meta(found):
     metas.append(found)
  if not metas:
   raise Damage(f"{os.path.relpath(path, mount)} is no database")
  meta = max(metas, key=lambda found: struct.unpack_from("<Q", found, 48)[0])
  self.page_bytes, = struct.unpack_from("<I", meta, 8)
  self.pages, = struct.unpack_from("<Q", meta, 40)
  if len(self.data) < self.pages * self.page_bytes:
   raise Damage(f"{os.path.relpath(path, mount)} ends at {len(self.data)} bytes, expected {self.pages * self.page_bytes}")
  self.root = dict(self.read_page(struct.unpack_from("<Q", meta, 16)[0]))
 def is_meta(self, found):
  total = 14695981039346656037
  for byte in found[:56]:
   total = (total ^ byte) * 1099511628211 % (1 << 64)
  return struct.unpack_from("<2I", found) == (0xED0CDAED, 2) and struct.unpack_from("<Q", found, 56)[0] == total
 def read_page(self, page):
  if not 2 <= page < self.pages:
   raise Damage(f"a database names page {page} of {self.pages}")
  at = page * self.page_bytes
  if struct.unpack_from("<Q", self.data, at)[0] != page:
   raise Damage(f"a database's page {page} is another")
  return self.read_elements(self.data, at)
 def read_elements(self, data, at):
  flags, count = struct.unpack_from("<2H", data, at + 8)
  if flags not in (1, 2):
   raise Damage(f"a database has a page of kind {flags}")
  for element in range(at + 16, at + 16 + 16 * count, 16):
   if flags == 1:
    yield from self.read_page(struct.unpack_from("<Q", data, element + 8)[0])
    continue
   kind, place, key_bytes, value_bytes = struct.unpack_from("<4I", data, element)
   start = element + place
   key, value = data[start : start + key_bytes], data[start + key_bytes : start + key_bytes + value_bytes]
   if len(key) + len(value) != key_bytes + value_bytes:
    raise Damage("a database ends within an entry")
   yield key.decode("utf-8", "replace"), self.read_bucket(value) if kind & 1 else value
 def read_bucket(self, value):
  page, = struct.unpack_from("<Q", value)
  return dict(self.read_page(page) if page else self.read_elements(value, 16))
def walk(bucket, *path):
 for name in path:
  bucket = bucket[name] if name in bucket else {}
 return bucket
def blob_path(digest):
 if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
  raise Damage(f"{digest!a} is no digest")
 return os.path.join(blobs, digest[7:])
def check_blob(digest, size=None):
 path = blob_path(digest)
 found = os.lstat(path)
 if size is not None and found.st_size != size:
  raise Damage(f"blob {digest} has {found.st_size} bytes, expected {size}")
 if mode == "sizes" and found.st_size > 1 << 20:
  return
 total = hashlib.sha256()
 with open(path, "rb") as file:
  for piece in iter(lambda: file.read(1 << 20), b""):
   total.update(piece)
 if total.hexdigest() != digest[7:]:
  raise Damage(f"blob {digest} holds something else")
def read_blob(digest):
 check_blob(digest)
 return json.load(open(blob_path(digest), "rb"))
def list_manifests(digest):
 document = read_blob(digest)
 if "manifests" not in document:
  return [document]
 parts = collections.defaultdict(list)
 for part in document["manifests"]:
  platform = part.get("platform") or {}
  if platform.get("os", "linux") == "linux":
   parts[platform.get("architecture", architecture) == architecture].append(part["digest"])
 return [found for part in parts[True] or parts[False] if os.path.lexists(blob_path(part)) for found in list_manifests(part)]
def find_folder(chain, parent):
 name = walk(known, "v1", "moby", "snapshots", "overlayfs", chain).get("name", b"").decode()
 entry = walk(stored, "v1", "snapshots", name) if name else {}
 if not entry:
  raise Damage(f"no snapshot {chain} is known")
 above = walk(known, "v1", "moby", "snapshots", "overlayfs", parent).get("name", b"") if parent else b""
 if entry.get("parent", b"") != above:
  raise Damage(f"snapshot {chain} lies upon {entry.get('parent')!a}, expected {above!a}")
 number = shift = 0
 for byte in entry["id"]:
  number, shift = number | (byte & 127) << shift, shift + 7
 folder = os.path.join(snapshots, "snapshots", str(number), "fs")
 if os.path.islink(folder) or not os.path.isdir(folder):
  raise Damage(f"{os.path.relpath(folder, mount)} is no folder")
 return folder
@contextlib.contextmanager
def open_archive(path):
 with open(path, "rb") as file:
  magic = file.read(4)
  file.seek(0)
  if magic[:2] == b"\x1f\x8b":
   yield gzip.GzipFile(fileobj=file)
  elif magic != b"\x28\xb5\x2f\xfd":
   yield file
  elif not shutil.which("zstd"):
   sys.exit(3)
  else:
   with subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE) as unpacker:
    yield unpacker.stdout
    unpacker.stdout.read()
   if unpacker.returncode:
    raise Damage(f"{os.path.basename(path)} cannot be unpacked")
def place(folder, name):
 *folders, last = os.path.normpath("/" + name).split("/")
 path, waiting, links = folder, folders[::-1], 0
 while waiting:
  part = waiting.pop()
  step = os.path.join(path, part)
  if part == "..":
   path = path if path == folder else os.path.dirname(path)
  elif part not in ("", ".") and os.path.islink(step):
   links += 1
   if links > 40:
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
   target = os.readlink(step)
   path = folder if target.startswith("/") else path
   waiting += target.split("/")[::-1]
  elif part not in ("", "."):
   path = step
 return os.path.join(path, last)
def is_whole(archive, member, path, is_lowest):
 above, base = os.path.split(path)
 if is_lowest and base.startswith(".wh."):
  return True
 if base == ".wh..wh..opq":
  return os.getxattr(above, "trusted.overlay.opaque", follow_symlinks=False) == b"y"
 if base.startswith(".wh."):
  return base.startswith(".wh..wh.") or os.path.lexists(os.path.join(above, base[4:]))
 found = os.lstat(path)
 if member.issym():
  return stat.S_ISLNK(found.st_mode) and os.readlink(path) == member.linkname
 if member.isdir():
  return stat.S_ISDIR(found.st_mode)
 if not member.isreg():
  return member.islnk() or not stat.S_ISREG(found.st_mode)
 if not stat.S_ISREG(found.st_mode) or found.st_size != member.size:
  return False
 packed = archive.extractfile(member)
 with open(path, "rb", buffering=0) as file:
  for piece in iter(lambda: packed.read(1 << 20), b""):
   if file.read(len(piece)) != piece:
    return False
 return True
def check_layer(layer):
 digest, size, folder, is_lowest = layer
 check_blob(digest, size)
 if mode == "sizes":
  return
 bad = {}
 with open_archive(blob_path(digest)) as file:
  if not file.peek(1):
   return
  with tarfile.open(fileobj=file, mode="r|", errors="surrogateescape") as archive:
   for member in archive:
    path = os.path.join(folder, member.name)
    try:
     path = place(folder, member.name)
     bad.pop(path, None)
     if not is_whole(archive, member, path, is_lowest):
      bad[path] = "it is not what was pulled"
    except OSError as error:
     bad[path] = error.strerror
 for path, reason in bad.items():
  raise Damage(f"layer {digest}: /{os.path.relpath(path, folder)}: {reason}" + (f" (and {len(bad) - 1} more files)" if len(bad) > 1 else ""))
def check_image(digest):
 manifests = list_manifests(digest)
 if not manifests:
  raise Damage(f"{digest} has nothing for {architecture}")
 for manifest in manifests:
  diff_ids = read_blob(manifest["config"]["digest"])["rootfs"].get("diff_ids") or []
  if len(diff_ids) != len(manifest["layers"]):
   raise Damage(f"{digest} has {len(manifest['layers'])} layers, expected {len(diff_ids)}")
  chain = parent = ""
  for diff_id, layer in zip(diff_ids, manifest["layers"]):
   chain = "sha256:" + hashlib.sha256(f"{parent} {diff_id}".encode()).hexdigest() if parent else diff_id
   layers.setdefault((layer["digest"], layer["size"], find_folder(chain, parent), not parent), []).append(digest)
   parent = chain
def is_spared(layer):
 digest, _, folder, _ = layer
 return not walk(known, "v1", "moby", "content", "blob", digest) and any(
  other[2] == folder and walk(known, "v1", "moby", "content", "blob", other[0]) for other in layers
 )
def attempt(what, function, *words):
 try:
  return function(*words)
 except Damage as damage:
  problems.append(f"{what}: {damage}")
 except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError, struct.error, tarfile.TarError, zlib.error) as error:
  problems.append(f"{what}: {error!r}")
def open_database(*names):
 found = attempt(names[-1], Bolt, os.path.join(root, *names)) if os.path.lexists(root) else None
 return found.root if found else {}
def full_name(name):
 head, slash, _ = name.partition("/")
 if slash and (re.search("[.:A-Z]", head) or head == "localhost"):
  return name
 return "docker.io/" + (name if slash else "library/" + name)
known = open_database("io.containerd.metadata.v1.bolt/meta.db")
stored = open_database("io.containerd.snapshotter.v1.overlayfs/metadata.db")
layers = {}
names = {name: walk(image, "target").get("digest", b"").decode("ascii", "replace") for name, image in walk(known, "v1", "moby", "images").items()}
for name, digest in names.items():
 attempt(name, check_image, digest)
for line in open(wanted, encoding="utf-8"):
 name, digest = line.rstrip("\n").split("\t")
 if names.get(full_name(name)) != digest:
  problems.append(f"{name}: it is {names.get(full_name(name))}, expected {digest}")
layers = {layer: users for layer, users in layers.items() if not is_spared(layer)}
others = [] if mode == "sizes" or not os.path.lexists(root) else ["sha256:" + name for name in attempt("blobs", os.listdir, blobs) or []]
with ThreadPoolExecutor(4) as pool:
 proven = [pool.submit(attempt, ", ".join(sorted(name for name in names if names[name] in users)[:3]), check_layer, layer) for layer, users in layers.items()]
 proven += [pool.submit(attempt, "blobs", check_blob, digest) for digest in others if digest not in {layer[0] for layer in layers}]
for one in proven:
 one.result()
for problem in problems:
 print("docker-cache: damaged:", problem, file=sys.stderr)
sys.exit(1 if problems else 0)
PY
}
