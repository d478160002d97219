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
  stub systemctl 'printf "LoadState=masked\nActiveState=activating\nExecStart={ argv[]=/usr/bin/dockerd -H fd:// }\n"'
  equal 'masked activating  ExecStart={ argv[]=/usr/bin/dockerd -H fd:// }' "$(script 'find_docker_roots; echo "$DOCKER_LOADED $DOCKER_STATE $DOCKER_FLAGS"')"
  equal 'systemctl show -p LoadState,ActiveState,ExecStart docker.service' "$(<"$CALLS")"
  stub systemctl 'exit 1'
  equal '|' "$(script 'find_docker_roots; echo "$DOCKER_LOADED|$DOCKER_STATE"')"
}

@test "find_docker_roots: by daemon.json and config.toml, but a flag comes first, and a comment is none" {
  mkdir -p "$T/etc"
  printf '{\n "data-root" : "/mnt/docker"\n}' >"$T/etc/daemon.json"
  printf 'version = 2\n#root = "/no"\nroot = "/mnt/containerd"\n[plugins]\n' >"$T/etc/config.toml"
  equal "/mnt/docker /mnt/containerd" "$(script 'find_docker_roots; echo $DOCKER_ROOT $CONTAINERD_ROOT')"
  printf '# OPTIONS="--data-root=/no"\nOPTIONS="--default-ulimit nofile=1:2 --data-root /flag"\n' >"$T/etc/docker"
  equal /flag "$(script 'find_docker_roots; echo $DOCKER_ROOT')"
  rm "$T/etc/docker"
  stub systemctl 'echo "ExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd --graph=/unit -H fd:// ; }"'
  equal /unit "$(script 'find_docker_roots; echo $DOCKER_ROOT')"
}

@test "find_docker_roots: links are followed, and a flag may name another daemon.json" {
  mkdir -p "$T/etc" "$T/real"
  ln -s "$T/real" "$T/link"
  ln -s "$T/real/daemon.json" "$T/etc/daemon.json"
  printf '{"data-root": "%s/docker"}' "$T/link" >"$T/real/daemon.json"
  equal "$T/real/docker $T/real/daemon.json" "$(script 'find_docker_roots; echo $DOCKER_ROOT $DAEMON_JSON')"
  printf 'OPTIONS="--config-file=%s/other.json"\n' "$T/link" >"$T/etc/docker"
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

@test "pin_image_store: a storage driver that is set by a flag is not repeated" {
  local flag
  for flag in --storage-driver=overlay2 '--storage-driver overlay2' '-s overlay2'; do
    script "DOCKER_FLAGS='dockerd -H fd:// $flag'; pin_image_store '{}'"
    [[ "$(<"$T/etc/daemon.json")" != *storage-driver* ]]
  done
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

@test "grow_file_system: by the file system's own tool" {
  script 'grow_file_system /dev/x xfs; grow_file_system /dev/x ext4'
  called "xfs_growfs $T/volume"
  called 'resize2fs /dev/x'
}
