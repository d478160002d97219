# shellcheck shell=bash
# Made of lib/userdata/{shared,worker}/*, where the comments are.
MOUNT_POINT=/var/lib/docker-cache
FILE_SYSTEM_LABEL=docker-cache
MANIFEST_PATH=.docker-cache/manifest.json
FACTS_PATH=.docker-cache/facts
HOT_SET_PATH=.docker-cache/hot-set
MANIFEST_VERSION=2
HOT_BLOCK_KIB=512
RUN=/run/docker-cache
SYS_BLOCK=/sys/block
COMMON_SETTINGS=(CACHE_NAME CACHE_ARCHITECTURE IMAGE_STORE DEVICE_NAME HTTP_PROXY_URL HTTPS_PROXY_URL NO_PROXY_HOSTS)
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
python3 -c 'import sys, urllib.request as u
method, header, *urls = sys.argv[1:]
for url in urls:
    request = u.Request(url, method=method, headers=dict([header.split(": ")]))
    print(u.build_opener(u.ProxyHandler({})).open(request, timeout=5).read().decode())' "$method" "$header" "${@/#/$METADATA_URL/}"
fi
}
open_metadata() { METADATA_TOKEN="$(request_metadata PUT 'X-aws-ec2-metadata-token-ttl-seconds: 21600' api/token)"; }
get_metadata() { request_metadata GET "X-aws-ec2-metadata-token: $METADATA_TOKEN" "$@"; }
list_unproxied_hosts() { printf %s "169.254.169.254,localhost,127.0.0.1${NO_PROXY_HOSTS:+,$NO_PROXY_HOSTS}"; }
configure_docker_proxy() {
[[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
local folder=/etc/systemd/system/docker.service.d
mkdir -p "$folder"
printf '[Service]\nEnvironment="HTTP_PROXY=%s" "HTTPS_PROXY=%s" "NO_PROXY=%s"\n' \
"${HTTP_PROXY_URL//%/%%}" "${HTTPS_PROXY_URL//%/%%}" "$(list_unproxied_hosts)" >"$folder/docker-cache-proxy.conf"
systemctl daemon-reload
}
name_mount_options() { printf noatime; [[ "$1" != xfs ]] || printf ,nouuid; }
mount_read_only() {
mkdir -p -- "$3"
mount --read-only --options "norecovery,nodev,nosuid,noexec,$(name_mount_options "$2")" --types "$2" "$1" "$3"
}
mount_read_write() {
mkdir -p "$MOUNT_POINT"
mount --read-write --options "$(name_mount_options "$2")" --types "$2" "$1" "$MOUNT_POINT"
}
read_small() { [[ -f "$1" && ! -L "$1" && ! -L "${1%/*}" ]] && head -c "${2:-1048576}" -- "$1"; }
grow_file_system() {
if [[ "$2" == xfs ]]; then xfs_growfs "$MOUNT_POINT" >/dev/null; else resize2fs "$1" &>/dev/null; fi
}
DAEMON_JSON=/etc/docker/daemon.json
CONTAINERD_TOML=/etc/containerd/config.toml
DOCKER_FLAG_FILES=(/etc/sysconfig/docker /etc/sysconfig/docker-storage /etc/default/docker)
MOUNT_INFO=/proc/self/mountinfo
find_docker_roots() {
local key='(data-root|graph)' file line config paths
DOCKER_FLAGS="$(systemctl show -p ExecStart docker.service 2>/dev/null)" || true
for file in "${DOCKER_FLAG_FILES[@]}"; do
while read -r line; do [[ "$line" == \#* ]] || DOCKER_FLAGS+=" $line"; done < <(read_text "$file")
done
[[ ! "$DOCKER_FLAGS" =~ --config-file[=\ ]\"?([^\"\ ]+) ]] || DAEMON_JSON="${BASH_REMATCH[1]}"
config="$(read_text "$DAEMON_JSON")"
DOCKER_ROOT=/var/lib/docker
if [[ "$DOCKER_FLAGS" =~ --${key}[=\ ]\"?([^\"\ ]+) || "$config" =~ \"${key}\"[[:space:]]*:[[:space:]]*\"([^\"]+)\" ]]; then
DOCKER_ROOT="${BASH_REMATCH[2]}"
fi
config="$(read_text "$CONTAINERD_TOML")"
CONTAINERD_ROOT=/var/lib/containerd
if [[ "$config" =~ (^|[[:space:]])root\ *=\ *[\"\']([^\"\']+) ]]; then CONTAINERD_ROOT="${BASH_REMATCH[2]}"; fi
mapfile -t paths < <(realpath -m -- "$DAEMON_JSON" "$DOCKER_ROOT" "$CONTAINERD_ROOT")
DAEMON_JSON="${paths[0]}" DOCKER_ROOT="${paths[1]}" CONTAINERD_ROOT="${paths[2]}"
}
read_text() { [[ ! -r "$1" ]] || cat "$1"; }
bind_folder() {
mkdir -p "$1" "$2"
mount --bind "$1" "$2"
}
bind_docker_roots() {
bind_folder "$MOUNT_POINT/docker" "$DOCKER_ROOT"
[[ "$IMAGE_STORE" == overlay2 ]] || bind_folder "$MOUNT_POINT/containerd" "$CONTAINERD_ROOT"
}
is_on_cache_volume() {
local device point rest cache='' found=''
while read -r _ _ device _ point rest; do
point="${point//\\040/ }"
[[ "$point" != "$MOUNT_POINT" ]] || cache="$device"
[[ "$point" != "$1" ]] || found="$device"
done <"$MOUNT_INFO"
[[ -n "$cache" && "$found" == "$cache" ]]
}
read_engine_major() {
local version
version="$(dockerd --version)"
[[ "$version" =~ version\ ([0-9]+)\. ]]
echo "${BASH_REMATCH[1]}"
}
check_docker_root() {
local info
info="$(docker info --format '{{.DockerRootDir}}|{{.Driver}} {{.DriverStatus}}')"
case "$IMAGE_STORE ${info#*|}" in
overlay2\ overlay2\ * | containerd\ *io.containerd.snapshotter*) is_on_cache_volume "$(realpath -m -- "${info%%|*}")" && return ;;
esac
log "Docker's root and image store: $info"
return 1
}
keep_sealed() {
local folder
for folder in "" /docker /docker/image /docker/image/overlay2 /docker/overlay2 /containerd /.docker-cache; do
is_own_folder "$MOUNT_POINT$folder" || { log "$MOUNT_POINT$folder is no folder of root's"; return 1; }
done
if [[ "$IMAGE_STORE" == containerd ]]; then
remove_all_but docker
remove_all_but containerd io.containerd.content.v1.content io.containerd.metadata.v1.bolt io.containerd.snapshotter.v1.overlayfs
else
remove_all_but docker image overlay2
remove_all_but docker/image overlay2
fi
remove_all_but . docker containerd .docker-cache lost+found
}
is_own_folder() {
[[ -e "$1" || -L "$1" ]] || return 0
[[ -d "$1" && ! -L "$1" && -O "$1" ]] && chmod go-w "$1"
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
local driver="$IMAGE_STORE"
[[ ! "$DOCKER_FLAGS" =~ (--storage-driver|\ -s)[=\ ] && "$driver" == overlay2 ]] || driver=
mkdir -p "${DAEMON_JSON%/*}" && merge_daemon_json "$driver" "$1" >"$DAEMON_JSON.new" || return
[[ ! -e "$DAEMON_JSON" ]] || chmod --reference="$DAEMON_JSON" "$DAEMON_JSON.new" || return
mv "$DAEMON_JSON.new" "$DAEMON_JSON"
}
merge_daemon_json() {
python3 -S - "$DAEMON_JSON" "$IMAGE_STORE" "$1" "$2" <<'PY'
import json, os, sys
path, store, driver, more = sys.argv[1:]
text = open(path, encoding="utf-8-sig").read() if os.path.exists(path) else ""
try:
    config = json.loads(text or "{}")
except ValueError as error:
    sys.exit(f"{path} is no JSON: {error}")
config.setdefault("features", {})["containerd-snapshotter"] = store == "containerd"
config.pop("storage-driver", None)
if driver:
    config["storage-driver"] = driver
config.update(json.loads(more))
print(json.dumps(config, indent=2, sort_keys=True))
PY
}
WORKER_SETTINGS=(TIMEOUT_SECONDS MIN_FREE_GIB HYDRATE HYDRATE_RATE_MIBPS)
WORKER_METRIC_NAMESPACE=DockerCacheWorker
FALLBACK_METRIC=WorkerFallback
HYDRATION_METRIC=HydrationPercent
WORKER_HOME=/var/lib/docker-cache-worker
elapsed_ms() { printf %s $((${EPOCHREALTIME//[.,]/} / 1000 - STARTED_MS)); }
note() { printf '%s %s\n' "$@" >>"$RUN/facts"; }
give_reason() { [[ -s "$RUN/reason" ]] || printf %s "$1" >"$RUN/reason"; }
refuse() {
give_reason "$1"
exit 1
}
quote_json() {
local text="${1//[^[:print:]]/ }"
text="${text//\\/\\\\}"
printf '"%s"' "${text//\"/\\\"}"
}
write_status() {
local key value
note endedMs "$(elapsed_ms)"
{
printf '{"state":"%s","reason":%s' "$1" "$(quote_json "$2")"
while read -r key value; do
[[ "$value" =~ ^[0-9]{1,9}$ ]] || value="$(quote_json "$value")"
printf ',"%s":%s' "$key" "$value"
done <"$RUN/facts"
printf '}\n'
} >"$RUN/status.new"
mv "$RUN/status.new" "$RUN/status.json"
log "$1${2:+: $2}"
{ log "$1${2:+: $2}" 2>/dev/console; } 2>/dev/null || true
}
put_metric() {
local region
command -v aws >/dev/null || return 0
{ [[ -n "$METADATA_TOKEN" ]] || open_metadata; } && region="$(get_metadata meta-data/placement/region)" || return 0
HTTPS_PROXY="$HTTPS_PROXY_URL" NO_PROXY="$(list_unproxied_hosts)" timeout 30 aws cloudwatch put-metric-data --region "$region" \
--namespace "$WORKER_METRIC_NAMESPACE" --metric-name "$1" --value "$2" --dimensions "Name=$CACHE_NAME,Architecture=$CACHE_ARCHITECTURE" || true
}
EXPECTED_DISKS=0
is_cache_mapped() {
local path=meta-data/block-device-mapping/ names devices name
local -a entries
open_metadata && names="$(get_metadata "$path")" || return 2
mapfile -t entries <<<"$names"
EXPECTED_DISKS=0
for name in "${entries[@]}"; do [[ "$name" != @(ebs*|root) ]] || EXPECTED_DISKS=$((EXPECTED_DISKS + 1)); done
devices="$(get_metadata "${entries[@]/#/$path}")" || return 2
[[ $'\n'"${devices//\/dev\//}"$'\n' == *$'\n'"${DEVICE_NAME#/dev/}"$'\n'* ]]
}
list_labelled_disks() {
local path device found type
for path in "$SYS_BLOCK"/*; do
device="/dev/${path##*/}"
[[ "$device" != /dev/@(loop|ram|zram|sr|dm-|md)* ]] || continue
found="$(blkid -p -n xfs,ext4 -o export "$device" 2>/dev/null)"$'\n' || continue
for type in xfs ext4; do
[[ "$found" != *"LABEL=$FILE_SYSTEM_LABEL"$'\n'*"TYPE=$type"$'\n'* ]] || printf '%s\n' "$device $type"
done
done
}
count_ebs_disks() {
local path count=0
for path in "$SYS_BLOCK"/{nvme,xvd,sd}*; do
[[ ! -e "$path" || "$(read_text "$path/device/model")" == *'Instance Storage'* ]] || count=$((count + 1))
done
printf %s "$count"
}
are_disks_missing() { (($(count_ebs_disks) < EXPECTED_DISKS)); }
wait_for_disks() {
local disks missing=1
while disks="$(list_labelled_disks)" && [[ -z "$disks" ]]; do
((missing && SECONDS < $1)) || refuse "no disk with a file system labelled $FILE_SYSTEM_LABEL"
((SECONDS < 5 || EXPECTED_DISKS == 0)) || are_disks_missing || missing=0
sleep 0.2
done
printf '%s\n' "$disks"
}
find_disk() {
local missing=1
choose_disk "$2"
while [[ -z "$DISK" ]] && ((missing && SECONDS < $1)); do
are_disks_missing || missing=0
sleep 0.2
choose_disk "$(list_labelled_disks)"
done
[[ -n "$DISK" ]] || refuse "$DISK_REASONS"
}
choose_disk() {
local device type probe="$RUN/probe" reasons=""
DISK=
while read -r device type; do
{ echo 4294967295 >"$SYS_BLOCK/${device##*/}/queue/io_timeout"; } 2>/dev/null || true
if ! mount_read_only "$device" "$type" "$probe"; then
reasons+="$device cannot be mounted; "
continue
fi
if ! check_manifest "$probe/$MANIFEST_PATH" >"$RUN/manifest.new"; then
reasons+="$device: $(<"$RUN/manifest.new"); "
elif [[ -n "$DISK" ]]; then
refuse "two disks hold this cache: $DISK, $device"
else
DISK="$device" DISK_TYPE="$type"
mv "$RUN/manifest.new" "$RUN/manifest"
cp "$probe/$HOT_SET_PATH" "$RUN/hot-set" || true
DISK_BLOCKS="$(df --output=size -B "${HOT_BLOCK_KIB}K" "$probe" | tail -n 1)"
fi
umount "$probe"
done <<<"$1"
DISK_REASONS="${reasons%; }"
}
check_manifest() {
python3 -S - "$1" "$MANIFEST_VERSION" "$ENGINE_MAJOR" "$CACHE_NAME" "$CACHE_ARCHITECTURE" "$IMAGE_STORE" <<'PY'
import json, sys
path, version, engine, *expected = sys.argv[1:]
wrong = []
try:
    manifest = json.load(open(path))
    store, major = manifest["store"].split("/")
    found = [manifest["name"], manifest["architecture"], store]
    if found != expected:
        wrong = [f"it is for {found}, this worker for {expected}"]
    if int(version) - manifest["version"] not in (0, 1):
        wrong.append(f"its manifest has version {manifest['version']}, this worker's {version}")
    if int(major) > int(engine):
        wrong.append(f"Docker {major} wrote it, this is {engine}")
    lines = [" ".join(manifest[key] for key in ("buildId", "content", "store"))]
    lines += [image["reference"] for image in manifest["images"]]
except Exception as error:
    wrong.append(f"no usable manifest: {error!r}")
print("; ".join(wrong) or "\n".join(lines))
sys.exit(len(wrong))
PY
}
read_ahead() {
python3 -I -S - "$@" <<'PY'
import mmap, os, re, stat, struct, sys, threading, time
UNIT = 512 << 10
BEGAN = time.monotonic()
task, disk, *words = sys.argv[1:]
lock = threading.Lock()
told = ""
def tell(text):
 text = f"{told}{text} after {int((time.monotonic() - BEGAN) * 1000)} ms\n"
 if task == "ranges":
  with open(f"{progress}.new", "w") as file:
   file.write(text)
  os.replace(f"{progress}.new", progress)
 return text
def read(name, ranges, count, rate=0, stop=""):
 global told
 total, due, done, stopped = sum(count for _, count in ranges), 0, 0, False
 blocks = (block for first, count in ranges for block in range(first, first + count))
 def work():
  nonlocal due, done, stopped
  try:
   file = os.open(disk, os.O_RDONLY | os.O_DIRECT)
  except OSError:
   file = os.open(disk, os.O_RDONLY)
  buffer = mmap.mmap(-1, UNIT)
  while True:
   with lock:
    block = next(blocks, None)
    turn = max(due, time.monotonic())
    due = turn + (0.5 / rate if rate else 0)
   time.sleep(max(0, turn - time.monotonic()))
   stopped = stopped or os.path.exists(stop)
   if stopped or block is None:
    return
   try:
    os.preadv(file, [buffer], block * UNIT)
   except OSError:
    pass
   with lock:
    done += 1
 threads = [threading.Thread(target=work) for _ in range(count)]
 for thread in threads:
  thread.start()
 for thread in threads:
  while thread.is_alive():
   tell(f"{name}: {done} of {total} blocks read")
   thread.join(0.2)
 told = tell(f"{name}: stopped, {done} of {total} blocks read" if stopped else f"{name}: {done} blocks read")
 if stopped:
  sys.exit(1)
def list_heads(kind):
 with open(disk, "rb") as file:
  head = file.read(8192)
  last = file.seek(0, os.SEEK_END) - 1
 if kind == "xfs":
  (size,) = struct.unpack_from(">I", head, 4)
  log, inode = struct.unpack_from(">2Q", head, 48)
  group, groups, _, length = struct.unpack_from(">4I", head, 84)
  shift = head[124]
  log, inode = (((at >> shift) * group + at % (1 << shift)) * size for at in (log, inode >> head[123]))
  places = [index * group * size for index in range(min(groups, 64))]
  places += [inode, log + length * size - 1, *(log + length * size * index // 16 for index in range(16))]
 else:
  places = [0, *(at * 4096 for at in struct.unpack_from("<3I", head, 4096) + struct.unpack_from("<I", head, 1312))]
 return sorted({place // UNIT for place in places if place <= last})
def read_hot_set(path, blocks):
 hot, rest, left, text = [], None, 2 * blocks, b""
 ranges = hot
 try:
  file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
  state = os.fstat(file)
  if stat.S_ISREG(state.st_mode) and state.st_size <= 8 << 20:
   text = os.read(file, 8 << 20)
 except OSError:
  pass
 for line in text.decode("latin-1").split("\n"):
  if line == "# rest":
   ranges = rest = rest or []
  elif line[:1] == "#":
   ranges = hot
  elif re.fullmatch("[0-9]{1,9} [0-9]{1,6}", line):
   first, count = map(int, line.split())
   count = min(count, blocks - first, left)
   if count > 0:
    ranges.append((first, count))
    left -= count
 return hot, rest
if task == "heads":
 read(task, [(block, 1) for block in list_heads(*words)], 32)
else:
 path, mode, rate, progress, stop, blocks = words
 hot, rest = read_hot_set(path, int(blocks))
 read("hot", hot, 16)
 if mode == "all":
  os.nice(10)
  read("rest", [(0, int(blocks))] if rest is None else rest, 16, int(rate or 0), stop)
 tell("done")
PY
}
hydrate() {
local mode="$HYDRATE" reporter mark="${MARK:-}"
[[ "$mode" != none ]] || return 0
[[ -z "$mark" || "$(read_text "$WORKER_HOME/hydrated")" != "$mark" ]] || mode=hot
if [[ "$mode" == hot ]]; then
read_all hot
return
fi
report_hydration &
reporter=$!
if read_all all; then
printf %s "$mark" >"$WORKER_HOME/hydrated"
put_metric "$HYDRATION_METRIC" 100
fi
kill "$reporter" 2>/dev/null || true
}
read_all() { read_ahead ranges "$DISK" "$RUN/hot-set" "$1" "$HYDRATE_RATE_MIBPS" "$RUN/hydration" "$RUN/stop-hydration" "$DISK_BLOCKS"; }
report_hydration() {
while sleep 60; do
[[ ! "$(<"$RUN/hydration")" =~ rest:\ ([0-9]+)\ of\ ([0-9]+) ]] || put_metric "$HYDRATION_METRIC" $((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
done
}
mount_cache() {
local free
mount_read_write "$DISK" "$DISK_TYPE" || refuse "$DISK cannot be mounted read-write"
grow_cache || log "the file system was not grown to the volume"
free=$(($(df --output=avail -B 1M "$MOUNT_POINT" | tail -n 1)))
((free >= MIN_FREE_GIB * 1024 && free >= 256)) || refuse "$free MiB are free on the cache volume, min_free is $MIN_FREE_GIB GiB"
check_writing || refuse "$DISK cannot be written to"
}
grow_cache() {
if [[ "$DISK_TYPE" != xfs ]] || command -v xfs_growfs >/dev/null; then
grow_file_system "$DISK" "$DISK_TYPE"
return
fi
python3 - "$DISK" "$MOUNT_POINT" <<'PY'
import fcntl, os, struct, sys
disk = open(sys.argv[1], "rb")
superblock = disk.read(128)
blocks = disk.seek(0, os.SEEK_END) // struct.unpack_from(">I", superblock, 4)[0]
fcntl.ioctl(os.open(sys.argv[2], os.O_RDONLY), 0x4010586E, struct.pack("=QIxxxx", blocks, superblock[127]))
PY
}
check_writing() {
local path="$MOUNT_POINT/.docker-cache/written"
dd if=/dev/zero of="$path" bs=4K count=1 conv=fsync 2>/dev/null && rm "$path"
}
unmount_cache() {
local folder
umount -l "$RUN/probe" 2>/dev/null || true
for folder in "$CONTAINERD_ROOT" "$CONTAINERD_ROOT" "$DOCKER_ROOT" "$DOCKER_ROOT" "$MOUNT_POINT"; do
! is_on_cache_volume "$folder" || umount "$folder" || umount -l "$folder"
done
}
check_containers() {
local container
case "$(systemctl is-active docker.service)" in
active) ;;
activating | reloading) systemctl start docker.service ;;
*) return 0 ;;
esac
while read -r container; do
[[ -z "$container" || "$container" == *ecs-agent* ]] || refuse "a container runs already, Docker is left alone: $container"
done < <(docker ps --format '{{.Names}} {{.Image}}')
}
stop_docker() {
local -a units=(docker.socket docker.service)
[[ "$IMAGE_STORE" == overlay2 ]] || units+=(containerd.service)
timeout "$1" systemctl stop "${units[@]}" || systemctl kill -s KILL "${units[@]}" || true
}
start_docker() {
systemctl reset-failed docker.service docker.socket 2>/dev/null || true
timeout 120 systemctl start docker.service || return
systemctl is-enabled -q docker.service docker.socket || systemctl enable -q docker.service
! systemctl is-enabled -q ecs.service 2>/dev/null || systemctl start --no-block ecs.service
}
start_docker_cold() {
start_docker || note docker 'does not start on the root disk either'
write_status cold "$1"
}
move_docker() {
local problem
if [[ ! -e "$WORKER_HOME/moved" ]]; then
rm -f "$WORKER_HOME/daemon.json"
[[ ! -e "$DAEMON_JSON" ]] || cp -p "$DAEMON_JSON" "$WORKER_HOME"
touch "$WORKER_HOME/moved"
fi
bind_docker_roots
problem="$(pin_image_store '{}' 2>&1)" || refuse "daemon.json cannot be changed: ${problem##*$'\n'}"
}
check_images() {
local references
mapfile -t references < <(tail -n +2 "$RUN/manifest")
docker image inspect --format x "${references[@]}" >/dev/null
}
undo_move() {
unmount_cache || log "the volume stays mounted"
[[ -e "$WORKER_HOME/moved" ]] || return 0
restore_daemon_json || log "daemon.json stays"
}
restore_daemon_json() {
if [[ -e "$WORKER_HOME/daemon.json" ]]; then
cp -p "$WORKER_HOME/daemon.json" "$DAEMON_JSON.new" && mv "$DAEMON_JSON.new" "$DAEMON_JSON" || return
else
rm -f "$DAEMON_JSON" || return
fi
rm "$WORKER_HOME/moved"
}
install_boot_service() {
local folder=/etc/systemd/system mounts unit
cp "$USER_DATA" "$WORKER_HOME/user-data"
printf '[Unit]\nDescription=Docker image cache\n[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutStartSec=infinity
StandardError=journal+console\nExecStart=/bin/bash %s/user-data boot\n' "$WORKER_HOME" >"$folder/docker-cache.service"
mounts="$(systemd-escape -p --suffix=mount "$DOCKER_ROOT" "$CONTAINERD_ROOT" "$MOUNT_POINT")"
for unit in docker containerd; do
mkdir -p "$folder/$unit.service.d"
printf '[Unit]\nWants=docker-cache.service\nAfter=docker-cache.service %s\n' "${mounts//$'\n'/ }" >"$folder/$unit.service.d/docker-cache.conf"
done
systemctl daemon-reload
}
run_user_script() {
[[ -n "${USER_SCRIPT:-}" ]] || return 0
local script="$WORKER_HOME/user-script"
base64 -d <<<"$USER_SCRIPT" | gzip -d >"$script"
chmod 700 "$script"
export -n USER_SCRIPT
exec "$script"
}
main() {
local mode="${2:-launch}"
USER_DATA="$1"
STARTED_MS=$((${EPOCHREALTIME//[.,]/} / 1000))
decode_settings "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}" || log "settings are not whole"
install -d -m 700 "$WORKER_HOME"
mkdir -p "$RUN"
prepare_docker "$mode" &
wait "$!" || log "Docker was not prepared"
[[ "$mode" == boot ]] || {
[[ -s "$RUN/status.json" ]] || start_docker || log "Docker does not start"
run_user_script
}
}
prepare_docker() {
local mapped=0
: >"$RUN/facts"
rm -f "$RUN"/{status.json,reason,failed,warm,hydration,hot-set}
exec {ENGINE}< <(read_engine_major)
configure_docker_proxy
find_docker_roots
[[ "$1" == boot ]] || is_cache_mapped || mapped=$?
if ((mapped == 1)); then
start_docker_cold "no cache device was mapped at launch"
return
fi
attempt_warm "$1" $((mapped ? 0 : TIMEOUT_SECONDS))
if [[ -e "$RUN/warm" ]]; then
write_status warm ""
[[ "$1" == boot ]] || install_boot_service &
return
fi
if [[ "$1" == boot ]]; then
undo_move
write_status cold "$(<"$RUN/reason")"
else
[[ ! -e "$WORKER_HOME/moved" ]] || stop_docker 5
undo_move
start_docker_cold "$(<"$RUN/reason")"
fi
put_metric "$FALLBACK_METRIC" 1 &>/dev/null &
}
attempt_warm() {
local limit=$((TIMEOUT_SECONDS < 40 ? TIMEOUT_SECONDS * 3 / 4 : TIMEOUT_SECONDS - 10)) warm timer
set -o monitor
start_warm "$1" $(($2 < limit ? $2 : limit - 1)) &
warm=$!
sleep "$limit" &
timer=$!
set +o monitor
wait -n "$warm" "$timer" || true
if kill "$timer" 2>/dev/null; then give_reason "$(read_text "$RUN/failed")"; else give_reason "not ready within $TIMEOUT_SECONDS s"; fi
[[ -e "$RUN/warm" ]] || kill -KILL -- "-$warm" 2>/dev/null || true
}
start_warm() {
local facts disks stopped
trap 'echo "failed: $BASH_COMMAND" >"$RUN/failed"' ERR
if is_on_cache_volume "$MOUNT_POINT"; then
[[ "$1" == boot ]] || stop_docker 20
unmount_cache
fi
read -r -u "$ENGINE" ENGINE_MAJOR || refuse "this image has no Docker"
command -v python3 >/dev/null || refuse "this image has no python3"
[[ "$IMAGE_STORE" == overlay2 ]] || ((ENGINE_MAJOR >= 24)) || refuse "containerd's image store needs Docker 24, this is $ENGINE_MAJOR"
disks="$(wait_for_disks "$2")"
if [[ "$1" != boot ]]; then
{
check_containers
stop_docker 20
} &
stopped=$!
fi
find_disk "$2" "$disks"
read -r -a facts <"$RUN/manifest"
note device "$DISK" buildId "${facts[0]}" content "${facts[1]}" store "${facts[2]}" foundMs "$(elapsed_ms)"
hydrate </dev/null &>/dev/null &
[[ "$1" == boot ]] || wait "$stopped"
mount_cache
note mountedMs "$(elapsed_ms)"
move_docker
if [[ "$1" != boot ]]; then
check_containers
stop_docker 20
start_docker || refuse "Docker does not start on the cache volume"
check_docker_root || refuse "Docker does not keep its images on the cache volume"
check_images || refuse "Docker does not know all images of the manifest"
fi
note readyMs "$(elapsed_ms)"
touch "$RUN/warm"
}
set -o errexit -o nounset -o pipefail -o errtrace
main "$@"
