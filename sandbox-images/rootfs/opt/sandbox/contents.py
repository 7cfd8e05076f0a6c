"""What the server hands to a browser out of the home. Code in a notebook reads all of it; a screen gets little.

This is a rule of convenience, kept by a process of the executor's own user. The wall is the guard outside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

LARGEST_NOTEBOOK = 5_000_000  # bytes
LARGEST_TEXT = 64_000  # bytes
TEXTS = frozenset({".py", ".md", ".txt", ".sql"})


class SandboxContents(AsyncLargeFileManager):
    """Notebooks and short texts open; anything else is for code."""

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> Any:
        """As the base class; HTTPError 403 for what is not shown."""
        file = Path(self._get_os_path(path))
        if content and type != "directory" and not file.is_dir():
            self._check(file, format)
            format = format or (None if file.suffix == ".ipynb" else "text")  # else unreadable text comes as base64
        return await super().get(path, content, type, format, require_hash)

    @staticmethod
    def _check(file: Path, format: str | None) -> None:
        size = file.stat().st_size if file.exists() else 0
        notebook = file.suffix == ".ipynb"
        if format == "base64" or not (notebook or file.suffix in TEXTS):
            raise HTTPError(403, reason="This kind of file is not shown here. Open it with code in a notebook.")
        if size > (LARGEST_NOTEBOOK if notebook else LARGEST_TEXT):
            raise HTTPError(403, reason="This file is too large to be shown. Clear outputs, or read it with code.")
