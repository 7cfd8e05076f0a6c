"""The long run of the differential test: `--questions N` (2,500 unless told), with a new seed each time."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.differential.compare import Compared  # noqa: E402 - the root must be importable first
from tests.differential.queries import Question, questions  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=2_500)
    told = parser.parse_args()
    asked: set[str] = set()
    wrong: list[str] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        compared = Compared(Path(folder))

        @settings(max_examples=told.questions, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(question=questions())
        def ask(question: Question) -> None:
            asked.add(question.asked)
            if found := compared.difference(question):
                wrong.append(found)
                print(f"{question.asked}\n{question.perfect}\n→ {found}", file=sys.stderr)

        ask()
        compared.close()
    figures = {"questions": len(asked), "wrong": len(wrong), **{f"cells_{k}": n for k, n in compared.told.items()}}
    figures["answers_refused"] = figures.pop("cells_refused", 0)
    print(json.dumps(figures | {"seconds": round(time.monotonic() - started)}))


if __name__ == "__main__":
    main()
