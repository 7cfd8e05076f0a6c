#!/usr/bin/env bash
# Writes the lock files: what runs, what tests, the Go toolchain and the Node for machines that have none, and what
# stands in a sandbox.
# Pins that still fit are kept; delete a lock first to move everything to its newest version.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT

.venv/bin/python -m venv "$tools"
"$tools/bin/python" -m pip install --quiet uv

compile() { # compile OUTPUT INPUT [extra options]
    local output=$1 input=$2
    shift 2
    "$tools/bin/uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-header "$@" "$input" -o "$output"
    echo "lock: $output holds $(grep -c '^[a-zA-Z0-9]' "$output") packages"
}

anywhere=(--universal --python-version 3.11)
debian=(--python-version 3.11.2 --python-platform linux --only-binary :all:) # inside a sandbox

compile requirements.lock pyproject.toml "${anywhere[@]}"
compile requirements-dev.lock pyproject.toml --extra dev "${anywhere[@]}"
compile scripts/go-toolchain.lock scripts/go-toolchain.in "${anywhere[@]}"
compile scripts/nodejs.lock scripts/nodejs.in "${anywhere[@]}"
compile sandbox-images/requirements.lock sandbox-images/requirements.in "${debian[@]}"
