"""Process 1 of a sandbox: the notebook server, started so that the notebooks' own code cannot touch it.

Kernels run as the same user. Three things keep them from the server: it is not dumpable, so its memory, environment and
open files under /proc are closed to them; it is process 1 without a handler for any signal, so theirs do not reach it;
and its hub token leaves the environment before a first kernel could inherit it.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_DUMPABLE = 4
if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:  # before anything else: the token is already in here
    sys.exit("sandbox: this process could not be closed to others (prctl), so it does not start.")

import shutil  # noqa: E402
import signal  # noqa: E402
import types  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

HOME = Path("/home/sandbox")
FIRST_HOME = Path("/opt/sandbox/home")
SECRETS = ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN")
ENVIRONMENT = {
    "HOME": str(HOME),
    "JUPYTER_CONFIG_DIR": "/etc/jupyter",
    # Whatever lies in its labextensions is served to strangers, so it must be a place that no kernel can write to.
    "JUPYTER_DATA_DIR": "/opt/sandbox/data",
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter/runtime",  # noqa: S108
    "JUPYTERLAB_SETTINGS_DIR": str(HOME / ".jupyter/settings"),
    "JUPYTERLAB_WORKSPACES_DIR": str(HOME / ".jupyter/workspaces"),
    "JUPYTERHUB_SINGLEUSER_EXTENSION": "1",
    "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
}

# A single-user server imports the hub's own database and pages, a grammar of international addresses and an HTTP
# client, and uses none of them: that is most of its start. Versions are pinned, and a test signs in and is turned away.
_ABSENT = ("rfc3987_syntax",)
_HOLLOW = (
    "requests",
    "sqlalchemy",
    "sqlalchemy.exc",
    "jupyterhub.orm",
    "jupyterhub.roles",
    "jupyterhub.handlers",
    "jupyterhub.handlers.pages",
)
_ORPHANS_EVERY = 5_000  # milliseconds


class _Hollow(types.ModuleType):
    """A module in which every name is an empty class: naming one is harmless, using one fails."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []  # it may have modules of its own, as hollow as itself

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


def main() -> None:
    os.environ.update(ENVIRONMENT)
    _furnish_home()
    _leave_out()
    from jupyterhub.singleuser.extension import JupyterHubSingleUser

    server = JupyterHubSingleUser.initialize_server(argv=[])
    _keep_token_inside(server)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _reap_orphans()
    server.start()


def _furnish_home() -> None:
    """A home without its README is a new one. What a person has changed since stays as it is."""
    if (HOME / "README.md").exists():
        return
    for source in FIRST_HOME.iterdir():
        if not (HOME / source.name).exists():
            shutil.copyfile(source, HOME / source.name)


def _leave_out() -> None:
    sys.modules.update(dict.fromkeys(_ABSENT))  # type: ignore[arg-type]  # None: the import fails at once
    sys.modules.update({name: _Hollow(name) for name in _HOLLOW})


def _keep_token_inside(server: Any) -> None:
    """Both parts that speak to the hub read the token now; no child and no file gets to see it afterwards."""
    for part in (server.identity_provider, server.starter_app):
        if not part.hub_auth.api_token:
            sys.exit("sandbox: no access token was handed over (JUPYTERHUB_API_TOKEN), so the server does not start.")
    for name in SECRETS:
        os.environ.pop(name, None)
    server.write_server_info_file = lambda: None  # both files would hold the token, readable for every kernel
    server.write_browser_open_files = lambda: None


def _reap_orphans() -> None:
    """Process 1 inherits what kernels leave behind; unreaped, it counts against the limit of processes for ever.

    A zombie seen twice is nobody's: the server polls its own kernels far more often.
    """
    from tornado.ioloop import PeriodicCallback

    seen = 0

    def reap() -> None:
        nonlocal seen
        while (pid := _first_zombie()) and pid == seen:
            os.waitpid(pid, 0)
        seen = pid

    PeriodicCallback(reap, _ORPHANS_EVERY).start()


def _first_zombie() -> int:
    """Its process id; 0 when there is none. It stays a zombie."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return 0
    return found.si_pid if found else 0


if __name__ == "__main__":
    main()
