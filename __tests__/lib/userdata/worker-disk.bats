#!/usr/bin/env bats
# How a worker finds the cache volume, and what it refuses.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  stub blkid 'case "${*: -1}" in /dev/nvme1n1) printf "DEVNAME=x\nLABEL=docker-cache\nUUID=1\nTYPE=xfs\n" ;; *) exit 2 ;; esac'
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

manifest() {
  mkdir -p "$T/run/probe/.docker-cache"
  cat >"$T/run/probe/.docker-cache/manifest.json" <<JSON
{"version": ${1:-1}, "name": "${2:-ci}", "architecture": "${3:-x86_64}", "buildId": "i-9", "content": "abc", "store": "${4:-overlay2/25}",
 "engine": "25.0.1", "kernel": "6", "fileSystem": "xfs", "createdAt": "x", "images": [{"reference": "a:1"}, {"reference": "b@sha256:2"}]}
JSON
  printf '0 1\n' >"$T/run/probe/.docker-cache/hot-set"
}

@test "is_cache_mapped: by the device's name, with or without /dev/" {
  local name
  for name in sdf /dev/sdf; do
    metadata_of ami=xvda root=/dev/xvda "ebs1=$name"
    script is_cache_mapped
  done
}

@test "is_cache_mapped: 1 where it was not mapped, also where another device was" {
  metadata_of ami=xvda root=/dev/xvda ebs1=sdfa
  run script is_cache_mapped
  equal 1 "$status"
}

@test "is_cache_mapped: 2 where the metadata service does not answer" {
  stub curl 'exit 7'
  run script is_cache_mapped
  equal 2 "$status"
  stub curl 'case "$*" in *api/token) echo T ;; *) exit 22 ;; esac'
  run script 'is_cache_mapped'
  equal 2 "$status"
}

@test "list_labelled_disks: only disks that bear our label, and no loop or memory devices" {
  mkdir "$T/sys/"{loop0,ram0,zram0,dm-0,nvme0n1,nvme1n1}
  equal '/dev/nvme1n1 xfs' "$(script list_labelled_disks)"
  uncalled 'blkid */dev/loop0'
  stub blkid 'printf "LABEL=docker-cache-2\nTYPE=xfs\n"'
  equal '' "$(script list_labelled_disks)"
  stub blkid 'printf "DEVNAME=x\nLABEL=docker-cache\nUUID=y\nTYPE=ext4\n"'
  [[ "$(script list_labelled_disks)" == *'/dev/nvme0n1 ext4'* ]]
}

@test "wait_for_disks: gives up when the time is over, with a reason" {
  run script 'wait_for_disks 0'
  equal 1 "$status"
  [[ "$(<"$T/run/reason")" == 'no disk with a file system labelled docker-cache' ]]
}

@test "wait_for_disks: where all mapped disks are there and none is ours, five seconds are enough" {
  mkdir -p "$T/sys/nvme0n1/device" "$T/sys/nvme2n1/device" "$T/sys/loop0"
  echo 'Amazon EC2 NVMe Instance Storage' >"$T/sys/nvme2n1/device/model"
  metadata_of ami=xvda root=/dev/xvda ebs1=sdf
  # Each sleep lasts a second, and the machine may be slow beside it. The instance's own storage is no EBS volume: the second of two is still to come.
  run script 'sleep() { SECONDS=$((SECONDS + 1)); echo "$SECONDS" >"$RUN/seconds"; }; is_cache_mapped; wait_for_disks 50'
  (($(<"$T/run/seconds") > 40))
  mkdir -p "$T/sys/nvme3n1"
  run script 'sleep() { SECONDS=$((SECONDS + 1)); echo "$SECONDS" >"$RUN/seconds"; }; is_cache_mapped; wait_for_disks 50'
  (($(<"$T/run/seconds") < 15))
}

@test "wait_for_disks: takes one that comes late" {
  (sleep 0.5 && mkdir "$T/sys/nvme1n1") &
  equal '/dev/nvme1n1 xfs' "$(script 'wait_for_disks 10')"
}

@test "choose_disk: takes the disk with our manifest, and leaves nothing mounted" {
  manifest
  equal '/dev/nvme1n1 xfs 0 1' "$(script 'choose_disk "/dev/nvme1n1 xfs"; echo $DISK $DISK_TYPE $(cat $RUN/hot-set)')"
  equal 'i-9 abc overlay2/25' "$(head -n 1 "$T/run/manifest")"
  called 'mount --read-only * /dev/nvme1n1 *'
  called "umount $T/run/probe"
}

@test "choose_disk: no hot set is no obstacle" {
  manifest
  rm "$T/run/probe/.docker-cache/hot-set"
  script 'choose_disk "/dev/nvme1n1 xfs"' 2>/dev/null
}

@test "choose_disk: refuses what cannot be mounted" {
  stub mount 'exit 32'
  refused '/dev/nvme1n1 cannot be mounted'
}

@test "choose_disk: refuses two disks that both hold this cache" {
  manifest
  run script 'choose_disk $'"'/dev/nvme1n1 xfs\n/dev/nvme2n1 xfs'"
  equal 1 "$status"
  [[ "$(<"$T/run/reason")" == 'two disks hold this cache'* ]]
}

@test "find_disk: where the labelled disk that is there is not ours, ours may still come" {
  mkdir -p "$T/sys/nvme0n1" "$T/sys/nvme1n1"
  stub mount '[[ "$*" != *nvme1n1* ]]'
  manifest
  (sleep 0.5 && mkdir "$T/sys/nvme2n1") &
  stub blkid 'case "${*: -1}" in /dev/nvme[12]n1) printf "LABEL=docker-cache\nTYPE=xfs\n" ;; *) exit 2 ;; esac'
  equal '/dev/nvme2n1 xfs' "$(script 'EXPECTED_DISKS=3; find_disk 20 "/dev/nvme1n1 xfs"; echo $DISK $DISK_TYPE')"
}

@test "find_disk: where all that were mapped are there, or nobody says how many, none is waited for" {
  local expected
  mkdir -p "$T/sys/nvme0n1" "$T/sys/nvme1n1"
  stub mount 'exit 32'
  for expected in 0 2; do
    rm -f "$T/run/reason"
    run script "sleep() { [[ ! -e \$RUN/slept$expected ]] || exit 9; touch \$RUN/slept$expected; }; EXPECTED_DISKS=$expected; find_disk 20 '/dev/nvme1n1 xfs'"
    equal 1 "$status"
    equal '/dev/nvme1n1 cannot be mounted' "$(<"$T/run/reason")"
  done
}

refused() {
  run script 'find_disk 0 "/dev/nvme1n1 xfs"'
  equal 1 "$status"
  [[ "$(<"$T/run/reason")" == *"$1"* ]] || equal "$1" "$(<"$T/run/reason")"
}

@test "check_manifest: refuses a volume without one" { refused 'no usable manifest: FileNotFoundError'; }

@test "check_manifest: refuses half a manifest" {
  manifest
  truncate -s 100 "$T/run/probe/.docker-cache/manifest.json"
  refused 'no usable manifest: JSONDecodeError'
}

@test "check_manifest: refuses another cache, architecture or image store" {
  manifest 1 other && refused "it is for ['other', 'x86_64', 'overlay2'], this worker for ['ci', 'x86_64', 'overlay2']" && rm "$T/run/reason"
  manifest 1 ci arm64 && refused "it is for ['ci', 'arm64', 'overlay2']" && rm "$T/run/reason"
  manifest 1 ci x86_64 containerd/26 && refused "it is for ['ci', 'x86_64', 'containerd']"
}

@test "check_manifest: refuses what a newer engine wrote, and takes what an equal one did" {
  manifest 1 ci x86_64 overlay2/27 && refused 'Docker 27 wrote it, this is 26' && rm "$T/run/reason"
  manifest 1 ci x86_64 overlay2/26 && script 'choose_disk "/dev/nvme1n1 xfs"'
}

@test "check_manifest: all that is wrong stands in one line" {
  manifest 1 ci x86_64 containerd/28
  refused "['ci', 'x86_64', 'containerd'], this worker for ['ci', 'x86_64', 'overlay2']; Docker 28 wrote it, this is 26"
}

@test "check_manifest: reads this version and the one before (R18), and no other" {
  manifest 1 && script 'MANIFEST_VERSION=2; choose_disk "/dev/nvme1n1 xfs"'
  manifest 2 && script 'MANIFEST_VERSION=2; choose_disk "/dev/nvme1n1 xfs"'
  manifest 2 && refused 'its manifest has version 2' && rm "$T/run/reason"
  manifest 1 && run script 'MANIFEST_VERSION=3; find_disk 0 "/dev/nvme1n1 xfs"'
  equal 1 "$status"
}

@test "mount_cache: refuses a disk that is write-protected" {
  stub mount 'exit 32'
  run script mount_cache
  equal '/dev/nvme1n1 cannot be mounted read-write' "$(<"$T/run/reason")"
  called 'mount --read-write *'
}

@test "mount_cache: refuses too little free space" {
  run script 'MIN_FREE_GIB=1000000; mount_cache'
  equal 1 "$status"
  [[ "$(<"$T/run/reason")" == *'min_free is 1000000 GiB' ]]
}

@test "mount_cache: refuses a full volume whatever min_free is" {
  stub df 'printf "Avail\n 100\n"'
  run script 'MIN_FREE_GIB=0; mount_cache'
  equal '100 MiB are free on the cache volume, min_free is 0 GiB' "$(<"$T/run/reason")"
}

@test "mount_cache: a file system that does not grow is used as it is" {
  stub xfs_growfs 'exit 1'
  mkdir "$T/volume/.docker-cache"
  script 'MIN_FREE_GIB=0; mount_cache'
  equal '' "$(ls "$T/volume/.docker-cache")"
}

@test "mount_cache: refuses what cannot be written to, though it is mounted" {
  mkdir "$T/volume/.docker-cache"
  stub dd 'exit 1'
  run script 'MIN_FREE_GIB=0; mount_cache'
  equal 1 "$status"
  equal '/dev/nvme1n1 cannot be written to' "$(<"$T/run/reason")"
  called 'dd if=/dev/zero * conv=fsync'
}

@test "grow_cache: by the file system's tool, and an XFS without it by python3 alone" {
  script 'grow_cache; DISK_TYPE=ext4 grow_cache'
  called "xfs_growfs $T/volume"
  called 'resize2fs /dev/nvme1n1'
  : >"$CALLS"
  stub python3
  script 'command() { false; }; grow_cache'
  equal "python3 - /dev/nvme1n1 $T/volume" "$(<"$CALLS")"
}

@test "unmount_cache: only what comes from the cache volume, lazily where it is busy" {
  stub umount '[[ "$1" == -l ]]'
  # None of these folders is there to be asked: the file system may have failed.
  mounted /gone "$T/volume" '/a\040b'
  printf '40 22 0:5 / /proc rw - proc proc rw\n' >>"$T/mounts"
  script "DOCKER_ROOT='/a b' CONTAINERD_ROOT=/proc; unmount_cache"
  called "umount /a b"
  called "umount -l /a b"
  called "umount -l $T/volume"
  uncalled 'umount*/proc'
  uncalled 'umount*/gone'
}
