"""Where the policies are, and which of their files decide. Tests and the facts they start from never do."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


def policy_dir() -> Path:
    """`policies/` of the checkout this code runs from. Raises FileNotFoundError when it is not beside the code."""
    directory = _ROOT / "policies"
    if not (directory / "access" / "access.rego").is_file():
        raise FileNotFoundError(f"no policies in {directory}: the broker runs from a checkout of its repository")
    return directory


def tools_dir() -> Path:
    """`.tools/bin` of the checkout, where set-up puts what it builds."""
    return _ROOT / ".tools" / "bin"


def policy_files(directory: Path) -> list[Path]:
    """The deciding files, in one order everywhere. Raises FileNotFoundError when there are none."""
    found = [path for path in directory.rglob("*.rego") if _decides(path.relative_to(directory))]
    if not found:
        raise FileNotFoundError(f"no policy in {directory}")
    return sorted(found)


def data_files(directory: Path) -> dict[str, Path]:
    """The data that policies go by: `data.json` of a package's folder, by the package's name."""
    found = {".".join(path.parent.relative_to(directory).parts): path for path in directory.rglob("data.json")}
    return {package: found[package] for package in sorted(found) if package.split(".")[0] not in ("testing", "schemas")}


def _decides(path: Path) -> bool:
    return not path.stem.endswith("_test") and path.parts[0] != "testing"
