#!/usr/bin/env bash
# Writes the three lock files: what runs, what tests, and the Go toolchain that builds OPA where no Go is installed.
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
    "$tools/bin/uv" pip compile --quiet --generate-hashes --universal --no-emit-index-url --no-header \
        --python-version 3.11 "$@" "$input" -o "$output"
    echo "lock: $output holds $(grep -c '^[a-zA-Z0-9]' "$output") packages"
}

compile requirements.lock pyproject.toml
compile requirements-dev.lock pyproject.toml --extra dev
compile scripts/go-toolchain.lock scripts/go-toolchain.in
