#!/usr/bin/env bash
# sandbox-image.sh : sees to it that the image of the sandboxes is there and prints its name, amanat-sandbox:HASH, as the
# only line on stdout. HASH is that of everything it is made of, so a second run takes no time and a change makes a new
# image; amanat-sandbox:latest is always the last one asked for. About two minutes and 3 GB of disk for the first one.
set -euo pipefail
cd "$(dirname "$0")/.."

name=amanat-sandbox
base=amanat-base:bookworm
source=sandbox-images
cache=.cache/sandbox-wheels
# Wheels for Debian 12's Python and C library, whatever this machine runs.
wheels=(--python-version 3.11.2 --only-binary :all: --platform manylinux_2_34_x86_64 --platform manylinux_2_28_x86_64
    --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64)
content=(Dockerfile build python rootfs requirements.lock)

say() { echo "sandbox image: $*" >&2; }
die() {
    say "$*"
    exit 1
}

hash_of() { # hash_of PATH... : names, contents and executable bits; nothing that differs between two checkouts
    find "$@" -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
}

fetch_wheels() { # the folder is named after the lock, and renamed only when it is complete
    wheelhouse=$cache/$(hash_of "$source/requirements.lock")
    [ -d "$wheelhouse" ] && return
    say "fetching $(grep -c '^[a-zA-Z0-9]' "$source/requirements.lock") packages into $cache (half a minute, once)"
    rm -rf "${cache:?}"/*
    .venv/bin/python -m pip --disable-pip-version-check --quiet download --require-hashes --no-deps "${wheels[@]}" \
        --requirement "$source/requirements.lock" --dest "$cache/incomplete" >&2 ||
        die "a package could not be fetched or did not match its hash (see above); run the same command again."
    mv "$cache/incomplete" "$wheelhouse"
}

context() { # the build's input as one stream, so that the wheels are neither copied nor kept beside the sources
    tar -C "$source" -c --owner=0 --group=0 --mode=u=rwX,go=rX --exclude=__pycache__ "${content[@]}" \
        -C "$PWD/$cache" --transform "s,^${wheelhouse##*/},wheelhouse," "${wheelhouse##*/}"
}

build() {
    say "building $image (a minute or two, once)"
    # The classic builder is there on every Docker. What it prints, its notice of deprecation included, goes to a file.
    context | DOCKER_BUILDKIT=0 docker build --rm --force-rm --network none --build-arg "BASE=$base" \
        --label amanat.image=sandbox --tag "$image" - 2>&1 | tee "$cache/build.log" |
        grep --line-buffered '^Step ' | sed -u 's/^/sandbox image: /' >&2 ||
        { tail -n 15 "$cache/build.log" >&2 && die "the build failed; its last lines are above, all of them in $cache/build.log."; }
}

[ "$(uname -m)" = x86_64 ] || die "there are libraries for x86-64 machines only, and this one is $(uname -m): run with --no-sandboxes."
docker info >/dev/null 2>&1 || die "no Docker engine answers: run 'sudo scripts/docker.sh', then try again."
base=$(scripts/base-image.sh)
image=$name:$(cd "$source" && echo "$(docker image inspect -f '{{.Id}}' "$base") $(hash_of "${content[@]}")" | sha256sum | cut -c1-12)
if ! docker image inspect "$image" >/dev/null 2>&1; then
    mkdir -p "$cache"
    exec 8>"$cache.lock" && flock 8 # two runs at once would fetch into one folder; the second finds the layers made
    fetch_wheels
    build
fi
docker tag "$image" "$name:latest"
echo "$image"
