#!/usr/bin/env bash
# Sees to it that a Compose is there, v2 or Debian's 1.29: docker-compose.yml is read by both. Exit 1 with the remedy.
set -euo pipefail
cd "$(dirname "$0")/.."

is_there() { docker compose version >/dev/null 2>&1 || docker-compose version >/dev/null 2>&1; }

is_there && exit 0
scripts/apt.sh docker-compose && is_there && exit 0
echo "setup: there is no Compose: run 'sudo apt-get install docker-compose' (the Compose v2 plug-in of Docker does as well)." >&2
exit 1
