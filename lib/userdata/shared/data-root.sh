# shellcheck shell=bash
# The data-root on the mounted cache volume. Only images are cloned: what else lies there (containers, networks, volumes, engine id) would become
# Docker's on every worker. The lists name what is kept, so that state that a future engine invents is not.

# keep_sealed: removes everything that no seal keeps. Never through links: fails, and removes nothing, if a folder that is kept is not a real folder
# of root's. They are closed to others. Fails too if something cannot be removed. Docker must not run on it. Callers may be conditions, in which bash
# forgets errexit.
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
    # On XFS dockerd makes it anew at each start: a block device, for quotas.
    rm -f -- "$MOUNT_POINT"/docker/overlay2/backingFsBlockDev{,.tmp} || return
    remove_all_but docker/image overlay2 || return
    remove_all_but docker/image/overlay2/layerdb sha256 || return
  fi
  remove_all_but . docker containerd .docker-cache lost+found
}

# remove_all_but FOLDER NAME...: of the entries of FOLDER, on the cache volume.
remove_all_but() {
  local folder="$MOUNT_POINT/$1" name
  local -a keep=()
  shift
  [[ -d "$folder" ]] || return 0
  for name in "$@"; do keep+=(! -name "$name"); done
  find "$folder" -xdev -mindepth 1 -maxdepth 1 "${keep[@]}" -exec rm --recursive --force --one-file-system -- {} +
}
