# shellcheck shell=bash
# For the tests of the user data. Each test has a folder of its own for everything that the scripts touch, and a PATH in which the commands that would
# touch the machine are recorded stubs.

TESTS="$(cd "${BASH_SOURCE[0]%/*}" && pwd)"
# shellcheck source=../assertions.bash
source "$TESTS/../assertions.bash"
USERDATA="$(cd "$TESTS/../../../lib/userdata" && pwd)"

# use NOUN: makes `script` run code with the functions of builder or worker.
use() {
  NOUN="$1"
  export CALLS="$BATS_TEST_TMPDIR/calls" ANSWERS="$BATS_TEST_TMPDIR/answers" T="$BATS_TEST_TMPDIR"
  mkdir -p "$T/run" "$T/home" "$T/sys" "$T/volume" "$T/units"
  echo i-1 >"$T/instance-id"
  : >"$CALLS"
  : >"$T/mounts"
  PATH="$T/bin:$PATH"
  # Made once for all tests of the file: a process for each of them would take longer than most tests.
  [[ -d "$BATS_FILE_TMPDIR/bin" ]] || make_stubs "$BATS_FILE_TMPDIR"
  cp -R "$BATS_FILE_TMPDIR/bin" "$BATS_FILE_TMPDIR/answers" "$T"
}

# make_stubs FOLDER: stubs of all that would touch the machine, each of which succeeds silently.
make_stubs() {
  local name T="$1" ANSWERS="$1/answers"
  mkdir "$T/bin" "$ANSWERS"
  for name in aws blkid blockdev containerd curl dnf apt-get docker dockerd e2fsck findmnt journalctl mkfs.ext4 mkfs.xfs mount mountpoint renice resize2fs shutdown \
    sync systemctl systemd-escape systemd-run umount xfs_growfs xfs_repair; do
    stub "$name"
  done
  # A version manager's stand-in for Python takes longer to start than what most tests run.
  ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$T/bin/python3"
}

# stub NAME [CODE]: from now on NAME is recorded and answers with CODE, bash that sees its arguments; without CODE it succeeds silently.
stub() {
  [[ "$T/bin/$1" -ef "$TESTS/stubs/stub" ]] || ln -sf "$TESTS/stubs/stub" "$T/bin/$1"
  printf '%s\n' "${2:-:}" >"$ANSWERS/$1"
}

# script CODE: runs CODE as the scripts run, with their options and functions, in the test's folder.
script() {
  bash -o errexit -o nounset -o pipefail -o errtrace -c "
    for file in '$USERDATA'/shared/*.sh '$USERDATA'/$NOUN/{,*/}*.sh; do
      case \$file in */call-*.sh | */unpack.sh | */user-script.sh | *\\**) ;; *) source \"\$file\" ;; esac
    done
    for file in '$USERDATA'/shared/*.py '$USERDATA'/$NOUN/{,*/}*.py; do
      [[ ! -e \$file || \$file == */aws.py ]] || { name=\${file##*/} name=\${name%.py}; eval \"\${name//-/_}() { python3 -I -S '\$file' \\\"\\\$@\\\"; }\"; }
    done
    RUN='$T/run' MOUNT_POINT='$T/volume' DAEMON_JSON='$T/etc/daemon.json' CONTAINERD_TOML='$T/etc/config.toml'
    SYS_BLOCK='$T/sys' MOUNT_INFO='$T/mounts' OS_RELEASE='$T/etc/os-release' WORKER_HOME='$T/home' LOG_FILE='$T/log' TRACE='$T/trace'
    CACHE_NAME=ci CACHE_ARCHITECTURE=x86_64 IMAGE_STORE=overlay2 HTTP_PROXY_URL= HTTPS_PROXY_URL= NO_PROXY_HOSTS=
    CACHE_VOLUME_ID=vol-0123456789abcdef0 DEVICE_NAME=/dev/sdf FILE_SYSTEM=xfs WATCHDOG_MINUTES=60 REPLICATE_AT= LOG_GROUP=/log MANIFEST_LOG_GROUP=/manifests IMAGES_PARAMETER_PATH=/images SCRIPT_PARAMETER_PATH=/script SCRIPT_SHA256=
    REJECTED_PARAMETER=/rejected REGISTRY_LOGINS= PULL_THROUGH= PARALLEL_PULLS=2 HOT_SET_PERCENT=20
    TIMEOUT_SECONDS=60 MIN_FREE_GIB=1 HYDRATE=hot HYDRATE_RATE_MIBPS= ENGINE_MAJOR=26 DOCKER_FLAGS= DOCKER_UNFIT= DOCKER_QUOTA= DOCKER_ROOT=/var/lib/docker
    CONTAINERD_ROOT=/var/lib/containerd DISK=/dev/nvme1n1 DISK_TYPE=xfs STARTED_MS=\$((\${EPOCHREALTIME/./} / 1000)) INSTANCE_ID=i-1 REGION=eu-west-1 ACCOUNT_ID=123456789012
    DNS_SUFFIX=amazonaws.com FORMAT_REASON= MANIFEST_FOUND= ASKED_FOUND= CONTENT= INSTANCE_ID_FILE='$T/instance-id'
    PER_BOOT_SCRIPT='$T/per-boot/00-docker-cache' UNIT_FOLDER='$T/units' RUNTIME_UNIT_FOLDER='$T/runtime-units' PROC='$T/proc' SETTINGS_FILE='$T/home/settings' MODE=late DISK_UUID=u-1 DISK_SERIAL=vol1
    DOCKER_LOADED=loaded DOCKER_STATE=inactive
    exec 9>'$T/run/lock'
    $1"
}

# within_units FUNCTION CODE: as `script`, but what FUNCTION writes for systemd to keep goes to $T/units, and never to this machine's own units.
within_units() {
  mkdir -p "$T/units"
  script "eval \"\$(declare -f $1 | sed 's#/etc/systemd/system#$T/units#')\"; $2"
}

# mounted FOLDER...: each of these is, to the scripts, a mount of one and the same file system.
mounted() {
  local folder
  for folder in "$@"; do printf '40 22 259:1 / %s rw,relatime shared:1 - xfs /dev/nvme1n1 rw\n' "$folder" >>"$T/mounts"; done
}
