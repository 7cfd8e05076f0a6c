#!/usr/bin/env bash
# Makes .venv: everything in requirements-dev.lock, checked against its hashes, then this project on top of it.
# Can be run again at any time; `.venv/.installed` is written last, so a setup that was interrupted is not taken for done.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }
die() {
    say "$*"
    exit 1
}

# The first Python that is new enough. One inside .venv does not count: it may be about to be replaced.
find_python() {
    local candidate path
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        path=$(command -v "${candidate:-nothing}") || continue
        [[ "$path" == *"/.venv/"* ]] && continue
        "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$path" && return
    done
    return 1
}

# Debian and Ubuntu ship Python without the parts that make a virtual environment.
require_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    scripts/apt.sh "$package" || die "Python cannot make virtual environments here: run 'sudo apt-get install $package', then try again."
}

make_venv() {
    .venv/bin/python -c 'import pip' 2>/dev/null && return
    local python
    python=$(find_python) || { scripts/apt.sh python3 python3-venv && python=$(find_python); } ||
        die "Python 3.11 or newer is needed: install it (on Debian 12 or later: 'sudo apt-get install python3 python3-venv'), or name it with PYTHON=/path/to/python3."
    require_venv "$python"
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

install_packages() {
    say "installing $(grep -c '^[a-zA-Z0-9]' requirements-dev.lock) packages into .venv (a minute or two)"
    local pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
    # Wheels only: building a source package would fetch build tools that no hash here vouches for.
    "${pip[@]}" install --require-hashes --only-binary :all: -r requirements-dev.lock ||
        die "a package could not be fetched or did not match its hash (see above); nothing was left half-done, run the same command again."
    "${pip[@]}" install --no-deps --no-build-isolation --editable .
}

make_venv
install_packages
scripts/node.sh || say "going on without the web half: no hub and no console until that is mended."
touch .venv/.installed
say "done"
