#!/usr/bin/env bash
# base-image.sh [NAME PACKAGE...] : sees to it that a local image is there and prints its name. Without arguments it is
# amanat-base:bookworm, a minimal Debian 12 with Python; otherwise amanat-NAME:bookworm, that base with PACKAGEs on top.
# They hold what later builds cannot install, because those run without a network. Progress and failures go to stderr; a
# second run takes no time.
#
# From debian:bookworm-slim where that image is here or can be pulled and apt works inside a build, else by debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
    name=base origin=debian:bookworm-slim packages=(python3 python3-venv)
else
    name=$1 origin=$(scripts/base-image.sh) packages=("${@:2}")
fi
image=amanat-$name:bookworm
recipe=$( (cat scripts/base-image.sh && echo "${packages[*]}") | sha256sum | cut -c1-12) # changed: built anew

say() { echo "images: $*" >&2; }
die() {
    say "$*"
    exit 1
}

is_there() { [ "$(docker image inspect -f '{{index .Config.Labels "amanat.recipe"}}' "$image" 2>/dev/null)" = "$recipe" ]; }

with_apt_inside() {
    docker image inspect "$origin" >/dev/null 2>&1 || timeout 60 docker pull --quiet "$origin" >/dev/null 2>&1 || return 1
    say "trying to build $image from $origin with apt"
    timeout 600 docker build --quiet --tag "$image" --label "amanat.recipe=$recipe" - >/dev/null 2>&1 <<DOCKERFILE
FROM $origin
RUN apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 update && \
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y upgrade && \
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends ${packages[*]} && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*
DOCKERFILE
}

repositories() { # of Debian 12, as this machine's own apt knows them: "URI CODENAME COMPONENT"
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        grep -E ' bookworm(-updates|-security)? main$' | sort -u || true
}

with_apt_outside() { # the machine reaches a mirror though a build does not: its apt fills a folder that becomes the image
    [ "$(id -u)" -eq 0 ] || die "$image can only be built by root here: run 'sudo scripts/base-image.sh $*' once, or 'docker load' that image."
    if [ "$name" = base ]; then bootstrap; else unpack_origin; fi &&
        complete && strip_machine &&
        tar -C "$root" --one-file-system --numeric-owner -c . |
        docker import --change "LABEL amanat.recipe=$recipe" --change 'CMD ["/bin/bash"]' - "$image" >/dev/null
}

bootstrap() {
    command -v debootstrap >/dev/null || scripts/apt.sh debootstrap ||
        die "debootstrap is missing: run 'sudo apt-get install debootstrap', then try again."
    local mirror
    mirror=$(repositories | awk '$2 == "bookworm" {print $1; exit}') # none (not a Debian 12): debootstrap's own default
    say "building $image with debootstrap (a minute, once)"
    mkdir -p .cache/debootstrap
    debootstrap --variant=minbase --cache-dir="$PWD/.cache/debootstrap" --include="$(IFS=,; echo "${packages[*]}")" \
        bookworm "$root" $mirror >"$scratch/log" 2>&1 || failed
}

unpack_origin() {
    say "building $image: $origin with ${packages[*]}"
    local container
    container=$(docker create "$origin") && docker export "$container" | tar -x -C "$root" && docker rm "$container" >/dev/null
}

# debootstrap knows one repository only, and the security updates stand in another. In namespaces of its own, so that no
# mount and no daemon which a package starts outlives this.
complete() {
    repositories | sed 's/^/deb /' >"$root/etc/apt/sources.list"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod +x "$root/usr/sbin/policy-rc.d"
    DEBIAN_FRONTEND=noninteractive unshare --mount --pid --fork chroot "$root" sh -ec "
        mount -t proc proc /proc
        apt-get -qq update
        apt-get -qq -y upgrade
        apt-get -qq -y install --no-install-recommends ${packages[*]}" >"$scratch/log" 2>&1 || failed
}

failed() {
    tail -n 5 "$scratch/log" >&2
    return 1
}

strip_machine() { # nothing of the machine that built it, nothing that a package manager would fetch again
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*.log "$root/usr/sbin/policy-rc.d"
    : >"$root/etc/apt/sources.list"
    : >"$root/etc/resolv.conf"
    echo localhost >"$root/etc/hostname"
}

docker info >/dev/null 2>&1 || die "no Docker engine answers: run 'sudo scripts/docker.sh', then try again."
if ! is_there; then
    scratch=$(mktemp -d)
    root=$scratch/root
    trap 'rm -rf --one-file-system "$scratch"' EXIT
    mkdir -p "$root" && chmod 755 "$scratch" "$root"
    with_apt_inside || with_apt_outside "$@" || die "$image could not be built; the reason is above."
    is_there || die "$image was built but is not there; is another Docker engine in use (DOCKER_HOST)?"
fi
echo "$image"
