"""One real container of the sandbox image, behind the walls the spawner gives it, and a kernel in it to run code."""

from __future__ import annotations

import asyncio
import json
import os
import textwrap
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from docker import DockerClient
from docker.errors import NotFound
from docker.types import IPAMConfig, IPAMPool

from hub.broker import Admitted
from hub.container import Limits, host_config
from tests.sandbox_images.fake_hub import CONTRACT, PERSON, PREFIX, SERVER_TOKEN, TOKEN, fake_hub

ROOT = Path(__file__).parents[2]
SECCOMP = (ROOT / "sandbox-images/seccomp.json").read_text()
_SUBNET, GATEWAY, _ADDRESS = "198.19.254.240/29", "198.19.254.241", "198.19.254.242"  # far from any system's own pool
_PORT = 8888


@dataclass
class Box:
    """A running sandbox. `start_cpu`: seconds of processor its server used up to its first answer."""

    client: DockerClient
    container: Any
    home: Path
    start_cpu: float = 0
    _kernels: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{_ADDRESS}:{_PORT}{PREFIX}"

    def get(self, path: str, token: str = TOKEN) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers={"Authorization": f"token {token}"}, timeout=20)

    def post(self, path: str, body: object) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=body, headers={"Authorization": f"token {TOKEN}"}, timeout=20)

    def run(self, code: str, kernel: str = "main") -> str:
        """Runs code in a kernel and returns what it printed, refusals and tracebacks included."""
        code = textwrap.dedent(code).strip()
        if kernel not in self._kernels:
            self._kernels[kernel] = self.post("api/kernels", {"name": "python3"}).json()["id"]
        return asyncio.run(asyncio.wait_for(self._run(self._kernels[kernel], code), 60))

    async def _run(self, kernel: str, code: str) -> str:
        url = f"{self.url}api/kernels/{kernel}/channels"
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"token {TOKEN}"}) as session,
            session.ws_connect(url, max_msg_size=0) as socket,
        ):
            request = _request(code)
            await socket.send_str(json.dumps(request))
            printed = ""
            async for frame in socket:
                message = json.loads(frame.data)
                if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
                    continue
                content, kind = message["content"], message["msg_type"]
                if kind == "status" and content["execution_state"] == "idle":
                    return printed
                printed += _text(kind, content)
            raise AssertionError(f"the kernel went away after: {printed}")

    def sh(self, command: str, user: str = "1000") -> str:
        """Runs it beside the server."""
        return str(self.container.exec_run(["sh", "-c", command], user=user).output.decode())

    def wait(self) -> None:
        began = time.monotonic()
        while time.monotonic() < began + 60:
            with suppress(httpx.TransportError):
                if self.get("api").status_code == 200:
                    times = self.sh("cat /proc/1/stat").rsplit(")", 1)[1].split()[11:13]
                    self.start_cpu = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server did not answer: {self.container.logs().decode()}")


@contextmanager
def running_box(
    client: DockerClient, image: str, home: Path, environment: dict[str, str] | None = None
) -> Iterator[Box]:
    home.mkdir(exist_ok=True)
    home.chmod(0o777)
    name = f"amanat-image-test-{uuid.uuid4().hex[:8]}"
    admitted = Admitted(
        sandbox="0" * 12,
        slot=1,
        subnet=_SUBNET,
        gateway=GATEWAY,
        address=_ADDRESS,
        token="token-of-the-sandbox",
        expires_at="2999-01-01T00:00:00Z",
        generation=1,
        language="en",
    )
    pool = IPAMPool(subnet=_SUBNET, gateway=GATEWAY)
    network = client.networks.create(name, driver="bridge", internal=True, ipam=IPAMConfig(pool_configs=[pool]))
    try:
        with fake_hub(GATEWAY) as port:
            settings = _hub_environment(port) | (environment or {})
            box = Box(client, _create(client, image, name, admitted, home, settings), home)
            try:
                box.container.start()
                box.wait()
                yield box
            finally:
                with suppress(NotFound):
                    box.container.remove(force=True)
    finally:
        network.remove()


def _create(client: DockerClient, image: str, name: str, admitted: Admitted, home: Path, env: dict[str, str]) -> Any:
    host = host_config(admitted, name, home, SECCOMP, Limits(), False) | {"auto_remove": False}  # its log outlives it
    api = client.api
    created = api.create_container(
        image,
        name=name,
        user="1000:1000",
        hostname="sandbox",
        environment=env,
        host_config=api.create_host_config(**host),
        networking_config=api.create_networking_config({name: api.create_endpoint_config(ipv4_address=_ADDRESS)}),
    )
    return client.containers.get(created["Id"])


def _hub_environment(port: int) -> dict[str, str]:
    hub = f"http://hub:{port}/hub"
    return {
        "JUPYTERHUB_API_TOKEN": SERVER_TOKEN,
        "JPY_API_TOKEN": SERVER_TOKEN,
        "JUPYTERHUB_API_URL": f"{hub}/api",
        "JUPYTERHUB_ACTIVITY_URL": f"{hub}/api/users/{PERSON}/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": f"jupyterhub-user-{PERSON}-{CONTRACT}",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps([f"access:servers!server={PERSON}/{CONTRACT}"]),
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps([f"access:servers!server={PERSON}/{CONTRACT}"]),
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:{_PORT}{PREFIX}",
        "JUPYTERHUB_USER": PERSON,
        "JUPYTERHUB_SERVER_NAME": CONTRACT,
        "AMANAT_CONTRACT": CONTRACT,
        "AMANAT_LANGUAGE": "en",
    }


def _request(code: str) -> dict[str, Any]:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": "s",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
    return {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }


def _text(kind: str, content: dict[str, Any]) -> str:
    if kind == "stream":
        return str(content["text"])
    if kind == "error":
        return "\n".join(content["traceback"]) + "\n"
    if kind in ("execute_result", "display_data"):
        return str(content["data"].get("text/plain", "")) + "\n"
    return ""
