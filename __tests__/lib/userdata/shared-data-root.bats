#!/usr/bin/env bats
# What builder and worker leave on a cache volume.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() {
  use worker
  mkdir -p "$T/host/inner" "$T/volume/"{lost+found,.docker-cache} "$T/volume/docker/"{image/overlay2/layerdb/sha256,overlay2/l,containers/c} \
    "$T"/volume/containerd/io.containerd.{metadata.v1.bolt,content.v1.content,snapshotter.v1.overlayfs,runtime.v2.task}
  touch "$T/host/inner/canary"
}

# left FOLDER: what lies in it, on one line.
left() { find "$T/volume/$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs; }

@test "keep_sealed: of Docker's store, images and layers; what is only being written is not" {
  mkdir -p "$T/volume/docker/"{volumes,network,swarm,plugins,runtimes,buildkit,tmp} "$T/volume/docker/image/"{btrfs,overlay2/layerdb/{mounts,tmp}} "$T/volume/.hidden"
  # On XFS dockerd makes a device for quotas at each start, and leaves it.
  mknod "$T/volume/docker/overlay2/backingFsBlockDev" b 259 1
  touch "$T/volume/docker/engine-id" "$T/volume/"$'a\nb' "$T/volume/--help"
  script keep_sealed
  equal '.docker-cache containerd docker lost+found' "$(left .)"
  equal 'image overlay2' "$(left docker)"
  equal 'overlay2' "$(left docker/image)"
  equal 'sha256' "$(left docker/image/overlay2/layerdb)"
  equal 'l' "$(left docker/overlay2)"
}

@test "keep_sealed: of containerd's store, content, names and layers, and nothing of Docker's" {
  script 'IMAGE_STORE=containerd; keep_sealed'
  equal '' "$(left docker)"
  equal 'io.containerd.content.v1.content io.containerd.metadata.v1.bolt io.containerd.snapshotter.v1.overlayfs' "$(left containerd)"
}

@test "keep_sealed: a link or a file in the place of a folder that is kept is refused, before anything is removed" {
  local name kind
  for name in docker docker/image docker/image/overlay2 docker/overlay2 containerd containerd/io.containerd.snapshotter.v1.overlayfs .docker-cache; do
    for kind in "ln -s $T/host" "ln -s $T/nowhere" touch mkfifo; do
      mkdir -p "$T/volume/marker"
      mv "$T/volume/$name" "$T/aside"
      $kind "$T/volume/$name"
      run script keep_sealed
      equal 1 "$status"
      [[ "$output" == *"$T/volume/$name is no folder of root's"* && -d "$T/volume/marker" && -e "$T/host/inner/canary" ]]
      rm "$T/volume/$name"
      mv "$T/aside" "$T/volume/$name"
    done
  done
}

@test "keep_sealed: a folder of another user's is refused" {
  ((EUID == 0)) || skip "only root gives folders away"
  local name
  for name in . docker docker/overlay2 containerd .docker-cache; do
    chown 1000 "$T/volume/$name"
    run script keep_sealed
    equal 1 "$status"
    chown 0 "$T/volume/$name"
  done
  script keep_sealed
}

@test "keep_sealed: what others could write to, or look into, is closed" {
  chmod -R 777 "$T/volume/docker"
  script keep_sealed
  equal '' "$(find "$T/volume/docker" "$T/volume/docker/"{image,image/overlay2,overlay2} -maxdepth 0 -perm /077)"
}

@test "keep_sealed: fails if anything cannot be removed, even as a condition, in which bash forgets errexit" {
  local name
  for name in docker/containers docker/image/btrfs docker/image/overlay2/layerdb/tmp mine; do
    mkdir -p "$T/volume/$name"
    stub rm "[[ \"\$*\" != *'/$name' ]] && /bin/rm \"\$@\""
    run script 'keep_sealed || exit 7'
    equal 7 "$status"
    /bin/rm -r "${T:?}/volume/$name"
  done
}

@test "remove_all_but: removes links and not what they point to, and everything below, whatever its name" {
  mkdir "$T/volume/docker/-rf"
  ln -s "$T/host" "$T/volume/docker/link"
  ln -s "$T/host/inner" "$T/volume/docker/containers/c/link"
  script 'remove_all_but docker image'
  equal image "$(left docker)"
  [[ -e "$T/host/inner/canary" ]]
}

@test "remove_all_but: a folder that is not there is none to remove from" {
  script 'remove_all_but nothing image'
}
