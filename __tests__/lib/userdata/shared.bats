#!/usr/bin/env bats
# Functions that builder and worker share.
# shellcheck disable=SC2016,SC2030,SC2031 # code for `script` is quoted; each test is a process of its own

load helper

setup() { use worker; }

@test "decode_settings: decodes each, leaves a missing one empty, and takes all out of the environment" {
  export A B=
  A="$(printf 'a\nb$(id)' | base64 -w0)"
  run script 'decode_settings A B C; [[ "$A" == $'"'a\nb\$(id)'"' && "$B" == "" && "$C" == "" ]]; env | grep -c "^[ABC]=" || true'
  equal 0 "$status"
  equal 0 "$output"
}

@test "decode_settings: fails on what is not base64" {
  export A='!!'
  run script 'decode_settings A'
  [ "$status" -ne 0 ]
}

@test "get_metadata: sends the token that it was given, and asks for several paths at once" {
  stub curl 'case "$*" in *"-X PUT"*) echo TOKEN ;; *) printf "one\ntwo\n" ;; esac'
  run script 'open_metadata; get_metadata meta-data/a meta-data/b'
  equal $'one\ntwo' "$output"
  called 'curl *-X PUT -H X-aws-ec2-metadata-token-ttl-seconds: 21600 http://169.254.169.254/latest/api/token'
  called 'curl *--noproxy \* *-X GET -H X-aws-ec2-metadata-token: TOKEN http://169.254.169.254/latest/meta-data/a http://169.254.169.254/latest/meta-data/b'
}

@test "get_metadata: without curl, python3 asks, with tokens too" {
  cat >"$T/server.py" <<'PY'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body, code=200):
        self.send_response(code); self.end_headers(); self.wfile.write(body)
    def do_PUT(self):
        ok = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds") == "21600"
        self.answer(b"T1" if ok else b"", 200 if ok else 400)
    def do_GET(self):
        ok = self.headers.get("X-aws-ec2-metadata-token") == "T1"
        self.answer(self.path.encode() if ok else b"", 200 if ok else 401)
    def log_message(self, *arguments): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
  python3 "$T/server.py" >"$T/port" 3>&- &
  server=$!
  for _ in {1..100}; do [[ -s "$T/port" ]] || sleep 0.05; done
  # A PATH without curl.
  mkdir "$T/few"
  ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$T/few/python3"
  run script "PATH='$T/few'; METADATA_URL=http://127.0.0.1:$(<"$T/port")/latest; hash -r; open_metadata; get_metadata a b; METADATA_TOKEN=wrong; get_metadata a 2>/dev/null || echo refused"
  kill "$server"
  equal $'/latest/a\n/latest/b\nrefused' "$output"
}

@test "list_unproxied_hosts: the metadata service is always among them" {
  equal 169.254.169.254,localhost,127.0.0.1 "$(script list_unproxied_hosts)"
  equal 169.254.169.254,localhost,127.0.0.1,a.b,c "$(script 'NO_PROXY_HOSTS=a.b,c; list_unproxied_hosts')"
}

@test "configure_docker_proxy: does nothing if no proxy is configured" {
  script configure_docker_proxy
  equal "" "$(<"$CALLS")"
}

@test "configure_docker_proxy: a drop-in for Docker's daemon, in which systemd does not expand what is in the URL" {
  within_units configure_docker_proxy "HTTP_PROXY_URL=http://me:p%40ss@proxy:3128 HTTPS_PROXY_URL=http://proxy:3129 NO_PROXY_HOSTS=.internal; configure_docker_proxy"
  equal $'[Service]\nEnvironment="HTTP_PROXY=http://me:p%%40ss@proxy:3128" "HTTPS_PROXY=http://proxy:3129" "NO_PROXY=169.254.169.254,localhost,127.0.0.1,.internal"' \
    "$(<"$T/units/docker.service.d/docker-cache-proxy.conf")"
  called 'systemctl daemon-reload'
}

@test "configure_docker_proxy: systemd reads its units again only if the drop-in has changed" {
  within_units configure_docker_proxy 'HTTP_PROXY_URL=http://a; configure_docker_proxy; configure_docker_proxy'
  equal 'systemctl daemon-reload' "$(<"$CALLS")"
  within_units configure_docker_proxy 'HTTP_PROXY_URL=http://b; configure_docker_proxy'
  equal 2 "$(grep -c daemon-reload "$CALLS")"
  [[ "$(<"$T/units/docker.service.d/docker-cache-proxy.conf")" == *'"HTTP_PROXY=http://b"'* ]]
}

@test "find_docker_roots: the defaults" {
  equal "/var/lib/docker /var/lib/containerd" "$(script 'find_docker_roots; echo $DOCKER_ROOT $CONTAINERD_ROOT')"
}

@test "find_docker_roots: asks systemd once for what it knows of Docker, and takes no property for a flag" {
  stub systemctl 'printf "LoadState=masked\nActiveState=activating\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// ; ignore_errors=no ; pid=0 }\n"'
  equal 'masked activating|{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// ; ignore_errors=no ; pid=0 }|' "$(script 'find_docker_roots; echo "$DOCKER_LOADED $DOCKER_STATE|$DOCKER_FLAGS|$DOCKER_UNFIT"')"
  equal 'systemctl show -p LoadState,ActiveState,ExecStart,Environment,EnvironmentFiles docker.service' "$(<"$CALLS")"
  stub systemctl 'exit 1'
  equal '|' "$(script 'find_docker_roots; echo "$DOCKER_LOADED|$DOCKER_STATE"')"
}

# unit NAME COMMAND [LINE...]: what systemd says of a unit that runs COMMAND; LINE: `Environment=…` and `EnvironmentFiles=…`, as it writes them.
unit() {
  printf '%s\n' LoadState=loaded ActiveState=inactive "ExecStart={ path=${2%% *} ; argv[]=$2 ; ignore_errors=no ; start_time=[n/a] }" "${@:3}" >"$T/$1.said"
  stub systemctl 'cat "$T/${*: -1}.said" 2>/dev/null'
}

# flags: dockerd's, one blank between words.
flags() { script 'find_docker_roots; read -r -a words <<<"$DOCKER_FLAGS"; flags="${words[*]#*argv?]=/usr/sbin/dockerd}"; flags="${flags#* ; }"; echo ${flags%% ; ignore*}'; }

@test "read_unit: variables come from the environment and the files that the unit names, and from no others, as systemd reads them" {
  mkdir -p "$T/etc"
  # A file that this unit does not name, and one whose variable it does not use.
  echo 'DOCKER_OPTS="--data-root /unused"' >"$T/etc/default"
  unit docker.service '/usr/sbin/dockerd -H fd:// $OPTIONS $DOCKER_ADD'
  equal '-H fd:// $OPTIONS $DOCKER_ADD' "$(flags)"
  unit docker.service '/usr/sbin/dockerd -H fd://' "EnvironmentFiles=$T/etc/default (ignore_errors=yes)"
  equal '-H fd://' "$(flags)"
  # Quotes, comments, a line that goes on, a file that is not there, a pattern.
  printf '# OPTIONS="--no"\n;OPTIONS=--no\n#OPTIONS=--no\nOPTIONS='"'--data-root /a --label x'"'\n DOCKER_ADD = \\\n  --debug \nOPTIONSX=--no\n' >"$T/etc/sysconfig"
  unit docker.service '/usr/sbin/dockerd -H fd:// $OPTIONS $DOCKER_ADD' "EnvironmentFiles=/nowhere (ignore_errors=yes)" "EnvironmentFiles=$T/etc/sys* (ignore_errors=no)"
  equal '-H fd:// --data-root /a --label x --debug' "$(flags)"
  # The environment, in quotes and not; a file comes before it; a variable within a word.
  unit docker.service '/usr/sbin/dockerd --data-root=${ROOT}/docker $OPTIONS $MORE' 'Environment=HTTP_PROXY=http://me:pw@p ROOT=/b "MORE=-s overlay2 --debug" OPTIONS=--no' \
    "EnvironmentFiles=$T/etc/sysconfig (ignore_errors=no)"
  equal '--data-root=/b/docker --data-root /a --label x --storage-driver overlay2 --debug' "$(flags)"
}

@test "find_docker_roots: the data-root by every flag that dockerd has for it, which comes before daemon.json" {
  mkdir -p "$T/etc"
  printf '{"data-root": "/json"}' >"$T/etc/daemon.json"
  local flag
  for flag in '--data-root /x' --data-root=/x '--graph /x' --graph=/x '-g /x' -g=/x -g/x; do
    unit docker.service "/usr/bin/dockerd -H fd:// $flag --debug"
    equal "/x $flag" "$(script 'find_docker_roots; echo $DOCKER_ROOT') $flag"
  done
  unit docker.service '/usr/bin/dockerd -H fd:// --log-opt tag=-g/y --default-cgroupns-mode host'
  equal /json "$(script 'find_docker_roots; echo $DOCKER_ROOT')"
}

@test "find_docker_roots: daemon.json is read by a parser, and only if it may say something of it" {
  mkdir -p "$T/etc"
  printf '{"log-opts": {"tag": "x"}, "data-root" : "\\u002fmnt/my \\"disk\\""}' >"$T/etc/daemon.json"
  equal '/mnt/my "disk"' "$(script 'find_docker_roots; echo "$DOCKER_ROOT"')"
  printf '{"graph": "/g"}' >"$T/etc/daemon.json"
  equal /g "$(script 'find_docker_roots; echo "$DOCKER_ROOT"')"
  printf '{"log-opts": {"data-root": "/no"}}' >"$T/etc/daemon.json"
  equal /var/lib/docker "$(script 'find_docker_roots; echo "$DOCKER_ROOT"')"
  printf '{"log-driver": "local", "storage-driver": "overlay2"}' >"$T/etc/daemon.json"
  stub python3 'echo asked >&2; exit 1'
  equal /var/lib/docker "$(script 'find_docker_roots; echo "$DOCKER_ROOT"' 2>&1)"
}

@test "find_docker_roots: containerd's root by its flags and by what it makes of its file, if its store is used" {
  local root='find_docker_roots; echo "$CONTAINERD_ROOT"'
  mkdir -p "$T/etc"
  printf 'version = 2\n root = "/file"\n' >"$T/etc/config.toml"
  stub containerd 'printf "disabled_plugins = []\nroot = \"/dumped\"\nstate = \"/run\"\n\n[plugins]\n  root = \"/no\"\n"'
  equal /var/lib/containerd "$(script "$root")"
  equal '' "$(grep ^containerd "$CALLS" || true)"
  equal /dumped "$(script "IMAGE_STORE=containerd; $root")"
  called "containerd --config $T/etc/config.toml config dump"
  # As containerd 2 writes it.
  stub containerd "printf \"version = 3\nroot = '/second'\n\""
  unit containerd.service '/usr/bin/containerd -c /other.toml'
  printf 'imports = ["/etc/containerd/conf.d/*.toml"]\n' >"$T/etc/other.toml"
  unit containerd.service "/usr/bin/containerd -c $T/etc/other.toml"
  equal /second "$(script "IMAGE_STORE=containerd; $root")"
  called "containerd --config $T/etc/other.toml config dump"
  unit containerd.service '/usr/bin/containerd --root=/flag'
  equal /flag "$(script "IMAGE_STORE=containerd; $root")"
  # A comment is not worth a question.
  printf 'version = 2\n#root = "/no"\n[plugins]\n' >"$T/etc/config.toml"
  unit containerd.service /usr/bin/containerd
  : >"$CALLS"
  equal /var/lib/containerd "$(script "IMAGE_STORE=containerd; $root")"
  uncalled 'containerd *'
  # Of another table.
  printf '[plugins.a]\n  root = "/no"\n' >"$T/etc/config.toml"
  stub containerd "printf \"root = '/var/lib/containerd'\n\n[plugins]\n  root = '/no'\n\""
  equal /var/lib/containerd "$(script "IMAGE_STORE=containerd; $root")"
  called 'containerd *'
  # A containerd that cannot tell.
  printf 'root = "/file"\n' >"$T/etc/config.toml"
  stub containerd 'exit 1'
  equal /var/lib/containerd "$(script "IMAGE_STORE=containerd; $root")"
}

@test "find_docker_roots: what cannot be on the cache, by flag and by daemon.json; and a limit for containers, which needs a mount option" {
  local found='find_docker_roots; echo "$DOCKER_QUOTA|$DOCKER_UNFIT"' remap='userns-remap is set: Docker then keeps its images in a folder of its own, with other owners'
  mkdir -p "$T/etc"
  unit docker.service '/usr/bin/dockerd --userns-remap default'
  equal "|$remap" "$(script "$found")"
  unit docker.service '/usr/bin/dockerd --storage-opt overlay2.size=9G'
  equal ',pquota|' "$(script "$found")"
  equal '|' "$(script "IMAGE_STORE=containerd; $found")"
  unit docker.service '/usr/bin/dockerd --storage-opt dm.basesize=9G'
  equal '|' "$(script "$found")"
  printf '{"userns-remap": "default", "storage-opts": ["overlay2.size=9G"]}' >"$T/etc/daemon.json"
  equal ",pquota|$remap" "$(script "$found")"
  printf '{"userns-remap": "", "storage-opts": ["overlay2.override_kernel_check=1"]}' >"$T/etc/daemon.json"
  equal '|' "$(script "$found")"
}

@test "find_docker_roots: links are followed, and a flag may name another daemon.json" {
  mkdir -p "$T/etc" "$T/real"
  ln -s "$T/real" "$T/link"
  ln -s "$T/real/daemon.json" "$T/etc/daemon.json"
  printf '{"data-root": "%s/docker"}' "$T/link" >"$T/real/daemon.json"
  equal "$T/real/docker $T/real/daemon.json" "$(script 'find_docker_roots; echo $DOCKER_ROOT $DAEMON_JSON')"
  unit docker.service "/usr/bin/dockerd --config-file=$T/link/other.json"
  equal "/var/lib/docker $T/real/other.json" "$(script 'find_docker_roots; echo $DOCKER_ROOT $DAEMON_JSON')"
}

@test "bind_docker_roots: containerd's root only for containerd's image store" {
  script "DOCKER_ROOT='$T/d' CONTAINERD_ROOT='$T/c'; bind_docker_roots"
  called "mount --bind $T/volume/docker $T/d"
  uncalled '*volume/containerd*'
  script "DOCKER_ROOT='$T/d' CONTAINERD_ROOT='$T/c' IMAGE_STORE=containerd; bind_docker_roots"
  called "mount --bind $T/volume/containerd $T/c"
}

# daemon_json: what stands in it, on one line.
daemon_json() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1])), sort_keys=True))' "$T/etc/daemon.json"; }

@test "pin_image_store: makes the file if there is none, without python3" {
  stub python3 'exit 1'
  script "pin_image_store '{}'"
  equal '{"features": {"containerd-snapshotter": false}, "storage-driver": "overlay2"}' "$(PATH="${PATH#*:}" daemon_json)"
  rm "$T/etc/daemon.json"
  script "IMAGE_STORE=containerd; pin_image_store '{}'"
  equal '{"features": {"containerd-snapshotter": true}}' "$(PATH="${PATH#*:}" daemon_json)"
}

@test "pin_image_store: with more to say, and no file" {
  script "pin_image_store '{\"max-concurrent-downloads\": 9}'"
  equal '{"features": {"containerd-snapshotter": false}, "max-concurrent-downloads": 9, "storage-driver": "overlay2"}' "$(daemon_json)"
}

@test "pin_image_store: calls what it is told to with the new file before that takes its place, which it does not if that fails" {
  mkdir -p "$T/etc"
  echo '{"a": 1}' >"$T/etc/daemon.json"
  script "before() { cp \"\$DAEMON_JSON\" '$T/old'; cp \"\$1\" '$T/new'; }; pin_image_store '{}' before"
  equal '{"a": 1}' "$(<"$T/old")"
  cmp "$T/new" "$T/etc/daemon.json"
  echo '{"a": 2}' >"$T/etc/daemon.json"
  run script "pin_image_store '{}' false"
  [ "$status" -ne 0 ]
  equal '{"a": 2}' "$(<"$T/etc/daemon.json")"
}

@test "pin_image_store: keeps whatever stands there, and its mode" {
  mkdir -p "$T/etc"
  printf '{"runtimes": {"nvidia": {"path": "x"}}, "features": {"buildkit": true}, "storage-driver": "btrfs"}' >"$T/etc/daemon.json"
  chmod 600 "$T/etc/daemon.json"
  script "IMAGE_STORE=containerd; pin_image_store '{\"max-concurrent-downloads\": 9}'"
  equal '{"features": {"buildkit": true, "containerd-snapshotter": true}, "max-concurrent-downloads": 9, "runtimes": {"nvidia": {"path": "x"}}}' "$(daemon_json)"
  equal 600 "$(stat -c %a "$T/etc/daemon.json")"
}

@test "pin_image_store: reads what dockerd reads, a byte-order mark too" {
  mkdir -p "$T/etc"
  printf '\xef\xbb\xbf{"a": "\xc3\xbc"}' >"$T/etc/daemon.json"
  LC_ALL=C script "pin_image_store '{}'"
  python3 -c "import json; assert json.load(open('$T/etc/daemon.json', encoding='utf-8'))['a'] == 'ü'"
}

@test "pin_image_store: what is set by a flag is not repeated" {
  local flag
  mkdir -p "$T/etc"
  for flag in --storage-driver=overlay2 '--storage-driver overlay2' '-s overlay2' -s=overlay2 -soverlay2; do
    rm -f "$T/etc/daemon.json"
    unit docker.service "/usr/bin/dockerd -H fd:// $flag"
    script "find_docker_roots; pin_image_store '{}'"
    equal "{\"features\": {\"containerd-snapshotter\": false}} $flag" "$(daemon_json) $flag"
  done
  unit docker.service '/usr/bin/dockerd --max-concurrent-downloads=3 --feature containerd-snapshotter=false --dns-opt x'
  printf '{"dns": ["1.1.1.1"], "debug": false}' >"$T/etc/daemon.json"
  script "find_docker_roots; pin_image_store '{\"max-concurrent-downloads\": 9}'"
  equal '{"debug": false, "dns": ["1.1.1.1"], "storage-driver": "overlay2"}' "$(daemon_json)"
}

@test "pin_image_store: options of other storage drivers are left out, and that is said" {
  mkdir -p "$T/etc"
  printf '{"storage-opts": ["dm.basesize=20G", "overlay2.size=9G"]}' >"$T/etc/daemon.json"
  run script "pin_image_store '{}'"
  equal "only options of overlay2 remain of dm.basesize=20G overlay2.size=9G" "$output"
  equal '{"features": {"containerd-snapshotter": false}, "storage-driver": "overlay2", "storage-opts": ["overlay2.size=9G"]}' "$(daemon_json)"
  run script "pin_image_store '{}'"
  equal '' "$output"
  printf '{"storage-opts": ["btrfs.min_space=1G", "zfs.fsname=a"]}' >"$T/etc/daemon.json"
  script "pin_image_store '{}'" 2>/dev/null
  equal '{"features": {"containerd-snapshotter": false}, "storage-driver": "overlay2"}' "$(daemon_json)"
}

@test "pin_image_store: a dockerd that can tell is asked before the file takes its place, and only if it is changed" {
  mkdir -p "$T/etc"
  echo '{"a": 1}' >"$T/etc/daemon.json"
  stub dockerd 'case "$*" in *--help) echo "      --validate   Validate" ;; *) echo "first line" >&2; echo "no such directive: a" >&2; exit 1 ;; esac'
  run script "pin_image_store '{}'"
  [ "$status" -ne 0 ]
  equal 'no such directive: a' "${lines[-1]}"
  equal '{"a": 1}' "$(<"$T/etc/daemon.json")"
  called "dockerd --validate --config-file $T/etc/daemon.json.new"
  # Docker 20 cannot tell.
  stub dockerd '[[ "$*" == --help ]]'
  script "pin_image_store '{}'"
  : >"$CALLS"
  script "pin_image_store '{}'"
  uncalled 'dockerd *'
  rm "$T/etc/daemon.json"
  script "pin_image_store '{}'"
  uncalled 'dockerd *'
}

@test "pin_image_store: the second time changes nothing of what it says, the third time not a byte" {
  local said
  script "pin_image_store '{}'"
  said="$(daemon_json)"
  script "pin_image_store '{}'"
  equal "$said" "$(daemon_json)"
  cp "$T/etc/daemon.json" "$T/second"
  script "pin_image_store '{}'"
  cmp "$T/second" "$T/etc/daemon.json"
}

@test "pin_image_store: whatever tool fails, the file stays as it was" {
  mkdir -p "$T/etc"
  printf '{"a": 1}' >"$T/etc/daemon.json"
  local tool
  for tool in python3 mv chmod; do
    stub "$tool" 'printf half; exit 1'
    run script "pin_image_store '{}'"
    [ "$status" -ne 0 ]
    equal '{"a": 1}' "$(<"$T/etc/daemon.json")"
    rm "$T/bin/$tool"
  done
}

@test "pin_image_store: a daemon.json that is no JSON is left alone" {
  mkdir -p "$T/etc"
  printf '{"a": ' >"$T/etc/daemon.json"
  run script "pin_image_store '{}'"
  [ "$status" -ne 0 ]
  equal '{"a": ' "$(<"$T/etc/daemon.json")"
}

@test "mount_read_only: never recovers a journal, takes a clone of a mounted XFS, and nothing on it is a program or a device" {
  script "mount_read_only /dev/x xfs '$T/probe'; mount_read_only /dev/y ext4 '$T/probe'"
  called "mount --read-only --options norecovery,nodev,nosuid,noexec,*,nouuid --types xfs /dev/x $T/probe"
  called "mount --read-only --options norecovery,nodev,nosuid,noexec,* --types ext4 /dev/y $T/probe"
}

@test "mount_read_write: writes no times, closed to others, and an ext4 has no say in what an error does" {
  chmod 755 "$T/volume"
  script 'mount_read_write /dev/x xfs; mount_read_write /dev/y ext4'
  called "mount --read-write --make-private --options noatime,nouuid --types xfs /dev/x $T/volume"
  called "mount --read-write --make-private --options noatime,errors=remount-ro --types ext4 /dev/y $T/volume"
  equal 700 "$(stat -c %a "$T/volume")"
  stub mount 'exit 32'
  run script 'mount_read_write /dev/x xfs'
  [ "$status" -ne 0 ]
}

@test "mount_read_write: with quotas, if Docker wants to limit containers" {
  script "DOCKER_QUOTA=,pquota; mount_read_write /dev/x xfs"
  called "mount --read-write --make-private --options noatime,nouuid,pquota --types xfs /dev/x $T/volume"
}

@test "grow_file_system: by the file system's own tool" {
  script 'grow_file_system /dev/x xfs; grow_file_system /dev/x ext4'
  called "xfs_growfs $T/volume"
  called 'resize2fs /dev/x'
}
