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
systemctl reset-failed docker.service docker.socket 2>/dev/null || true
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
declare -a REFERENCES=() OPTIONAL=() WHOLE=() SMOKE=() DIGESTS=() SOURCES=() LOCAL_NAMES=()
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
{
for reference in "${REFERENCES[@]}"; do ! read_ecr_region "${reference%%/*}" >/dev/null || printf '%s\n' "${reference%%/*}"; done
[[ -z "$PULL_THROUGH" ]] || name_own_registry
} | sort -u
}
name_own_registry() { printf '%s.dkr.ecr.%s.%s\n' "$ACCOUNT_ID" "$REGION" "$DNS_SUFFIX"; }
DOCKER_SOCKET=/var/run/docker.sock
start_docker_to_ask() {
[[ -z "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || stop_docker
launch_docker 'the root disk'
}
resolve_images() {
local index digest source name own=''
[[ -z "$PULL_THROUGH" ]] || own="$(name_own_registry)"
PULL_THROUGH="$PULL_THROUGH" resolve_references "$DOCKER_SOCKET" "$own" "${REFERENCES[@]}" >"$RUN/resolved"
index=0
while IFS=$'\t' read -r digest source name; do
DIGESTS[index]="$digest" SOURCES[index]="$source" LOCAL_NAMES[index]="$name"
[[ "$digest" == sha256:* ]] || drop_image "$index" "$name"
index=$((index + 1))
done <"$RUN/resolved"
}
resolve_references() {
python3 -I -S - "$@" <<'PY'
import base64, concurrent.futures, http.client, json, os, re, socket, sys, time, urllib.parse
CALL_SECONDS = 60
ALL_SECONDS = 600
PAUSE_SECONDS = (0, 3, 6, 12, 24)
SOCKET, own, *references = sys.argv[1:]
through = dict(line.split() for line in os.environ["PULL_THROUGH"].splitlines() if line.strip())
until = time.monotonic() + ALL_SECONDS
class Final(Exception):
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
def ask(name, login):
 connection = Daemon("docker", timeout=CALL_SECONDS)
 headers = {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login).encode()).decode()} if login else {}
 try:
  connection.request("GET", f"/distribution/{urllib.parse.quote(name, safe='/:@')}/json", headers=headers)
  answer = connection.getresponse()
  return answer.status, json.loads(answer.read())
 except socket.timeout:
  raise OSError(f"no answer within {CALL_SECONDS} s") from None
 except ValueError:
  raise OSError("an answer that is no JSON") from None
 finally:
  connection.close()
def find_digest(name, wanted, login):
 is_digest = ":" in wanted
 status, answer = ask(f"{name}{'@' if is_digest else ':'}{wanted}", login)
 if status != 200:
  error = f"{status}: {answer['message']}"
  raise Final(error) if 400 <= status < 500 and status != 429 else OSError(error)
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
def resolve(line):
 host, path, wanted, familiar = parse(line)
 if host in through:
  host, path = own, through[host] + "/" + path
 reason, login = f"dockerd was not asked: others took {ALL_SECONDS} s", None
 for pause in PAUSE_SECONDS:
  time.sleep(pause)
  if time.monotonic() > until:
   break
  try:
   login = find_login(host)
   return f"{find_digest(f'{host}/{path}', wanted, login)}\t{host}/{path}\t{familiar}"
  except Final as error:
   reason = describe(error, login)
   break
  except Exception as error:
   reason = describe(error, login)
 return "-\t-\t" + reason
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
rejected="$(aws read-parameter "$REJECTED_PARAMETER")"
if [[ $'\n'"$rejected"$'\n' == *$'\n'"$CONTENT"$'\n'* ]]; then
end_checked "this content was rejected: $CONTENT"
elif is_volume_current && [[ "$(aws read-snapshot-content "$CACHE_VOLUME_ID")" == "$CONTENT" ]]; then
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
UNFINISHED_PATH=.docker-cache/unfinished
inspect_volume() {
local found probe="$RUN/probe" store=
FORMAT_REASON='' MANIFEST_FOUND=''
if ! found=$'\n'"$(blkid --probe --output export "$DISK")"$'\n'; then
FORMAT_REASON='it is blank'
elif [[ "$found" != *$'\n'"TYPE=$FILE_SYSTEM"$'\n'* || "$found" != *$'\n'"LABEL=$FILE_SYSTEM_LABEL"$'\n'* ]]; then
FORMAT_REASON="it holds no $FILE_SYSTEM of ours"
elif ! mount_read_only "$DISK" "$FILE_SYSTEM" "$probe"; then
FORMAT_REASON='it cannot be mounted'
else
store="$(read_small "$probe/$STORE_PATH" 99)" || true
MANIFEST_FOUND="$(read_small "$probe/$MANIFEST_PATH" 8388608 | hash_input)" || MANIFEST_FOUND=''
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
rm -f -- "$MOUNT_POINT/$UNFINISHED_PATH"
umount "$MOUNT_POINT"
}
leave_volume() {
mountpoint --quiet "$MOUNT_POINT" || return 0
! systemctl is-active --quiet docker.service || remove_containers || true
timeout 60 systemctl stop docker.socket docker.service containerd.service && unmount_volume
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
local attempt began=$SECONDS
for attempt in 1 2 3 4 5; do
if { { is_pulled "$1" || pull_name "${SOURCES[$1]}@${DIGESTS[$1]}"; } && name_image "$1"; } 2>"$2.new"; then
rm -f -- "$2.new" "$2"
log "pulled ${REFERENCES[$1]} in $((SECONDS - began)) s"
return
fi
printf '%s\n' "$(tr '\n' ' ' <"$2.new")" >"$2"
log "attempt $attempt of 5: ${REFERENCES[$1]}: $(<"$2")"
[[ ! -e "$RUN/pulls/full" ]] || return 1
((attempt == 5)) || sleep $((attempt * attempt * 2 + RANDOM % 3))
done
return 1
}
is_pulled() { [[ "$IMAGE_STORE" == overlay2 ]] && docker image inspect --format x "${SOURCES[$1]}@${DIGESTS[$1]}" &>/dev/null; }
pull_name() {
local seconds=$(((WATCHDOG_MINUTES * 60 - SECONDS - 300) / 2)) status=0
seconds=$((seconds > 30 ? seconds : 30))
timeout "$seconds" docker pull --quiet "$1" >/dev/null || status=$?
((status != 124)) || printf 'no end within %s s\n' "$seconds" >&2
return "$status"
}
name_image() {
local name="${LOCAL_NAMES[$1]}" source="${SOURCES[$1]}@${DIGESTS[$1]}"
[[ "$name" == *@* ]] || docker tag "$source" "$name" || return
[[ -n "$PULL_THROUGH" && "$source" == "$(name_own_registry)"/* ]] || return 0
[[ "$name" != *@* ]] || pull_name "$name" || return
docker image rm "$source" >/dev/null
}
drop_failed_pulls() {
local index
for index in "${!REFERENCES[@]}"; do
[[ ! -s "$RUN/pulls/$index/error" ]] || drop_image "$index" "$(<"$RUN/pulls/$index/error")"
done
((${#REFERENCES[@]} > 0)) || fail "not one image could be pulled"
CONTENT="$(compute_content)"
}
check_landing() {
local used largest
used="$(df --output=used --block-size=1 "$MOUNT_POINT" | tail -n 1)"
largest="$(for_each_image docker image inspect --format '{{.Size}}' | sort -n | tail -n 1)"
((used >= largest / 2)) || fail "the images are not on the cache volume: $used bytes are used there, the largest image has $largest"
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
SMOKE_SECONDS=300
DEFAULT_RUN_SECONDS=10
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
for index in "${!REFERENCES[@]}"; do
mark_trace
prove_image "$index"
mark_trace
read_whole "$index"
done
mark_trace
list_files >/dev/null
stop_trace
collect_image_facts
remove_containers
}
read_whole() { [[ -z "${WHOLE[$1]}" ]] || docker export "$(docker create --pull never "${LOCAL_NAMES[$1]}" x)" >/dev/null; }
remove_containers() { timeout 60 docker ps --all --quiet | timeout 120 xargs -r docker rm --force --volumes >/dev/null; }
prove_image() {
local reference="${REFERENCES[$1]}" result
if [[ -n "${SMOKE[$1]}" ]]; then
result="$(prove_smoke "$1")" || fail "$reference: its smoke command failed: $result"
else
result="$(prove_start "$1")" || fail "$reference does not run: $result"
fi
log "proven: $reference: $result"
}
prove_smoke() {
local image="${LOCAL_NAMES[$1]}" result
local -a words
read -r -a words <<<"${SMOKE[$1]}"
result="$(run_once "$image" "$SMOKE_SECONDS" --entrypoint /bin/sh -- -c "${SMOKE[$1]}")" || [[ "$result" != *'/bin/sh'* ]] ||
result="$(run_once "$image" "$SMOKE_SECONDS" --entrypoint "${words[0]}" -- "${words[@]:1}")" || true
printf '%s' "$result"
[[ "$result" == 'exit 0' ]]
}
prove_start() {
local own shell
own="$(run_once "${LOCAL_NAMES[$1]}" "$DEFAULT_RUN_SECONDS" --)" && { printf '%s' "$own"; return; }
shell="$(run_once "${LOCAL_NAMES[$1]}" "$DEFAULT_RUN_SECONDS" --entrypoint /bin/sh --user 0 --workdir / -- -c :)" && { printf '%s' "$shell"; return; }
printf '%s' "$own"
[[ "$own" != *'exec format error'* && ("$shell" == *'no such file'* || "$shell" == *'not found'* || "$shell" == *'permission denied'*) ]]
}
run_once() {
local image="$1" seconds="$2" container code reason
local -a options=()
shift 2
while [[ "$1" != -- ]]; do
options+=("$1")
shift
done
shift
[[ "${options[*]}" == *entrypoint* || $# -gt 0 || -n "$(docker image inspect --format '{{join .Config.Entrypoint ""}}{{join .Config.Cmd ""}}' "$image")" ]] ||
set -- /docker-cache-not-found
container="$(docker create --pull never --network none --cap-drop ALL --security-opt no-new-privileges --memory 2g --pids-limit 512 \
    --restart no "${options[@]}" "$image" "$@" 2>&1)" || { printf '%s' "$container"; return 1; }
container="${container##*$'\n'}"
reason="$(docker start "$container" 2>&1)" || { printf '%s' "${reason//$'\n'/ }"; docker rm --force --volumes "$container" >/dev/null; return 1; }
code="$(timeout "$seconds" docker wait "$container")" || code='still running'
reason=
if [[ "$code" != 0 ]]; then reason="$(docker logs --tail 20 "$container" 2>&1)" || true; fi
docker rm --force --volumes "$container" >/dev/null
printf '%s' "${reason:+$reason$'\n'}" >&2
[[ "$reason" != *'exec format error'* ]] || { printf '%s' "${reason//$'\n'/ }"; return 1; }
printf 'exit %s' "$code"
}
TRACE=/sys/kernel/tracing/instances/docker-cache
TRACE_READER=
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
local found
sync --file-system "$MOUNT_POINT"
found="$(make_hot_set "$MOUNT_POINT" "$DISK" "$RUN/trace" "$HOT_SET_PERCENT" "$RUN/hot-set" <(list_files) "${REFERENCES[@]}")"
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
lines, total = [], 0
for title, first, whole in zip(["engine", *(f"image {name}" for name in references), "files"], touched[::2], touched[1::2]):
 taken = take(first, left)
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
