"""up and doctor."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

from access_broker.adapters.state_dir import StateDir
from access_broker.commands.finding import Finding
from access_broker.commands.output import note, out, stop
from access_broker.commands.parts import COUNT, data_stages, public_url, web_stages
from access_broker.supervisor import StartFailed, Supervisor
from hub.settings import Ports, Sandboxes


def up(state: Path, port_base: int, web: bool, sandboxes: bool, policy: str, ready_file: Path | None) -> None:
    """Run the system in the foreground until SIGTERM or Ctrl-C. What this machine cannot carry is told and left out."""
    from access_broker.commands.sandboxes import clear, end_on_record
    from access_broker.migrations import migrate

    folder = StateDir.at(state)
    lock = folder.lock()
    if lock is None:
        stop(f"another system runs on {folder.root}; stop it first, or use another --state")
    ports = Ports(port_base)
    _check_ports(port_base)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the supervisor listens: what was set up is taken down
    proxy = _proxy(port_base) if web else None
    carried = None
    try:
        if proxy and sandboxes:
            carried = _carried(folder, ports)
        folder.operator_secret(), folder.publisher_key()
        migrate(folder.records_url)
        end_on_record(folder)  # none runs now: what a crash left was removed above
        stages = data_stages(folder, ports, policy, carried)
        if proxy:
            stages += web_stages(folder, ports, proxy, carried)
        Supervisor(folder, stages, _addresses(ports, policy, bool(proxy)), ready_file).run()
    except StartFailed as failed:
        stop(str(failed))
    finally:
        if carried:
            clear(folder, ports, carried)


def _addresses(ports: Ports, policy: str, web: bool) -> dict[str, str | None]:
    public = public_url(ports)
    return {
        "flight_sql": f"grpc://127.0.0.1:{ports.gateway}",
        "api": f"http://127.0.0.1:{ports.api}/api/v1",
        "console": f"{public}/services/console" if web else None,
        "hub": public if web else None,
        "policy": policy,
    }


def _proxy(port_base: int) -> list[str] | None:
    from access_broker.commands.machine import web_finding
    from hub.proxy import proxy_command

    command = proxy_command(port_base)
    if command is None:
        _tell(web_finding())
    return command


def _tell(missing: Finding) -> None:
    note(f"not here: {missing.what}. {missing.remedy}")


def _carried(folder: StateDir, ports: Ports) -> Sandboxes | None:
    """None, with every missing wall and its remedy told, when spawns have to be refused on this machine."""
    from access_broker.commands.sandboxes import findings, prepare

    missing = [finding for finding in findings() if not finding.ok]
    for finding in missing:
        _tell(finding)
    carried = None if missing else prepare(folder, ports)
    if carried is None:
        note("sandboxes are off: a spawn is refused with SPAWN_NOT_AVAILABLE, everything else runs")
    return carried


def _check_ports(base: int) -> None:
    if not 1 <= base <= 65_535 - COUNT:
        stop(f"--port-base {base} is no port", 2)
    for port in range(base, base + COUNT):
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
