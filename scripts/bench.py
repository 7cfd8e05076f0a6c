"""Runs every `bench/bench_*.py`. Each prints one JSON object of figures; they are kept in bench/results/ and shown."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


def measure(script: Path) -> dict[str, Any]:
    """The figures of one benchmark, as it printed them; its progress goes to the screen by stderr."""
    done = subprocess.run([sys.executable, str(script)], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{script.stem}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return figures


def main() -> int:
    scripts = sorted((ROOT / "bench").glob("bench_*.py"))
    if not scripts:
        print("bench: there is no benchmark in bench/ yet", file=sys.stderr)
        return 0
    table = Table("benchmark", "figure", "value")
    failed = False
    for script in scripts:
        try:
            for figure, value in measure(script).items():
                table.add_row(script.stem.removeprefix("bench_"), figure, str(value))
        except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
            failed = True
            table.add_row(script.stem.removeprefix("bench_"), "failed", str(error))
    Console().print(table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
