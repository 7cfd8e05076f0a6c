#!/usr/bin/env bash
# Sees to it that node_modules holds what package-lock.json names: the proxy behind the guard and the files that pages
# serve. A Node older than 20, or none, is made good by a hash-checked package from PyPI in .tools/node (both found by
# `hub/proxy.py`). Silent and instant when all is there; exit 1 with the remedy otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=node_modules/.installed

say() { echo "setup: $*" >&2; }
die() {
    say "$*"
    exit 1
}

# Debian's nodejs comes without npm, so both are asked for.
is_new_enough() { # is_new_enough FOLDER
    [ -x "$1/node" ] && [ -e "$1/npm" ] && [ "$("$1/node" --print 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 20 ]
}

find_node() {
    local folder
    folder=$(dirname "$(command -v node || echo /nowhere/node)")
    is_new_enough "$folder" && echo "$folder" && return
    is_new_enough .tools/node/bin && echo "$PWD/.tools/node/bin"
}

fetch_node() {
    say "no Node 20 or newer here, fetching one into .tools/node (60 MB, once)"
    .venv/bin/python -m venv --clear .tools/node &&
        .tools/node/bin/python -m pip --disable-pip-version-check \
            install --quiet --require-hashes --only-binary :all: -r scripts/nodejs.lock
}

# No package may run code of its own at installation; the stamp comes last, so an interrupted run is not taken for done.
install_packages() { # install_packages FOLDER_OF_NODE
    local log
    log=$(mktemp)
    say "installing what package-lock.json names into node_modules"
    if ! PATH="$1:$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        die "npm could not install the proxy and the page files (see above). Check that npm reaches a registry (npm ping), then run the same command again."
    fi
    rm -f "$log"
    cp package-lock.json "$stamp"
}

node=$(find_node) || { fetch_node && node=$(find_node); } ||
    die "Node could not be had. Install Node 20 or newer with npm (on Debian 13: 'sudo apt-get install nodejs npm'), then try again."
cmp --silent package-lock.json "$stamp" || install_packages "$node"
