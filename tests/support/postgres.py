"""A PostgreSQL of the tests' own: started once, on a socket in a temporary directory, stopped at the end."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

MISSING = "PostgreSQL is not installed: the records are tested on it too. On Debian: apt install postgresql"
_OWNER = "amanat"
_LIBC = ctypes.CDLL(None)


@dataclass
class PostgresServer:
    """`directory` holds data, socket and log; no port is opened."""

    directory: Path
    program: Path
    process: subprocess.Popen[bytes] | None = None
    _made: int = field(default=0)

    def url(self, database: str, user: str = _OWNER) -> str:
        return f"postgresql://{user}@/{database}?host={self.directory}"

    def create_database(self, template: str = "template0") -> str:
        """The URL of a fresh database, a copy of `template`."""
        self._made += 1
        name = f"test{self._made}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(create)
        return self.url(name)

    def start(self) -> None:
        settings = (
            "fsync=off",
            "full_page_writes=off",
            "listen_addresses=",
            f"unix_socket_directories={self.directory}",
        )
        options = [part for setting in settings for part in ("-c", setting)]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program / "postgres", "-D", self.directory / "data", *options],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                **_unprivileged(),
            )
        self._wait()

    def stop(self) -> None:
        """At once: everybody is disconnected, nothing is written that is thrown away anyway."""
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or not self.process or self.process.poll() is not None:
                    log = (self.directory / "log").read_text()
                    raise RuntimeError(f"PostgreSQL did not start: {log}") from error
                time.sleep(0.05)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    program = _program()
    directory = Path(tempfile.mkdtemp(prefix="amanat-pg-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_user())
        os.chown(directory, owner.pw_uid, owner.pw_gid)
    server = PostgresServer(directory, program)
    try:
        initdb = [program / "initdb", "-D", directory / "data", "-U", _OWNER, "-A", "trust", "-E", "UTF8"]
        made = subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--no-sync"], capture_output=True, check=False, **_unprivileged()
        )
        assert made.returncode == 0, made.stderr.decode()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


def _program() -> Path:
    """The newest of Debian's, else what is on PATH. A missing server fails the tests; it never skips them."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    found = debian[-1] if debian else Path(on_path) if on_path else None
    if found is None:
        pytest.fail(MISSING)
    return found.resolve().parent


def _user() -> str:
    """PostgreSQL refuses to run as root."""
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


def _unprivileged() -> dict[str, object]:
    """Arguments for subprocess."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    owner = pwd.getpwnam(_user())
    return {"cwd": "/", "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _die_with_parent() -> None:
    """Tests that are killed leave no server behind (Linux: PR_SET_PDEATHSIG)."""
    _LIBC.prctl(1, signal.SIGQUIT)
