"""The places where JupyterHub itself is changed are still where they were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jupyterhub
import pytest
from tornado.web import HTTPError

from hub.fitting import ID, StaticFiles

_FITTED = """
import jupyterhub.app, jupyterhub.handlers.base, jupyterhub.handlers.pages, jupyterhub.user, jupyterhub.utils
from jupyterhub.handlers.base import BaseHandler
import inspect
before = inspect.signature(jupyterhub.utils.exponential_backoff).parameters
assert [before[name].default for name in ("start_wait", "scale_factor", "max_wait")] == [0.2, 2, 5], before
assert isinstance(BaseHandler.template_namespace, property)
for module in (jupyterhub.app, jupyterhub.handlers.base, jupyterhub.handlers.pages, jupyterhub.user):
    assert not module.is_valid_safe_slug("P1"), module
from hub.fitting import fit
fit()
after = inspect.signature(jupyterhub.utils.exponential_backoff).parameters
assert [after[name].default for name in ("start_wait", "scale_factor", "max_wait", "timeout")] == [0.05, 1.2, 0.25, 10]
for module in (jupyterhub.app, jupyterhub.handlers.base, jupyterhub.handlers.pages, jupyterhub.user):
    assert module.is_valid_safe_slug("P1") and not module.is_valid_safe_slug("a/b"), module
print("fitted")
"""


def test_every_change_finds_its_place() -> None:
    """In a process of its own: the changes are to the library itself, and other tests want it as it is."""
    done = subprocess.run([sys.executable, "-c", _FITTED], capture_output=True, text=True, timeout=60)
    assert done.stdout == "fitted\n", done.stderr


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert jupyterhub.__version__ == "6.1.1"


@pytest.mark.parametrize("name", ["P1", "support-1", "a", "0_x", "Sara"])
def test_ids_as_the_broker_has_them_are_names(name: str) -> None:
    assert ID.fullmatch(name)


@pytest.mark.parametrize("name", ["", "-a", "a/b", "a b", "a.b", "..", "é", "٣", "a\n", "x" * 64])
def test_anything_else_is_not(name: str) -> None:
    assert not ID.fullmatch(name)


@pytest.mark.parametrize("path", ["../settings.py", "/etc/passwd", "js/home.js", "", "hub.css/..", "hub.css\0"])
def test_only_the_listed_files_are_served(path: str) -> None:
    with pytest.raises(HTTPError):
        StaticFiles.validate_absolute_path(None, "", StaticFiles.get_absolute_path("", path))


def test_the_listed_files_are_there() -> None:
    for name in ("hub.css", "hub.js", "favicon.svg"):
        assert Path(StaticFiles.get_absolute_path("", name)).is_file()
