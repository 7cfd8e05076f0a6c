"""The compose file brought up under a project name of its own, from images of this tree, and taken down to nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.support.docker import docker_client, require_docker
from tests.support.system import ROOT

FLAVOURS = ("v1", "v2")
LASTING = ("broker", "db", "gateway", "policy", "publisher")
_UP_SECONDS = 300


def compose_command(flavour: str) -> list[str] | None:
    """Debian's 1.29, or a v2: AMANAT_COMPOSE_V2 names its program, else the plug-in of `docker` is asked."""
    if flavour == "v1":
        return ["docker-compose"] if _says(["docker-compose", "version"], "version 1.") else None
    named = os.environ.get("AMANAT_COMPOSE_V2")
    candidates = [[named]] if named else [["docker", "compose"], ["docker-compose"]]
    return next((c for c in candidates if _says([*c, "version"], "Docker Compose version")), None)


def _says(command: list[str], word: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.returncode == 0 and word in done.stdout


def flavours_here() -> list[str]:
    """Those that can be tried here; one that cannot when there is none, so that its test says so."""
    return [flavour for flavour in FLAVOURS if compose_command(flavour)] or ["v1"]


def require_compose(flavour: str) -> list[str]:
    """The command; skips the test without one, or fails it with AMANAT_DEMAND_DOCKER=1."""
    require_docker()
    command = compose_command(flavour)
    if command is None:
        reason = "there is no Compose; scripts/compose.sh sees to one"
        if os.environ.get("AMANAT_DEMAND_DOCKER") == "1":
            pytest.fail(f"AMANAT_DEMAND_DOCKER=1, but {reason}", pytrace=False)
        pytest.skip(f"not run: {reason}")
    return command


@cache
def product_images() -> dict[str, str]:
    """Environment that names the images of this very tree; builds what is not there yet."""
    done = subprocess.run(
        [ROOT / "scripts/product-image.sh"], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    names = {line.split(":")[0]: line for line in done.stdout.split()}
    variables = {
        "AMANAT_IMAGE": "amanat",
        "AMANAT_POLICY_IMAGE": "amanat-policy",
        "AMANAT_POSTGRES_IMAGE": "amanat-postgres",  # not built when the environment names another
    }
    return {variable: names[name] for variable, name in variables.items() if name in names}


@dataclass
class Project:
    """`sources`: what publisher and `load` see as /sources."""

    name: str
    command: list[str]
    sources: Path
    said_at_load: str = ""
    _ids: dict[str, str] = field(default_factory=dict)

    def compose(self, *arguments: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        known = {"COMPOSE_PROJECT_NAME": self.name, "AMANAT_SOURCES": str(self.sources)}
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=ROOT,
            env=os.environ | product_images() | known,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def up(self) -> None:
        """Returns when every lasting service is healthy (1.29 cannot wait for that by itself)."""
        self.compose("up", "-d")
        deadline = time.monotonic() + _UP_SECONDS
        while waiting := [s for s in LASTING if self.health(s) != "healthy"]:
            assert time.monotonic() < deadline, f"{waiting}: {self.compose('logs', '--no-color', *waiting).stdout}"
            time.sleep(0.3)

    def down(self) -> None:
        self.compose("--profile", "tools", "down", "--volumes", "--remove-orphans", "--timeout", "10")

    def inside(
        self, service: str, *command: str, user: str = "0", stdin: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """A command in a service's container, by the engine itself: Compose takes a second longer each time."""
        done = subprocess.run(
            ["docker", "exec", "--interactive", "--user", user, self._container_id(service), *command],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert not check or done.returncode == 0, f"{service} {command}: {done.stdout}\n{done.stderr}"
        return done

    def amanat(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.inside("broker", "amanat", *arguments, "--state", "/state", check=check)

    def token(self, person: str, contract: str) -> str:
        return self.amanat("token", person, "--contract", contract).stdout.strip()

    def python(self, service: str, code: str, *arguments: str) -> str:
        return self.inside(service, "python3", "-c", code, *arguments).stdout.strip()

    def load(self, name: str) -> subprocess.CompletedProcess[str]:
        return self.compose("run", "--rm", "--no-deps", "-T", "load", f"/sources/{name}")

    def rows(self, sql: str, token: str) -> list[dict[str, Any]]:
        done = self._query(sql, token)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def refusal(self, sql: str, token: str) -> str:
        """The code a statement is refused with."""
        done = self._query(sql, token)
        found = re.search(r"\[AMANAT:([A-Z0-9_]+)\]", done.stderr)
        assert found, f"no refusal: {done.stdout} {done.stderr}"
        return found.group(1)

    def _query(self, sql: str, token: str) -> subprocess.CompletedProcess[str]:
        """What the service `query` does, as nobody in particular at the gateway's loopback."""
        command = ["python3", "/opt/amanat/deploy/query.py", sql]
        return self.inside("gateway", *command, user="65534", stdin=f"{token}\n", check=False)

    def _container_id(self, service: str) -> str:
        if service not in self._ids:
            with docker_client() as client:
                self._ids[service] = str(self.container(client, service).id)
        return self._ids[service]

    def container(self, client: docker.DockerClient, service: str) -> Any:
        labels = [f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}"]
        found = client.containers.list(filters={"label": labels})
        assert len(found) == 1, (service, found)
        return found[0]

    def addresses(self, service: str) -> list[str]:
        """Where it is in each of its networks."""
        with docker_client() as client:
            networks = self.container(client, service).attrs["NetworkSettings"]["Networks"]
        return [str(network["IPAddress"]) for network in networks.values()]

    def health(self, service: str) -> str:
        with docker_client() as client:
            return str(self.container(client, service).health)

    def leftovers(self) -> list[str]:
        """Everything the engine still has of this project."""
        label = {"label": f"com.docker.compose.project={self.name}"}
        with docker_client() as client:
            kept = client.containers.list(all=True, filters=label)
            kept += client.networks.list(filters=label) + client.volumes.list(filters=label)
            return [str(thing.name) for thing in kept]
