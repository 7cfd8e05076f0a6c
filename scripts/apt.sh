#!/usr/bin/env bash
# apt.sh PACKAGE... : installs Debian/Ubuntu packages when that is possible without asking anyone, i.e. as root.
# Exit 1 otherwise, silently: the caller knows what the packages were for and says what to run.
set -euo pipefail

[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || exit 1

export DEBIAN_FRONTEND=noninteractive
echo "setup: installing $* with apt-get" >&2
# Another apt may be at work on a machine that has just started: wait for it instead of failing.
options=(-qq -o DPkg::Lock::Timeout=120)
apt-get "${options[@]}" update >&2
apt-get "${options[@]}" install -y --no-install-recommends "$@" >&2
