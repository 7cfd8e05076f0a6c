#!/usr/bin/env bash
# Builds the images that docker-compose.yml runs, without a network from inside: amanat (broker, gateway, publisher and
# the one-shot services), amanat-policy (OPA) and amanat-postgres. Each is tagged with the hash of what is in it, and
# `latest`; one that is there is not built again. Prints the three names with their hashes; progress goes to stderr.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.tools/bin:$PWD/.venv/bin:$PATH"

work=$PWD/.cache/product-image
python_version=3.11.2 # Debian 12's; the machine's own may be another
glibc=36              # and its C library is 2.36: wheels built for a newer one would not load

say() { echo "images: $*" >&2; }
die() {
    say "$*"
    exit 1
}

hash_of() { sha256sum | cut -c1-12; }
id_of() { docker image inspect -f '{{.Id}}' "$1"; }

build() { # build NAME HASH DOCKERFILE CONTEXT [BUILD-ARG...] : as NAME:HASH and NAME:latest, unless it is there
    local image=$1:$2 name=$1 dockerfile=$3 context=$4
    shift 4
    if ! docker image inspect "$image" >/dev/null 2>&1; then
        say "building $image"
        docker build --quiet --tag "$image" --file "deploy/images/$dockerfile" "${@/#/--build-arg=}" "$context" \
            >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2 && die "$image could not be built; the reason is above."; }
    fi
    docker tag "$image" "$name:latest"
    echo "$image"
}

fetch_libraries() { # into $1: everything in requirements.lock, checked against its hashes, as Debian's Python will find it
    local wheels=$work/wheels platforms=() minor
    for minor in $(seq "$glibc" -1 17); do platforms+=(--platform "manylinux_2_${minor}_$(uname -m)"); done
    platforms+=(--platform "manylinux2014_$(uname -m)")
    say "fetching $(grep -c '^[a-z]' requirements.lock) packages for the image (a minute, once)"
    python -m pip --disable-pip-version-check download --quiet --require-hashes --no-deps --only-binary :all: \
        --python-version "$python_version" "${platforms[@]}" --dest "$wheels" -r requirements.lock >&2 &&
        python -m pip --disable-pip-version-check install --quiet --no-index --find-links "$wheels" --require-hashes \
            --no-deps --only-binary :all: --python-version "$python_version" "${platforms[@]}" --no-compile \
            --target "$1" -r requirements.lock >&2 || die "the packages could not be fetched; the reason is above."
    rm -rf "$1/bin" "$1/pyarrow/include" "$1/pyarrow/src"
    find "$1" -type d -name tests -prune -exec rm -rf {} +
}

libraries() {
    local base tag
    base=$(scripts/base-image.sh)
    tag=$( (id_of "$base" && cat requirements.lock deploy/images/libraries.Dockerfile && echo "$python_version $glibc") | hash_of)
    if ! docker image inspect "amanat-libraries:$tag" >/dev/null 2>&1; then
        rm -rf "$work/libraries"
        fetch_libraries "$work/libraries"
    fi
    build amanat-libraries "$tag" libraries.Dockerfile "$work/libraries" "BASE=$base"
    rm -rf "$work/libraries"
}

copy_source() { # copy_source FOLDER PATH...
    local folder=$1
    shift
    rm -rf "$folder" && mkdir -p "$folder"
    tar --exclude=__pycache__ --exclude='.*' -c "$@" | tar -x -C "$folder"
    chmod -R u=rwX,go=rX "$folder"
}

content_of() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }

product() {
    local base
    base=$(libraries)
    copy_source "$work/product" pyproject.toml access_broker policies deploy/bin deploy/keys.py deploy/setup_records.py deploy/query.py
    chmod 755 "$work"/product/deploy/bin/*
    build amanat "$( (id_of "$base" && content_of "$work/product" && cat deploy/images/product.Dockerfile) | hash_of)" \
        product.Dockerfile "$work/product" "LIBRARIES=$base"
}

policy() {
    local base
    base=$(scripts/base-image.sh)
    scripts/opa.sh || die "without OPA there is no policy service."
    copy_source "$work/policy" policies
    find "$work/policy" -type f \( ! \( -name '*.rego' -o -name data.json \) -o -name '*_test.rego' \) -delete
    rm -rf "$work/policy/policies/testing"
    install -D -m 755 -t "$work/policy/bin" "$(command -v opa)" deploy/bin/policy deploy/bin/healthy
    build amanat-policy "$( (id_of "$base" && content_of "$work/policy" && cat deploy/images/policy.Dockerfile) | hash_of)" \
        policy.Dockerfile "$work/policy" "BASE=$base"
}

postgres() {
    local base
    [ -z "${AMANAT_POSTGRES_IMAGE:-}" ] || return 0 # somebody else's is used
    base=$(scripts/base-image.sh base-postgres postgresql-15)
    build amanat-postgres "$( (id_of "$base" && cat deploy/images/postgres.Dockerfile) | hash_of)" \
        postgres.Dockerfile deploy/images "BASE=$base"
}

mkdir -p "$work"
product
policy
postgres
