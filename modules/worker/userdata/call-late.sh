# shellcheck shell=sh
if [ -n "$WORKER" ]; then /bin/bash "$WORKER" late </dev/null; else systemctl start docker.service; fi
