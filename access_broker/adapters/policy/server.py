"""An OPA server as a child process on loopback, with our policies and nothing else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from access_broker.adapters.policy.files import data_files, policy_dir, policy_files, tools_dir

HOST = "127.0.0.1"
_REMEDY = (
    "OPA was not found. Put opa 1.x on PATH, name it in AMANAT_OPA, or build it here: "
    "GOBIN=$PWD/.tools/bin go install github.com/open-policy-agent/opa@v1.22.2"
)


class OpaError(Exception):
    """OPA is missing or did not start; the text says what to do and is for the operator."""


def find_opa(executable: str | Path | None = None) -> Path:
    """The OPA to run: `executable`, else AMANAT_OPA, else PATH, else `.tools/bin`. Raises OpaError with the remedy.

    A place that was named but holds no program is an error, not a reason to look further.
    """
    named = executable or os.environ.get("AMANAT_OPA")
    if named:
        found = shutil.which(named)
        if found is None:
            raise OpaError(f"{named} is no program that can be run. {_REMEDY}")
        return Path(found)
    found = shutil.which("opa") or shutil.which("opa", path=str(tools_dir()))
    if found is None:
        raise OpaError(_REMEDY)
    return Path(found)


def opa_command(port: int, directory: Path | None = None, executable: str | Path | None = None) -> list[str]:
    """What to run for a server on 127.0.0.1:`port` with exactly the policies the embedded evaluator has.

    The policy `system.authz` lets it answer decisions and nothing else; it calls nobody. Raises OpaError.
    """
    policies = directory or policy_dir()
    files = [str(path) for path in policy_files(policies)]
    files += [f"{package}:{path}" for package, path in data_files(policies).items()]
    options = ["--authorization=basic", "--skip-version-check", "--log-level=error", "--shutdown-grace-period=1"]
    return [str(find_opa(executable)), "run", "--server", f"--addr={HOST}:{port}", *options, *files]


class OpaServer:
    """A server of our own; starts when entered, or by `start`."""

    def __init__(
        self, port: int = 0, directory: Path | None = None, executable: str | Path | None = None, patience: float = 15.0
    ) -> None:
        """`port` 0 takes a free one. `patience`: seconds it may take until the server answers."""
        self._asked_port, self._directory, self._executable = port, directory, executable
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self.host, self.port = HOST, port

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Returns when the server answers. Raises OpaError: missing, port taken, policy broken, too slow."""
        port = _free_port(self._asked_port)
        command = opa_command(port, self._directory, self._executable)
        with tempfile.TemporaryFile() as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: decisions must go on until everybody has been stopped
            )
            if not self._wait(port):
                self.stop()
                log.seek(0)
                raise OpaError(f"OPA did not start: {log.read().decode('utf-8', 'replace').strip()[-600:]}")
        self.port = port

    def stop(self) -> None:
        """End the server; more than once does no harm."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> OpaServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self, port: int) -> bool:
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if _is_well(port):
                return True
            time.sleep(0.02)
        return False


def _free_port(port: int) -> int:
    """`port`, or a free one for 0. On a taken one a stranger would be asked for our decisions, so that is an error."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise OpaError(f"port {port} is taken; choose another or stop what listens there") from error
        return int(probe.getsockname()[1])


def _is_well(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
