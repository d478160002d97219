# shellcheck shell=sh
# The end of the part that runs after Docker. If nothing could be unpacked, Docker at least is started.

if [ -n "$WORKER" ]; then /bin/bash "$WORKER" late </dev/null; else systemctl start docker.service; fi
