#!/usr/bin/env bash
# The record tests start a PostgreSQL of their own; this sees to it that its programs are installed.
# Debian's package also starts a server on 127.0.0.1:5432, which nothing here uses.
set -euo pipefail
cd "$(dirname "$0")/.."

is_there() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

is_there && exit 0
scripts/apt.sh postgresql && is_there && exit 0
echo "setup: PostgreSQL is not installed and the record tests need its programs: run 'sudo apt-get install postgresql'." >&2
exit 1
