"""up and doctor."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from access_broker.adapters.state_dir import StateDir
from access_broker.commands.output import note, out, stop
from access_broker.supervisor import Part, StartFailed, Supervisor, answers, exists

DEFAULT_PORT_BASE = 24700


def up(state: Path, port_base: int, sandboxes: bool, policy: str, ready_file: Path | None) -> None:
    """Run the system in the foreground until SIGTERM or Ctrl-C."""
    from access_broker.migrations import migrate

    folder = StateDir.at(state)
    lock = folder.lock()
    if lock is None:
        stop(f"another system runs on {folder.root}; stop it first, or use another --state")
    if sandboxes:
        note("sandboxes are not part of this release: spawns are refused, everything else runs (--no-sandboxes)")
    _check_ports(port_base, 3 if policy == "opa" else 2)
    folder.operator_secret(), folder.publisher_key()
    migrate(folder.records_url)
    try:
        parts, addresses = _parts(folder, port_base, policy)
        Supervisor(folder, parts, addresses, ready_file).run()
    except StartFailed as failed:
        stop(str(failed))


def _parts(folder: StateDir, base: int, policy: str) -> tuple[list[Part], dict[str, str | None]]:
    flight, api, opa = base, base + 1, base + 2
    common = ["--state", str(folder.root)] + (["--opa-port", str(opa)] if policy == "opa" else [])
    marks = folder.folder("run")
    addresses: dict[str, str | None] = {
        "flight_sql": f"grpc://127.0.0.1:{flight}",
        "api": f"http://127.0.0.1:{api}/api/v1",
        "console": None,
        "hub": None,
        "policy": policy,
    }
    parts = [
        Part(
            "broker", _part("broker", [*common, "--port", str(api)]), answers(f"http://127.0.0.1:{api}/api/v1/health")
        ),
        _marked("publisher", common, marks),
        _marked("gateway", [*common, "--port", str(flight)], marks),
    ]
    if policy == "opa":
        from access_broker.adapters.policy import OpaError, opa_command

        try:
            command = opa_command(opa)
        except OpaError as error:
            stop(str(error))
        parts.insert(0, Part("policy", command, answers(f"http://127.0.0.1:{opa}/health")))
    return parts, addresses


def _part(name: str, arguments: list[str]) -> list[str]:
    return [sys.executable, "-m", "access_broker.main", name, *arguments]


def _marked(name: str, arguments: list[str], marks: Path) -> Part:
    mark = marks / f"{name}.ready"
    return Part(name, _part(name, [*arguments, "--ready", str(mark)]), exists(mark))


def _check_ports(base: int, count: int) -> None:
    if not 1 <= base <= 65_535 - count:
        stop(f"--port-base {base} is no port", 2)
    for port in range(base, base + count):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                stop(f"port {port} is taken; stop what uses it, or choose another --port-base (now {base})")


def doctor() -> None:
    """What is missing on this machine, with the remedy for each; ends with 1 when something essential is."""
    from access_broker.commands.machine import findings

    missing = False
    for finding in findings():
        out(f"{'ok     ' if finding.ok else 'missing' if finding.essential else 'absent '} {finding.what}")
        if not finding.ok:
            out(f"        {finding.remedy}")
            missing |= finding.essential
    if missing:
        raise SystemExit(1)
