#!/usr/bin/env bash
# Sees to it that a Docker engine answers and that the programs are there with which sandboxes get their network, their
# firewall and their homes. Instant when all is there. As root on Debian or Ubuntu what is missing is installed and the
# engine started; anywhere else exit 1 with the remedy.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin:/sbin"

say() { echo "setup: $*" >&2; }
die() {
    say "$*"
    exit 1
}

answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

missing_packages() { # one a line; what each is for: the engine, its firewall, networks, homes as files, mounting them
    command -v iptables >/dev/null && command -v iptables-save >/dev/null || echo iptables
    command -v ip >/dev/null || echo iproute2
    command -v mkfs.ext4 >/dev/null || echo e2fsprogs
    command -v losetup >/dev/null && command -v mount >/dev/null || echo "util-linux mount"
    { [ -n "${DOCKER_HOST:-}" ] || answers; } && return
    if ! command -v dockerd >/dev/null; then
        echo docker.io
    elif ! command -v docker >/dev/null; then
        echo docker-cli # a package of its own from Debian 13 on
    fi
}

start_engine() {
    local engine=
    say "starting the Docker engine"
    if [ -d /run/systemd/system ]; then
        systemctl start docker >&2 || return 1
    else
        mkdir -p .state
        detached dockerd >>.state/dockerd.log 2>&1 &
        engine=$!
    fi
    for _ in $(seq 60); do
        answers && return
        [ -z "$engine" ] || kill -0 "$engine" 2>/dev/null || return 1
        sleep 0.5
    done
    return 1
}

detached() { # no service manager here: it outlives this script, and holds no file or lock that somebody above has open
    local fd
    for fd in /proc/self/fd/*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    exec setsid "$@" </dev/null
}

why_not() { # the engine's own last words, when it was ours
    [ -s .state/dockerd.log ] && tail -n 5 .state/dockerd.log >&2 || true
}

for _ in 1 2; do # what one package leaves out is seen only when it is there
    needed=$(missing_packages | tr '\n' ' ')
    [ -n "$needed" ] || break
    # shellcheck disable=SC2086  # several names
    scripts/apt.sh $needed || die "sandboxes need these packages and they are not installed: run 'sudo apt-get install ${needed% }', then try again."
done

answers && exit 0
[ -n "${DOCKER_HOST:-}" ] && die "the Docker engine at DOCKER_HOST does not answer: start it, or unset DOCKER_HOST to use this machine's own."
if [ "$(id -u)" -ne 0 ]; then
    [ -S /run/docker.sock ] && die "a Docker engine is there but not for this user: run as root, or run 'sudo usermod -aG docker $USER' and sign in again."
    die "no Docker engine answers: run 'sudo systemctl start docker', or run this as root, then try again."
fi
pgrep -x dockerd >/dev/null && sleep 5 && answers && exit 0 # it may just be starting
start_engine && exit 0
why_not
die "the Docker engine did not start: look at 'journalctl -u docker' or .state/dockerd.log, then try again, or go on with --no-sandboxes."
