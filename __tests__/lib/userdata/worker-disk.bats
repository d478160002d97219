#!/usr/bin/env bats
# How a worker finds the cache volume, and what it refuses.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  stub blkid 'case "${*: -1}" in /dev/nvme1n1) printf "DEVNAME=x\nLABEL=docker-cache\nUUID=a1-2\nTYPE=xfs\n" ;; *) exit 2 ;; esac'
  stub df 'printf "512K-blocks\n   64\n"'
}

# metadata_of ENTRY=DEVICE...: what the metadata service says about block devices.
metadata_of() {
  local pair code='case "$*" in *api/token) echo T ;;'
  code+=' *block-device-mapping/)'
  for pair in "$@"; do code+=" echo ${pair%%=*};"; done
  code+=' ;; *) for url in "$@"; do case "$url" in'
  for pair in "$@"; do code+=" */${pair%%=*}) echo ${pair#*=} ;;"; done
  stub curl "$code esac; done ;; esac"
}

# facts [LINE [REFERENCE...]]: on the volume that is looked at, with a manifest that knows them.
facts() {
  local hash
  mkdir -p "$T/run/probe/.docker-cache"
  printf '%s\n' "${1:-1 ci x86_64 overlay2 25 i-9 abc}" "${@:2}" >"$T/run/probe/.docker-cache/facts"
  hash="$(sha256sum <"$T/run/probe/.docker-cache/facts")"
  printf '{\n "facts": {"sha256": "%s"}\n}\n' "${hash%% *}" >"$T/run/probe/.docker-cache/manifest.json"
  printf '0 1\n' >"$T/run/probe/.docker-cache/hot-set"
}

# former_manifest [VERSION [CONTENT]]: of version 1, without facts.
former_manifest() {
  mkdir -p "$T/run/probe/.docker-cache"
  cat >"$T/run/probe/.docker-cache/manifest.json" <<JSON
{"version": ${1:-1}, "name": "ci", "architecture": "x86_64", "buildId": "i-9", "content": "${2:-abc}", "store": "overlay2/25",
 "engine": "25.0.1", "kernel": "6", "fileSystem": "xfs", "createdAt": "x", "images": [{"reference": "a:1"}, {"reference": "b@sha256:2"}]}
JSON
}

# checked: what check_facts says of the volume that is looked at.
checked() { script 'check_facts "$RUN/probe"' 2>/dev/null; }

# refused REASON: nothing but that is said of it.
refused() {
  run checked
  equal 1 "$status"
  equal "$1" "$output"
}

@test "is_cache_mapped: true if a volume was mapped beside the root, by whatever name" {
  local name
  for name in sdf /dev/sdf sdg xvdba; do
    metadata_of ami=xvda root=/dev/xvda "ebs1=$name"
    equal 2 "$(script 'is_cache_mapped; echo $EXPECTED_DISKS')"
  done
}

@test "is_cache_mapped: 1 if none was, whatever instance stores there are" {
  metadata_of ami=xvda root=/dev/xvda ephemeral0=sdb
  run script is_cache_mapped
  equal 1 "$status"
}

@test "is_cache_mapped: 2 if the metadata service does not answer" {
  stub curl 'exit 7'
  run script is_cache_mapped
  equal 2 "$status"
  stub curl 'case "$*" in *api/token) echo T ;; *) exit 22 ;; esac'
  run script 'is_cache_mapped'
  equal 2 "$status"
}

@test "list_labelled_disks: whole disks with our label and a type of ours, with UUID and serial number; none that is made of others" {
  mkdir -p "$T/sys/"{loop0,ram0,zram0,sr0,dm-0,md0,md127,nvme0n1,nvme1n1/device,xvdf}
  echo vol01 >"$T/sys/nvme1n1/device/serial"
  stub blkid 'case "${*: -1}" in /dev/nvme0n1) exit 2 ;; *) printf "DEVNAME=x\nLABEL=docker-cache\nUUID=a1-2\nTYPE=xfs\n" ;; esac'
  equal $'/dev/nvme1n1 xfs a1-2 vol01\n/dev/xvdf xfs a1-2 ' "$(script list_labelled_disks)"
  called 'blkid -p -n xfs,ext4 *'
}

@test "list_labelled_disks: neither a label that begins as ours, nor another file system, nor a UUID that is none" {
  local found
  mkdir "$T/sys/nvme1n1"
  for found in 'LABEL=docker-cache-2\nUUID=a1\nTYPE=xfs\n' 'PARTLABEL=docker-cache\nUUID=a1\nTYPE=xfs\n' 'LABEL=docker-cache\nUUID=a1\nTYPE=btrfs\n' \
    'LABEL=docker-cache\nUUID=$(id)\nTYPE=xfs\n' 'LABEL=docker-cache\nTYPE=ext4\n'; do
    stub blkid "printf '$found'"
    equal '' "$(script list_labelled_disks)"
  done
  stub blkid 'printf "LABEL=docker-cache\nUUID=a1\nTYPE=ext4\n"'
  equal '/dev/nvme1n1 ext4 a1 ' "$(script list_labelled_disks)"
}

@test "find_disk: one that is there at once is taken, and the metadata service is not asked" {
  mkdir "$T/sys/nvme1n1"
  facts
  equal '/dev/nvme1n1 xfs a1-2' "$(script 'find_disk 2000; echo $DISK $DISK_TYPE $DISK_UUID')"
  uncalled 'curl *'
}

@test "find_disk: none was mapped, so none is waited for" {
  metadata_of ami=xvda root=/dev/xvda
  run script 'sleep() { exit 9; }; find_disk 20000'
  equal 1 "$status"
  equal 'no cache device was mapped at launch' "$(<"$T/run/reason")"
}

@test "find_disk: gives up when the time is over, with a reason; early leaves it to finish, without one" {
  metadata_of ami=xvda root=/dev/xvda ebs1=sdf
  mkdir "$T/sys/nvme0n1"
  run script 'MODE=early; find_disk 100'
  equal 1 "$status"
  [[ ! -e "$T/run/reason" ]]
  run script 'find_disk 100'
  equal 1 "$status"
  equal 'no disk with a file system labelled docker-cache' "$(<"$T/run/reason")"
}

@test "find_disk: takes one that comes late, by whatever name it was mapped" {
  local name
  for name in sdf /dev/sdh; do
    metadata_of ami=xvda root=/dev/xvda "ebs1=$name"
    facts
    (sleep 0.5 && mkdir "$T/sys/nvme1n1") &
    equal /dev/nvme1n1 "$(script 'find_disk 10000; echo $DISK')"
    rmdir "$T/sys/nvme1n1"
  done
}

@test "find_disk: of an instance with another volume and no cache, no more is waited for than that volume" {
  mkdir -p "$T/sys/nvme0n1" "$T/sys/nvme2n1"
  metadata_of ami=xvda root=/dev/xvda ebs1=sdg
  run script 'blkid() { return 2; }; sleep() { echo x >>$RUN/sleeps; STARTED_MS=$((STARTED_MS - 100)); }; MODE=early; find_disk 20000'
  equal 1 "$status"
  (($(wc -l <"$T/run/sleeps") <= 11))
  equal 'no disk with a file system labelled docker-cache' "$(<"$T/run/reason")"
}

@test "find_disk: a second of looks is enough if all mapped disks are there; an instance store is none of them" {
  # No disk has our label. As a function: a process for each disk at each look would take seconds.
  local wait='blkid() { return 2; }; sleep() { echo x >>$RUN/sleeps; STARTED_MS=$((STARTED_MS - 100)); }; find_disk 20000'
  mkdir -p "$T/sys/nvme0n1/device" "$T/sys/nvme2n1/device" "$T/sys/loop0"
  echo 'Amazon EC2 NVMe Instance Storage' >"$T/sys/nvme2n1/device/model"
  metadata_of ami=xvda root=/dev/xvda ebs1=sdf
  # Each sleep lasts 100 ms of the script's time, and the machine may be slow beside it.
  run script "$wait"
  equal 1 "$status"
  (($(wc -l <"$T/run/sleeps") > 40))
  rm "$T/run/sleeps"
  mkdir -p "$T/sys/nvme3n1"
  run script "$wait"
  (($(wc -l <"$T/run/sleeps") <= 11))
}

@test "find_disk: if the labelled disk that is there is not ours, ours may still come" {
  mkdir -p "$T/sys/nvme0n1" "$T/sys/nvme1n1"
  metadata_of ami=xvda root=/dev/xvda ebs1=sdf ebs2=sdg
  stub mount '[[ "$*" != *nvme1n1* ]]'
  facts
  (sleep 0.5 && mkdir "$T/sys/nvme2n1") &
  stub blkid 'case "${*: -1}" in /dev/nvme[12]n1) printf "LABEL=docker-cache\nUUID=a1\nTYPE=xfs\n" ;; *) exit 2 ;; esac'
  equal '/dev/nvme2n1 xfs' "$(script 'find_disk 20000; echo $DISK $DISK_TYPE')"
}

@test "choose_disk: takes the disk with our facts, and leaves nothing mounted" {
  facts '' a:1 b@sha256:2
  equal '/dev/nvme1n1 xfs u1 v1 64 0 1' "$(script 'choose_disk "/dev/nvme1n1 xfs u1 v1"; echo $DISK $DISK_TYPE $DISK_UUID $DISK_SERIAL $DISK_BLOCKS $(cat $RUN/hot-set)')"
  equal $'i-9 abc overlay2/25\na:1\nb@sha256:2' "$(<"$T/run/manifest")"
  equal '/dev/nvme1n1 xfs u1 64 v1' "$(<"$T/run/disk")"
  called 'mount --read-only * /dev/nvme1n1 *'
  called "umount $T/run/probe"
}

@test "choose_disk: no hot set is no obstacle, nor one that is no file" {
  facts
  rm "$T/run/probe/.docker-cache/hot-set"
  equal /dev/nvme1n1 "$(script 'choose_disk "/dev/nvme1n1 xfs u1 v1"; echo $DISK')"
  mkfifo "$T/run/probe/.docker-cache/hot-set"
  equal /dev/nvme1n1 "$(script 'choose_disk "/dev/nvme1n1 xfs u1 v1"; echo $DISK$(cat $RUN/hot-set)')"
}

@test "choose_disk: says of each disk why it is not taken" {
  facts '1 other x86_64 overlay2 25 i-9 abc'
  stub mount '[[ "$*" != *nvme2n1* ]]'
  equal '/dev/nvme1n1: it is for other/x86_64/overlay2, this worker for ci/x86_64/overlay2; /dev/nvme2n1 cannot be mounted' \
    "$(script 'choose_disk $'"'/dev/nvme1n1 xfs u1 v1\n/dev/nvme2n1 xfs u2 v2'"'; echo "$DISK$DISK_REASONS"')"
}

@test "choose_disk: refuses two disks that both hold this cache, unless one of them is this instance's by the mark" {
  local disks=$'/dev/nvme1n1 xfs u1 v1\n/dev/nvme2n1 xfs u1 v2' known
  facts
  run script "choose_disk '$disks'"
  equal 1 "$status"
  equal 'two disks hold this cache: /dev/nvme1n1, /dev/nvme2n1' "$(<"$T/run/reason")"
  for known in 1 2; do
    echo "i-1 u1 v$known" >"$T/home/mounted"
    equal "/dev/nvme${known}n1 v$known" "$(script "choose_disk '$disks'; echo \$DISK \$DISK_SERIAL")"
  done
  echo "i-2 u1 v1" >"$T/home/mounted"
  run script "choose_disk '$disks'"
  equal 1 "$status"
}

@test "give_reason: what a volume says of itself is a short line, without what a terminal would obey" {
  facts $'1 \e[2J\a"x\\ x86_64 overlay2 25 i-9 abc'
  run script 'choose_disk "/dev/nvme1n1 xfs u1 v1"; refuse "$DISK_REASONS"'
  equal '/dev/nvme1n1: it is for  [2J "x\/x86_64/overlay2, this worker for ci/x86_64/overlay2' "$(<"$T/run/reason")"
  rm "$T/run/reason"
  facts "1 $(printf 'x%.0s' {1..9000}) x86_64 overlay2 25 i-9 abc"
  run script 'choose_disk "/dev/nvme1n1 xfs u1 v1"; refuse "$DISK_REASONS"'
  equal 500 "$(wc -c <"$T/run/reason")"
}

@test "is_marked: of this instance, this file system and this disk" {
  echo 'i-1 u-1 vol1' >"$T/home/mounted"
  script 'is_marked "" "" && is_marked u-1 vol1'
  run script 'is_marked u-2 vol1 || is_marked u-1 vol2 || INSTANCE_ID=i-2 && is_marked "" ""'
  equal 1 "$status"
}

@test "check_facts: refuses a volume without a manifest, or with half of one" {
  mkdir -p "$T/run/probe"
  refused 'no usable manifest'
  former_manifest
  truncate -s 100 "$T/run/probe/.docker-cache/manifest.json"
  refused 'no usable manifest'
}

@test "check_facts: refuses facts that the manifest does not know" {
  facts
  echo c:1 >>"$T/run/probe/.docker-cache/facts"
  refused 'no usable manifest: its facts are others'
}

@test "check_facts: refuses another cache, architecture or image store" {
  local found
  for found in other/x86_64/overlay2 ci/arm64/overlay2 ci/x86_64/containerd; do
    facts "1 ${found//\// } 25 i-9 abc"
    refused "it is for $found, this worker for ci/x86_64/overlay2"
  done
}

@test "check_facts: reads this version and the one before (R18), and no other" {
  facts '1 ci x86_64 overlay2 25 i-9 abc' && script 'MANIFEST_VERSION=2; check_facts $RUN/probe'
  facts '2 ci x86_64 overlay2 25 i-9 abc' && script 'MANIFEST_VERSION=2; check_facts $RUN/probe'
  run script 'MANIFEST_VERSION=1; check_facts $RUN/probe'
  equal "its manifest has version 2, this worker's 1" "$output"
  run script 'MANIFEST_VERSION=4; check_facts $RUN/probe'
  equal "its manifest has version 2, this worker's 4" "$output"
}

@test "check_facts: a manifest of version 1 is read without facts" {
  former_manifest
  equal $'i-9 abc overlay2/25\na:1\nb@sha256:2' "$(checked)"
}

@test "check_facts: engine, build and content are what builds write, for they are counted with and told later" {
  local evil='x/PATH[$(touch${IFS}'"$T"'/evil)]' line
  for line in "ci x86_64 overlay2 $evil i-9 abc" "ci x86_64 overlay2 25 $evil abc" "ci x86_64 overlay2 25 i-9 abc $evil" 'ci x86_64 overlay2 25 i-9' \
    $'ci x86_64 overlay2 25 i-9 \e[2J' 'ci x86_64 overlay2 99999 i-9 abc'; do
    facts "1 $line"
    refused 'no usable manifest: its engine, build or content is none'
  done
  rm "$T/run/probe/.docker-cache/facts"
  former_manifest 1 "abc $evil"
  refused 'no usable manifest: its engine, build or content is none'
}

@test "check_facts: follows no link, waits at no pipe, and reads nothing without end" {
  local name replacement
  for name in .docker-cache .docker-cache/manifest.json .docker-cache/facts; do
    for replacement in 'ln -s "$kept"' mkfifo 'truncate -s 10G' 'ln -s /dev/zero'; do
      rm -rf "$T/run/probe" "$T/kept"
      facts
      mv "$T/run/probe/$name" "$T/kept"
      kept="$T/kept" bash -c "$replacement \"\$1\"" _ "$T/run/probe/$name"
      NOUN="$NOUN" USERDATA="$USERDATA" run timeout 20 bash -c "$(declare -f script checked); checked"
      equal 1 "$status"
      [[ "$output" == 'no usable manifest'* ]]
    done
  done
}
