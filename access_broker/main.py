"""One process of the system: `python -m access_broker.main broker|gateway|publisher --state DIR …`.

Started by `amanat up` (or by a service manager); stops on SIGTERM, and when whoever started it is gone.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import uvicorn

from access_broker import bootstrap
from access_broker.adapters.state_dir import StateDir
from access_broker.gateway.errors import hide_tracebacks
from access_broker.gateway.memory import keep_freed_buffers
from access_broker.use_cases.ports import Unavailable

log = logging.getLogger("amanat")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="amanat-part")
    parser.add_argument("part", choices=("broker", "gateway", "publisher"))
    parser.add_argument("--state", required=True, type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--opa-host", default="127.0.0.1")
    parser.add_argument("--opa-port", type=int)
    parser.add_argument("--pool", help="of the broker: the /20 in which sandboxes stand; none without it")
    parser.add_argument("--hub-port", type=int, help="of the broker: the hub behind which the console stands")
    parser.add_argument("--inner", help="of the gateway: the address at which sandboxes reach it, beside loopback")
    parser.add_argument("--ready", type=Path, help="a file to make once this part serves")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line per question to the hub says nothing
    os.umask(0o077)
    stop = threading.Event()
    state = StateDir.at(options.state)
    if options.part == "broker":
        return _broker(state, options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return (_gateway if options.part == "gateway" else _publisher)(state, options, stop)


def _broker(state: StateDir, options: argparse.Namespace) -> int:
    policy = bootstrap.build_policy(options.opa_port, options.opa_host)
    app = bootstrap.build_broker(state, policy, options.pool, options.hub_port)
    clerks = bootstrap.build_clerks(app)
    for clerk in clerks:
        clerk.start()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=options.port,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # who calls is who is connected: a header about it can be written by anybody
        timeout_graceful_shutdown=3,
    )
    for clerk in clerks:
        clerk.stop()
    return 0


def _gateway(state: StateDir, options: argparse.Namespace, stop: threading.Event) -> int:
    hide_tracebacks()
    keep_freed_buffers()
    policy = bootstrap.build_policy(options.opa_port, options.opa_host)
    gateway = bootstrap.build_gateway(state, policy, options.port, options.inner)
    _mark(options.ready)
    stop.wait()
    gateway.close()
    return 0


def _publisher(state: StateDir, options: argparse.Namespace, stop: threading.Event) -> int:
    (records, runner), counter = bootstrap.build_publisher(state), bootstrap.build_row_counter(state)
    runner.start(records)
    _mark(options.ready)

    def step() -> None:
        try:
            if not runner.step(records, bootstrap.now()):
                counter.step(records, bootstrap.now())
        except Unavailable as error:
            log.warning("publisher waits: %s", error.code)

    bootstrap.publish_until(stop, step)
    return 0


def _mark(path: Path | None) -> None:
    if path is not None:
        path.touch(mode=0o600)


if __name__ == "__main__":
    sys.exit(main())
