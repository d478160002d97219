# shellcheck shell=bash
# Made of lib/userdata/{shared,worker}/*, where the comments are.
mount_cache() {
is_on_cache_volume "$MOUNT_POINT" || mount_read_write "$DISK" "$DISK_TYPE" || refuse "$DISK cannot be mounted read-write"
make_room &
ROOM_MAKER=$!
trap 'wait "$ROOM_MAKER"' EXIT
clean_cache
wait "$ROOM_MAKER" || exit
trap - EXIT
check_writing || refuse "$DISK cannot be written to"
printf '%s\n' "$INSTANCE_ID $DISK_UUID $DISK_SERIAL" >"$WORKER_HOME/mounted.new"
mv "$WORKER_HOME/mounted.new" "$WORKER_HOME/mounted"
}
make_room() {
local free
grow_cache || log "the file system was not grown to the volume"
free=$(($(df --output=avail -B 1M "$MOUNT_POINT" | tail -n 1)))
((free >= MIN_FREE_GIB * 1024 && free >= 256)) || refuse "$free MiB are free on the cache volume, min_free is $MIN_FREE_GIB GiB"
}
clean_cache() {
! is_marked "$DISK_UUID" "$DISK_SERIAL" || return 0
check_store "$MOUNT_POINT" <(keep_sealed && remove_all_but .docker-cache "${MANIFEST_PATH##*/}" "${FACTS_PATH##*/}" "${HOT_SET_PATH##*/}" store && echo kept) ||
refuse "$DISK holds what no build leaves there"
}
grow_cache() {
if [[ "$DISK_TYPE" != xfs ]] || command -v xfs_growfs >/dev/null; then
grow_file_system "$DISK" "$DISK_TYPE"
return
fi
grow_xfs "$DISK" "$MOUNT_POINT"
}
check_writing() {
local path
path="$(mktemp "$MOUNT_POINT/.written.XXXXXXXX")" && dd if=/dev/zero of="$path" bs=4K count=1 conv=fsync 2>/dev/null && rm "$path"
}
is_docker_alive() {
local path name
local -a words
for path in "$PROC"/[0-9]*; do
read -r name 2>/dev/null <"$path/comm" || continue
case "$name $IMAGE_STORE $1" in
"dockerd $IMAGE_STORE any" | 'containerd containerd any' | containerd-shim\ containerd*) return 0 ;;
containerd-shim*)
mapfile -d '' -t words 2>/dev/null <"$path/cmdline" || continue
[[ "${words[*]}" != *'-namespace moby'* ]] || return 0
;;
esac
done
return 1
}
unmount_cache() {
local folder
[[ "$(<"$MOUNT_INFO")" != *" $RUN/probe "* ]] || umount "$RUN/probe" || umount -l "$RUN/probe" || true
list_cache_mounts
((${#CACHE_MOUNTS[@]} <= 1)) || ! is_docker_alive any || return
for folder in "${CACHE_MOUNTS[@]}"; do
! is_on_cache_volume "$folder" || umount "$folder" || {
! is_docker_alive any && umount -l "$folder"
} || return
done
}
order_unmounts() {
local unit
for unit in $(systemd-escape --path --suffix=mount "$DOCKER_ROOT" "$CONTAINERD_ROOT"); do
mkdir -p "$RUNTIME_UNIT_FOLDER/$unit.d"
printf '[Unit]\nAfter=swap.target\n' >"$RUNTIME_UNIT_FOLDER/$unit.d/docker-cache.conf"
done
}
unbind_docker_roots() {
local folder
list_cache_mounts
for folder in "${CACHE_MOUNTS[@]}"; do
[[ "$folder" == "$MOUNT_POINT" ]] || ! is_on_cache_volume "$folder" || umount "$folder" || return
done
}
list_cache_mounts() {
local device point cache=''
CACHE_MOUNTS=()
while read -r _ _ device _ point _; do [[ "$point" != "$MOUNT_POINT" ]] || cache="$device"; done <"$MOUNT_INFO"
[[ -n "$cache" ]] || return 0
while read -r _ _ device _ point _; do
[[ "$device" != "$cache" ]] || CACHE_MOUNTS=("${point//\\040/ }" "${CACHE_MOUNTS[@]}")
done <"$MOUNT_INFO"
}
EXPECTED_DISKS=0
HEADED=
is_cache_mapped() {
local names name
open_metadata && names="$(get_metadata meta-data/block-device-mapping/)" || return 2
EXPECTED_DISKS=0
for name in $names; do [[ "$name" != @(ebs*|root) ]] || EXPECTED_DISKS=$((EXPECTED_DISKS + 1)); done
((EXPECTED_DISKS > 1))
}
list_labelled_disks() {
local path device found type uuid=$'\nUUID=([0-9a-fA-F-]+)\n'
for path in "$SYS_BLOCK"/*; do
device="/dev/${path##*/}"
[[ "$device" != /dev/@(loop|ram|zram|sr|dm-|md)* ]] || continue
found=$'\n'"$(blkid -p -n xfs,ext4 -o export "$device" 2>/dev/null)"$'\n' || continue
[[ "$found" == *$'\n'"LABEL=$FILE_SYSTEM_LABEL"$'\n'* && "$found" =~ $uuid ]] || continue
for type in xfs ext4; do
[[ "$found" != *$'\n'"TYPE=$type"$'\n'* ]] || printf '%s\n' "$device $type ${BASH_REMATCH[1]} $(read_text "$path/device/serial" 2>/dev/null)"
done
done
}
are_disks_missing() {
local path count=0
for path in "$SYS_BLOCK"/{nvme,xvd,sd}*; do
[[ ! -e "$path" || "$(read_text "$path/device/model")" == *'Instance Storage'* ]] || count=$((count + 1))
done
((count < EXPECTED_DISKS))
}
is_marked() {
local instance uuid
read -r instance uuid MARK_SERIAL <<<"$(read_text "$WORKER_HOME/mounted")"
[[ "$instance" == "$INSTANCE_ID" && "$uuid $MARK_SERIAL" == "${1:-$uuid} ${2:-$MARK_SERIAL}" ]]
}
find_disk() {
local until missing=1 mapped=0 disks
disks="$(list_labelled_disks)"
choose_disk "$disks"
[[ -z "$DISK" ]] || return 0
is_cache_mapped || mapped=$?
if ((mapped == 1)); then
touch "$RUN/unmapped"
refuse "${DISK_REASONS:-no cache device was mapped at launch}"
fi
until=$(($(elapsed_ms) + (mapped ? 0 : $1)))
while [[ -z "$DISK" ]] && ((missing && $(elapsed_ms) < until)); do
sleep 0.1
[[ -z "$DISK_REASONS" ]] && (($(elapsed_ms) < until - $1 + 1000)) || are_disks_missing || missing=0
disks="$(list_labelled_disks)"
choose_disk "$disks"
done
[[ -z "$DISK" ]] || return 0
[[ "$MODE" != early ]] || ((missing == 0)) || is_marked '' '' || exit 1
refuse "${DISK_REASONS:-no disk with a file system labelled $FILE_SYSTEM_LABEL}"
}
choose_disk() {
local device type uuid serial probe="$RUN/probe" reasons="" known=none
DISK=
! is_marked '' '' || known="${MARK_SERIAL:-none}"
while read -r device type uuid serial; do
[[ -n "$device" ]] || continue
{ echo 4294967295 >"$SYS_BLOCK/${device##*/}/queue/io_timeout"; } 2>/dev/null || true
[[ "$HEADED " == *" $device "* ]] || {
HEADED+=" $device"
read_ahead heads "$device" "$type" </dev/null &>/dev/null 9>&- &
}
if ! mount_read_only "$device" "$type" "$probe"; then
reasons+="$device cannot be mounted; "
continue
fi
if ! check_facts "$probe" >"$RUN/manifest.new"; then
reasons+="$device: $(<"$RUN/manifest.new"); "
elif [[ -n "$DISK" && "$DISK_SERIAL" == "$known" ]]; then
:
elif [[ -n "$DISK" && "$serial" != "$known" ]]; then
refuse "two disks hold this cache: $DISK, $device"
else
DISK="$device" DISK_TYPE="$type" DISK_UUID="$uuid" DISK_SERIAL="$serial"
mv "$RUN/manifest.new" "$RUN/manifest"
read_small "$probe/$HOT_SET_PATH" 8388608 >"$RUN/hot-set" || true
DISK_BLOCKS=$(($(df --output=size -B "${HOT_BLOCK_KIB}K" "$probe" | tail -n 1)))
printf '%s\n' "$DISK $DISK_TYPE $DISK_UUID $DISK_BLOCKS $DISK_SERIAL" >"$RUN/disk"
fi
umount "$probe"
done <<<"$1"
DISK_REASONS="${reasons%; }"
}
MOUNT_POINT=/var/lib/docker-cache
FILE_SYSTEM_LABEL=docker-cache
MANIFEST_PATH=.docker-cache/manifest.json
FACTS_PATH=.docker-cache/facts
HOT_SET_PATH=.docker-cache/hot-set
MANIFEST_VERSION=2
RUN=/run/docker-cache
SYS_BLOCK=/sys/block
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
main() {
MODE="$1"
STARTED_MS=$((${EPOCHREALTIME//[.,]/} / 1000))
mkdir -p "$RUN"
install -d -m 700 "$WORKER_HOME" || log "$WORKER_HOME cannot be made"
if [[ "$MODE" == @(early|late) ]]; then
decode_settings "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}" || log "settings are not whole"
keep_settings || log "settings are not kept"
else
eval "$(<"$SETTINGS_FILE")"
fi
read_instance_id
if [[ -n "${2:-}" && "$2" != "$INSTANCE_ID" ]]; then
find_docker_roots
is_docker_running || restore_daemon_json
return 0
fi
exec 9>"$RUN/lock"
case "$MODE" in
early) run_early ;;
boot) ! declare -F run_boot >/dev/null || run_boot ;;
*) run_late ;;
esac
}
attempt() {
local child timer
rm -f "$RUN"/{done,failed}
set -o monitor
{
trap 'echo "failed: $BASH_COMMAND" >"$RUN/failed"' ERR
"${@:2}"
touch "$RUN/done"
} &
child=$!
sleep "$1" 9>&- &
timer=$!
set +o monitor
wait -n "$child" "$timer" || true
TIMED_OUT=
kill "$timer" 2>/dev/null || TIMED_OUT=1
[[ -e "$RUN/done" ]] || kill -KILL -- "-$child" 2>/dev/null || true
}
run_early() {
local limit=10 wait_ms=2000
flock -n 9 || return 0
[[ "$MODE" == boot ]] || install_finish || log "finish is not installed"
rm -f "$RUN"/{facts,reason,early,unmapped,dependents}
note way early
! is_marked '' '' || limit=15 wait_ms=10000
configure_docker_proxy || log "Docker does not get the proxy"
attempt "$limit" prepare_early "$wait_ms"
[[ -z "$TIMED_OUT" ]] || log "not ready within $limit s"
[[ -e "$RUN/done" || ! -s "$RUN/reason" ]] || attempt 5 undo_move
elapsed_ms >"$RUN/early"
}
prepare_early() {
find_docker_roots
if is_docker_running; then
log "Docker is $DOCKER_STATE"
exit 0
fi
[[ "$DOCKER_LOADED" != not-found ]] && ! is_docker_alive any || exit 0
check_docker_kind
[[ "$IMAGE_STORE" == overlay2 || "$(systemctl show -p ActiveState --value containerd.service)" == inactive ]] || exit 0
check_former
was_warm || ! compgen -G "$DOCKER_ROOT/containers/*" >/dev/null || exit 0
open_cache "$1"
move_docker
}
was_warm() { [[ "$(read_text "$WORKER_HOME/warm")" == "$INSTANCE_ID" ]]; }
check_former() {
was_warm || [[ "$(read_text "$WORKER_HOME/cold")" != "$INSTANCE_ID" ]] || refuse "this instance has started cold before, and its images and containers are on the root disk"
}
open_cache() {
local -a facts
if is_on_cache_volume "$MOUNT_POINT" && [[ -s "$RUN/disk" ]]; then
read -r DISK DISK_TYPE DISK_UUID DISK_BLOCKS DISK_SERIAL <"$RUN/disk"
else
unmount_cache
find_disk "$1"
fi
read -r -a facts <"$RUN/manifest"
note device "$DISK" buildId "${facts[0]}" content "${facts[1]}" store "${facts[2]}" foundMs "$(elapsed_ms)"
MARK="$INSTANCE_ID $DISK_UUID $DISK_SERIAL" hydrate </dev/null &>/dev/null 9>&- &
mount_cache
note mountedMs "$(elapsed_ms)" mountedAt "${EPOCHREALTIME/,/.}"
}
run_late() {
local limit=$((TIMEOUT_SECONDS < 40 ? TIMEOUT_SECONDS * 3 / 4 : TIMEOUT_SECONDS - 10)) early hangs=''
flock -w "$limit" 9 || hangs=1
[[ "$MODE" == late ]] || read_text "$RUN/early.log" >&2
find_docker_roots
if [[ "$DOCKER_STATE" == active ]] && { [[ -s "$RUN/status.json" ]] || { [[ ! -e "$RUN/disk" ]] && is_on_cache_volume "$DOCKER_ROOT"; }; }; then
log "nothing to do"
return 0
fi
if [[ "$MODE" == finish ]]; then
early="$(read_text "$RUN/early")"
[[ -z "$early" ]] || note earlyMs "$early"
STARTED_MS=$((STARTED_MS - ${early:-0})) limit=$((limit - ${early:-0} / 1000))
((limit >= 5)) || limit=5
else
rm -f "$RUN"/{facts,reason,unmapped,dependents}
configure_docker_proxy || log "Docker does not get the proxy"
note way late
fi
rm -f "$RUN/warm"
[[ -z "$hangs" ]] || give_reason "what began before still hangs"
attempt "$limit" start_warm $((limit * 1000 - 1000))
[[ -z "$TIMED_OUT" ]] || give_reason "not ready within $TIMEOUT_SECONDS s"
if [[ -e "$RUN/warm" ]]; then
write_status warm ""
[[ "$MODE" == finish ]] || install_boot_service || log "later boots are cold"
return 0
fi
give_reason "$(read_text "$RUN/failed")"
start_cold
}
start_warm() {
[[ ! -s "$RUN/reason" ]] || exit 1
if ! is_on_cache_volume "$DOCKER_ROOT" || [[ ! -s "$RUN/disk" ]]; then
check_docker_kind
check_former
note way late
list_cache_mounts
((${#CACHE_MOUNTS[@]} <= 1)) || note repinned 1
settle_docker "$1"
else
[[ "$DOCKER_STATE" == active ]] || start_on_cache
check_docker || {
note repinned 1
settle_docker "$1"
}
fi
note readyMs "$(elapsed_ms)" readyAt "${EPOCHREALTIME/,/.}"
touch "$RUN/warm"
}
settle_docker() {
open_cache "$1"
check_containers
stop_docker 20
! is_docker_alive any || refuse "Docker does not stop"
unbind_docker_roots || refuse "the cache volume is in use"
move_docker
start_on_cache
check_docker || refuse "Docker does not keep its images on the cache volume"
}
start_cold() {
local in_use=0
list_cache_mounts
if ((${#CACHE_MOUNTS[@]} > 1)) || { ! has_proxy && systemctl is-active -q docker.service; }; then
if (check_containers); then
stop_docker 5
else
log "Docker is left alone: a container runs"
in_use=1
fi
fi
((in_use && ${#CACHE_MOUNTS[@]} > 1)) || attempt 10 undo_move
[[ "$DOCKER_LOADED" == not-found ]] || start_docker || note docker 'does not start on the root disk either'
write_status cold "$(<"$RUN/reason")"
}
DOCKER_UNITS=(docker.socket docker.service)
DOCKER_DEFERRED=
check_docker_kind() {
[[ "$DOCKER_LOADED" != not-found ]] || refuse "there is no docker.service: none is installed, or it is rootless or from a snap"
[[ "$DOCKER_LOADED" != masked ]] || refuse "docker.service is masked"
[[ -z "$DOCKER_UNFIT" ]] || refuse "$DOCKER_UNFIT"
}
is_docker_running() { [[ "$DOCKER_STATE" != @(inactive|failed) ]]; }
list_containers() {
local name all
all="$(timeout 10 docker ps --format '{{.Names}} {{.Image}}')" || return
while read -r name; do [[ "$name" == *ecs-agent* || -z "$name" ]] || printf '%s\n' "$name"; done <<<"$all"
}
check_containers() {
local containers
case "$(systemctl is-active docker.service)" in activating | reloading) timeout 10 systemctl start docker.service || true ;; esac
if systemctl is-active -q docker.service && containers="$(list_containers 2>/dev/null)"; then
[[ -z "$containers" ]] || refuse "a container runs already, Docker is left alone: ${containers%%$'\n'*}"
else
! is_docker_alive keepers || refuse "a container runs already, without Docker: nothing is touched"
fi
}
stop_docker() {
local -a units=("${DOCKER_UNITS[@]}")
[[ "$IMAGE_STORE" == overlay2 ]] || units+=(containerd.service)
list_dependents "${units[@]}" >>"$RUN/dependents"
timeout "$1" systemctl stop "${units[@]}" || systemctl kill -s KILL "${units[@]}" || true
}
list_dependents() {
local seen=" $* " key value id='' state='' job='' unit
local -a queue=("$@") next
while ((${#queue[@]})); do
next=()
while IFS='=' read -r key value; do
case "$key" in
Id) id="$value" ;;
ActiveState) state="$value" ;;
Job) job="$value" ;;
'')
[[ -z "$id" || " $* " == *" $id "* || ("$state" != @(active|activating|reloading) && "${job:-0}" == 0) ]] || printf '%s\n' "$id"
id='' job=''
;;
*)
for unit in $value; do
[[ "$seen" == *" $unit "* ]] || next+=("$unit")
seen+="$unit "
done
;;
esac
done < <(
systemctl show -p Id,ActiveState,Job,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo "${queue[@]}"
echo
)
queue=("${next[@]}")
done
}
start_docker() {
local -a dependents
if ! systemctl is-active -q docker.service; then
systemctl reset-failed "${DOCKER_UNITS[@]}" 2>/dev/null || true
if [[ "$MODE" != boot && " $(systemctl show -p After --value docker.service) " == *" cloud-"@(final.service|init.target)" "* ]]; then
DOCKER_DEFERRED=1
note docker 'starts after cloud-init, and was not checked'
systemctl start --no-block docker.service || return
else
timeout 120 systemctl start docker.service || return
fi
systemctl is-enabled -q "${DOCKER_UNITS[@]}" || systemctl enable -q docker.service
fi
mapfile -t dependents < <(read_text "$RUN/dependents")
((${#dependents[@]} == 0)) || systemctl start --no-block "${dependents[@]}" || log "not all is started again: ${dependents[*]}"
rm -f "$RUN/dependents"
}
start_on_cache() { start_docker || refuse "Docker does not start on the cache volume"; }
check_docker() {
local info major store images
local -a facts references
[[ -z "$DOCKER_DEFERRED" ]] || return 0
{ read -r -a facts && mapfile -t references; } <"$RUN/manifest"
docker image inspect --format x -- "${references[@]}" >/dev/null &
images=$!
info="$(docker info --format '{{.ServerVersion}}|{{.DockerRootDir}}|{{.Driver}} {{.DriverStatus}}')" || refuse "Docker does not answer"
major="${info%%.*}" store="${facts[2]}"
[[ "$major" =~ ^[0-9]{1,4}$ ]] || refuse "Docker's version is no number: ${info%%|*}"
((${store#*/} <= major)) || refuse "Docker ${store#*/} wrote it, this is $major"
[[ "$IMAGE_STORE" == overlay2 ]] || ((major >= 24)) || refuse "containerd's image store needs Docker 24, this is $major"
is_root_cached "${info#*|}" || return
wait "$images" || refuse "Docker does not know all images of the manifest"
}
move_docker() {
local problem
order_unmounts || true
bind_docker_roots
problem="$(pin_image_store '{}' keep_daemon_json 2>&1)" || refuse "daemon.json cannot be changed: ${problem##*$'\n'}"
[[ -z "$problem" ]] || log "$problem"
}
keep_daemon_json() {
local hash
if ! is_daemon_json_ours; then
rm -f "$WORKER_HOME/daemon.json"
[[ ! -e "$DAEMON_JSON" ]] || cp -p "$DAEMON_JSON" "$WORKER_HOME/daemon.json"
fi
hash="$(sha256sum <"$1")" && printf '%s\n' "$hash" >"$WORKER_HOME/pinned"
}
is_daemon_json_ours() { [[ -e "$DAEMON_JSON" && -s "$WORKER_HOME/pinned" && "$(sha256sum <"$DAEMON_JSON")" == "$(<"$WORKER_HOME/pinned")" ]]; }
undo_move() {
find_docker_roots
unmount_cache || {
log "the volume stays mounted"
return 0
}
restore_daemon_json || log "daemon.json stays"
}
restore_daemon_json() {
is_daemon_json_ours || return 0
if [[ -e "$WORKER_HOME/daemon.json" ]]; then
cp -p "$WORKER_HOME/daemon.json" "$DAEMON_JSON.new" && mv "$DAEMON_JSON.new" "$DAEMON_JSON"
else
rm -f "$DAEMON_JSON"
fi && rm "$WORKER_HOME/pinned"
}
has_proxy() {
local process
local -a variables
[[ -n "$HTTP_PROXY_URL$HTTPS_PROXY_URL" ]] || return 0
process="$(systemctl show -p MainPID --value docker.service)"
((process > 0)) && mapfile -d '' variables <"/proc/$process/environ" || return 0
[[ " ${variables[*]} " == *" HTTPS_PROXY=$HTTPS_PROXY_URL "* && " ${variables[*]} " == *" HTTP_PROXY=$HTTP_PROXY_URL "* ]]
}
check_facts() (
wanted="$CACHE_NAME/$CACHE_ARCHITECTURE/$IMAGE_STORE"
manifest="$(read_small "$1/$MANIFEST_PATH" 8388608)" || deny 'no usable manifest'
if text="$(read_small "$1/$FACTS_PATH")"; then
hash="$(sha256sum <<<"$text")"
[[ "$manifest" == *"\"sha256\": \"${hash%% *}\""*'}' ]] || deny 'no usable manifest: its facts are others'
else
text="$(read_former_facts "$manifest")" || deny 'no usable manifest'
fi
read -r version name architecture store major build content <<<"$text"
[[ "$version" == @("$MANIFEST_VERSION"|$((MANIFEST_VERSION - 1))) ]] || deny "its manifest has version $version, this worker's $MANIFEST_VERSION"
[[ "$name/$architecture/$store" == "$wanted" ]] || deny "it is for $name/$architecture/$store, this worker for $wanted"
[[ "$major $build $content" =~ ^[0-9]{1,4}\ [0-9A-Za-z-]{1,64}\ [0-9A-Za-z]{1,64}$ ]] || deny 'no usable manifest: its engine, build or content is none'
printf '%s\n' "$build $content $store/$major"
[[ "$text" != *$'\n'* ]] || printf '%s\n' "${text#*$'\n'}"
)
deny() {
printf %s "$1"
exit 1
}
read_former_facts() {
python3 -I -S -c 'import json, sys
m = json.load(sys.stdin)
store, major = m["store"].split("/")
print(m["version"], m["name"], m["architecture"], store, int(major), m["buildId"], m["content"])
print("\n".join(i["reference"] for i in m["images"]))' <<<"$1" 2>/dev/null
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
log() { printf 'docker-cache: %s\n' "$*" >&2; }
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
elapsed_ms() { printf %s $((${EPOCHREALTIME//[.,]/} / 1000 - STARTED_MS)); }
note() { printf '%s %s\n' "$@" >>"$RUN/facts"; }
give_reason() { [[ -s "$RUN/reason" ]] || printf %.500s "${1//[^[:print:]]/ }" >"$RUN/reason"; }
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
local key value ended
local -a keys=()
local -A facts=()
ended="$(elapsed_ms)"
note endedMs "$ended"
while read -r key value; do
[[ -n "${facts[$key]+x}" ]] || keys+=("$key")
facts[$key]="$value"
done <"$RUN/facts"
{
printf '{"state":"%s","reason":%s' "$1" "$(quote_json "$2")"
for key in "${keys[@]}"; do
value="${facts[$key]}"
[[ "$value" =~ ^[0-9]{1,9}$ ]] || value="$(quote_json "$value")"
printf ',"%s":%s' "$key" "$value"
done
printf '}\n'
} >"$RUN/status.new"
mv "$RUN/status.new" "$RUN/status.json"
[[ "$1" == cold ]] && is_on_cache_volume "$DOCKER_ROOT" || printf %s "$INSTANCE_ID" >"$WORKER_HOME/$1" || true
log "$1${2:+: $2}"
{ log "$1${2:+: $2}" 2>/dev/console; } 2>/dev/null || true
tell_start "$1" "$ended" </dev/null &>/dev/null 9>&- &
}
tell_start() {
local s
printf -v s '%d.%03d' $(($2 / 1000)) $(($2 % 1000))
put_metric "$START_METRIC" "$s" ",State=$1"
[[ "$1" == warm || -e "$RUN/unmapped" ]] || put_metric "$FALLBACK_METRIC" 1
}
put_metric() {
local region
command -v aws >/dev/null || return 0
{ [[ -n "$METADATA_TOKEN" ]] || open_metadata; } && region="$(get_metadata meta-data/placement/region)" || return 0
HTTPS_PROXY="$HTTPS_PROXY_URL" NO_PROXY="$(list_unproxied_hosts)" timeout 30 aws cloudwatch put-metric-data --region "$region" \
--namespace "$WORKER_METRIC_NAMESPACE" --metric-name "$1" --value "$2" --dimensions "Name=$CACHE_NAME,Architecture=$CACHE_ARCHITECTURE${3:-}" || true
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
HOT_BLOCK_KIB=512
hydrate() {
local mode="$HYDRATE" reporter mark="${MARK:-}"
[[ "$mode" != none ]] || return 0
exec 8>"$RUN/hydration.lock"
flock -n 8 || return 0
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
WORKER_SETTINGS=(TIMEOUT_SECONDS MIN_FREE_GIB HYDRATE HYDRATE_RATE_MIBPS)
WORKER_METRIC_NAMESPACE=DockerCacheWorker
START_METRIC=WorkerStart
FALLBACK_METRIC=WorkerFallback
HYDRATION_METRIC=HydrationPercent
WORKER_HOME=/var/lib/docker-cache-worker
INSTANCE_ID_FILE=/var/lib/cloud/data/instance-id
PER_BOOT_SCRIPT=/var/lib/cloud/scripts/per-boot/00-docker-cache
RUNTIME_UNIT_FOLDER=/run/systemd/system
PROC=/proc
SETTINGS_FILE="${0%/*}/settings"
keep_settings() {
local name
for name in "${COMMON_SETTINGS[@]}" "${WORKER_SETTINGS[@]}"; do printf '%s=%q\n' "$name" "${!name}"; done >"$SETTINGS_FILE.new"
mv "$SETTINGS_FILE.new" "$SETTINGS_FILE"
}
read_instance_id() {
INSTANCE_ID="$(read_text "$INSTANCE_ID_FILE")"
[[ -n "$INSTANCE_ID" ]] || { open_metadata && INSTANCE_ID="$(get_metadata meta-data/instance-id)"; } 2>/dev/null || true
[[ "$INSTANCE_ID" =~ ^[A-Za-z0-9-]{1,64}$ ]] || INSTANCE_ID=unknown
}
install_finish() {
mkdir -p "${PER_BOOT_SCRIPT%/*}"
printf '#!/bin/bash\nexec /bin/bash %q finish %s\n' "$0" "$INSTANCE_ID" >"$PER_BOOT_SCRIPT.new"
chmod 755 "$PER_BOOT_SCRIPT.new"
mv "$PER_BOOT_SCRIPT.new" "$PER_BOOT_SCRIPT"
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
check_store() {
python3 -I -S - "$@" <<'PY'
import os, re, sys
from threading import Thread
TEXTS = {
 "docker/overlay2/[^/]+/(link|lower)": "(l/)?[A-Z0-9]{26}(:l/[A-Z0-9]{26})*",
 ".*/layerdb/sha256/[^/]+/cache-id": "[0-9a-z-]+",
}
def fits(pattern, text):
 return re.fullmatch(pattern, text, re.S)
def is_good(entry, path):
 if entry.is_symlink():
  return fits("docker/overlay2/l/[^/]+", path) and fits(r"\.\./[0-9a-z-]+/diff", os.readlink(path))
 if entry.is_dir():
  return not fits(".*/layerdb/sha256/[^/]+", path) or fits("[0-9a-f]{64}", entry.name)
 if not entry.is_file() or "content.v1" not in path and entry.stat().st_size > 1 << 28:
  return False
 for pattern, text in TEXTS.items():
  if fits(pattern, path):
   return fits(text, open(path, newline="").read())
 return "v1.bolt" not in path or b"containerd.io/restart." not in open(path, "rb").read()
def check_folders(folders):
 try:
  for entry in (entry for folder in folders for entry in os.scandir(folder)):
   if not is_good(entry, entry.path):
    bad.append(entry.path)
   elif entry.is_dir() and not fits("docker/overlay2/[^/]+/.*|containerd/[^/]+/snapshots/[^/]+/.*", entry.path):
    inner.append(entry.path)
 except (OSError, ValueError) as error:
  bad.append(error)
if open(sys.argv[2]).read() != "kept\n":
 sys.exit(1)
os.chdir(sys.argv[1])
folders, bad = [name for name in ("docker", "containerd") if os.path.isdir(name)], []
while folders:
 inner = []
 threads = [Thread(target=check_folders, args=(folders[lane::16],)) for lane in range(16)]
 for thread in threads:
  thread.start()
 for thread in threads:
  thread.join()
 folders = inner
 if bad:
  sys.exit(ascii(bad[0]))
PY
}
grow_xfs() {
python3 -I -S - "$@" <<'PY'
import fcntl, os, struct, sys
disk = open(sys.argv[1], "rb")
superblock = disk.read(128)
blocks = disk.seek(0, os.SEEK_END) // struct.unpack_from(">I", superblock, 4)[0]
fcntl.ioctl(os.open(sys.argv[2], os.O_RDONLY), 0x4010586E, struct.pack("=QIxxxx", blocks, superblock[127]))
PY
}
read_ahead() {
python3 -I -S - "$@" <<'PY'
import mmap, os, stat, struct, sys, threading, time
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
def read_hot_set(path):
 blocks = -(-os.lseek(os.open(disk, os.O_RDONLY), 0, os.SEEK_END) // UNIT)
 hot, rest, left, text = [], None, 2 * blocks, b""
 ranges = hot
 try:
  file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
  state = os.fstat(file)
  if stat.S_ISREG(state.st_mode) and state.st_size <= 8 << 20:
   text = os.read(file, 8 << 20)
 except OSError:
  pass
 for line in text.split(b"\n"):
  first, _, count = line.partition(b" ")
  if line == b"# rest":
   ranges = rest = rest or []
  elif first[:1] == b"#":
   ranges = hot
  elif first.isdigit() and count.isdigit() and len(first) < 10 and len(count) < 7:
   first, count = int(first), min(int(count), blocks - int(first), left)
   if count > 0:
    ranges.append((first, count))
    left -= count
 return hot, rest
if task == "heads":
 read(task, [(block, 1) for block in list_heads(*words)], 32)
else:
 path, mode, rate, progress, stop, blocks = words
 hot, rest = read_hot_set(path)
 read("hot", hot, 32)
 if mode == "all":
  os.nice(10)
  read("rest", [(0, int(blocks))] if rest is None else rest, 32 if rate else 16, int(rate or 0), stop)
 tell("done")
PY
}
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
set -o errexit -o nounset -o pipefail -o errtrace
main "$@"
