"""A visit of ITO to a workspace: the home of one person under one contract as a file, nothing in it touched (C-3).

That there is a visit is on record, with its reason, before this is called; the executor sees it on the contract.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from hub.archive import archive_home
from hub.homes import HomeFailed, Homes


class VisitFailed(Exception):  # noqa: N818 - shown to the visitor as it stands
    """The home could not be copied; the text says why."""


def copy_home(homes: Homes, person: str, contract: str, to: Path) -> int:
    """Write the home into the new tar file `to`, readable by its owner alone; returns its size in bytes.

    Whole or not at all. A file that is there already is left alone. Raises VisitFailed.
    """
    unfinished = to.with_name(f".{to.name}.partial")
    try:
        if to.exists():
            raise VisitFailed(f"{to} is there already.")
        with suppress(FileNotFoundError):
            unfinished.unlink()
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            archive_home(homes, person, contract, file)
            file.flush()
            os.fsync(file.fileno())
        size = unfinished.stat().st_size
        os.link(unfinished, to)  # refuses a name that somebody took meanwhile
    except (OSError, HomeFailed, subprocess.SubprocessError) as error:
        raise VisitFailed(str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return size
