#!/usr/bin/env bash
# The browser tests drive Debian's chromium; this sees to it that it is installed, with a font for its boxes and arrows.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v chromium >/dev/null && exit 0
scripts/apt.sh chromium fonts-dejavu-core && command -v chromium >/dev/null && exit 0
echo "setup: no chromium here, and the browser tests need it: run 'sudo apt-get install chromium'." >&2
exit 1
