# shellcheck shell=bash
# Settings that only a worker is told, and its own values.

WORKER_SETTINGS=(TIMEOUT_SECONDS MIN_FREE_GIB HYDRATE HYDRATE_RATE_MIBPS)
# Of lib/contract.ts.
WORKER_METRIC_NAMESPACE=DockerCacheWorker
FALLBACK_METRIC=WorkerFallback
HYDRATION_METRIC=HydrationPercent
# On the root disk, root's alone, for what must survive a reboot: this script, the daemon.json that was found, the consumer's script.
WORKER_HOME=/var/lib/docker-cache-worker
