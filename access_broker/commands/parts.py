"""The parts of a running system: their ports, their command lines, and the secrets each of them is given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from access_broker.adapters.state_dir import StateDir
from access_broker.commands.output import stop
from access_broker.supervisor import Part, answers, exists, responds
from hub.settings import Ports, Sandboxes

ROOT = Path(__file__).parents[2]
DEFAULT_PORT_BASE = 24700
COUNT = 8
"""How many neighbouring ports a system takes."""


def data_stages(folder: StateDir, ports: Ports, policy: str, sandboxes: Sandboxes | None) -> list[list[Part]]:
    """Policy server, then broker, publisher and gateway: all that a query needs."""
    common = ["--state", str(folder.root)] + (["--opa-port", str(ports.opa)] if policy == "opa" else [])
    pool = ["--pool", str(sandboxes.pool)] if sandboxes else []
    inner = ["--inner", sandboxes.inner] if sandboxes else []
    marks = folder.folder("run")
    broker = _part("broker", [*common, "--port", str(ports.api), "--hub-port", str(ports.hub), *pool])
    data = [
        Part("broker", broker, answers(f"http://127.0.0.1:{ports.api}/api/v1/health")),
        _marked("publisher", common, marks),
        _marked("gateway", [*common, "--port", str(ports.gateway), *inner], marks),
    ]
    return [[_policy_part(ports.opa)], data] if policy == "opa" else [data]


def web_stages(folder: StateDir, ports: Ports, proxy: list[str], sandboxes: Sandboxes | None) -> list[list[Part]]:
    """Proxy, then hub, guard and (with sandboxes) warden. Each is told its own secrets only."""
    known, base = web_environment(folder, ports, sandboxes), "http://127.0.0.1"
    proxied = Part("proxy", proxy, responds(f"{base}:{ports.proxy_api}/api/routes"), _secrets(folder, "proxy"))
    hub = Part(
        "hub",
        [*_module("hub"), "-f", str(ROOT / "jupyterhub_config.py")],
        answers(f"{base}:{ports.hub}/hub/health"),
        known | _secrets(folder, "hub", "proxy", "warden", "console"),
        folder.folder("hub"),
    )
    guard = Part("guard", _module("hub.guard"), responds(_guard_url(ports)), known | _secrets(folder, "guard"))
    if not sandboxes:
        return [[proxied], [hub, guard]]
    mark = folder.folder("run") / "warden.ready"
    told = known | _secrets(folder, "hub", "proxy", "warden") | {"AMANAT_READY": str(mark)}
    return [[proxied], [hub, guard, Part("warden", _module("hub.warden"), exists(mark), told)]]


def public_url(ports: Ports) -> str:
    """Where browsers find the guard. AMANAT_PUBLIC_URL says it where something else stands in front of it."""
    return os.environ.get("AMANAT_PUBLIC_URL") or _guard_url(ports)


def _guard_url(ports: Ports) -> str:
    scheme = "https" if os.environ.get("AMANAT_TLS_CERT") else "http"
    return f"{scheme}://{os.environ.get('AMANAT_PUBLIC_ADDRESS') or '127.0.0.1'}:{ports.guard}"


def _secrets(folder: StateDir, *names: str) -> dict[str, str]:
    """The variables in which a part finds these secrets."""
    variables = {name: f"AMANAT_{name.upper()}_SECRET" for name in names} | {"proxy": "CONFIGPROXY_AUTH_TOKEN"}
    return {variables[name]: folder.secret(name) for name in names}


def web_environment(folder: StateDir, ports: Ports, sandboxes: Sandboxes | None) -> dict[str, str]:
    """What every part of the web half may know. No secret is among it."""
    known = {
        "AMANAT_BROKER": f"http://127.0.0.1:{ports.api}/api/v1",
        "AMANAT_STATE": str(folder.root),
        "AMANAT_PORT_BASE": str(ports.base),
        "AMANAT_PUBLIC_URL": public_url(ports),
        "AMANAT_SANDBOXES": "on" if sandboxes else "off",
    }
    if sandboxes:
        known |= {
            "AMANAT_TAG": sandboxes.tag,
            "AMANAT_POOL": str(sandboxes.pool),
            "AMANAT_SANDBOX_IMAGE": sandboxes.image,
        }
    return known


def _policy_part(port: int) -> Part:
    from access_broker.adapters.policy import OpaError, opa_command

    try:
        command = opa_command(port)
    except OpaError as error:
        stop(str(error))
    return Part("policy", command, answers(f"http://127.0.0.1:{port}/health"))


def _part(name: str, arguments: list[str]) -> list[str]:
    return [*_module("access_broker.main"), name, *arguments]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _marked(name: str, arguments: list[str], marks: Path) -> Part:
    mark = marks / f"{name}.ready"
    return Part(name, _part(name, [*arguments, "--ready", str(mark)]), exists(mark))
