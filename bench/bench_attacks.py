"""How far attackers get under every combination of answer mode and differencing: the figures of docs/disclosure.md.

Each attacks a contract of its own. `*_right`: share of targets whose secret was found; `*_guess`: what always saying no
would have found; `*_answered`: share of its questions that were answered. `--questions`: of one reconstruction.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker.domain.contracts import AnswerMode, Differencing, Epsilon  # noqa: E402 - root must be importable
from tests.attacks.attackers import (  # noqa: E402
    Score,
    Town,
    average,
    difference,
    recognise,
    reconstruct,
    search,
    track,
)

TERMS: dict[str, dict[str, Any]] = {
    f"{mode}_{differencing}": {"answer_mode": mode, "differencing": differencing}
    for mode in (AnswerMode.EXACT, AnswerMode.ROUNDED)
    for differencing in Differencing
} | {
    f"dp_{total:g}": {
        "answer_mode": AnswerMode.DP,
        "epsilon": Epsilon(0.1, total),
        "clip": (("town.people.secret", 0.0, 1.0), ("town.people.income", 0.0, 100_000.0)),
    }
    for total in (1.0, 10.0)
}


def attackers(questions: int) -> dict[str, Callable[[Town, str], Score]]:
    return {
        "difference": lambda town, contract: difference(town, contract, 40),
        "two_people": lambda town, contract: difference(town, contract, 40, people=("analyst", "colleague")),
        "tracker": lambda town, contract: track(town, contract, 40),
        "average": lambda town, contract: average(town, contract, 10, 20),
        "search": lambda town, contract: search(town, contract, 60),
        "reconstruct": lambda town, contract: reconstruct(town, contract, questions),
        "membership": lambda town, contract: recognise(town, contract, 40),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--only", default="", help="the terms whose name begins like this")
    told = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        town = Town.at(Path(folder))
        for terms in (name for name in TERMS if name.startswith(told.only)):
            for name, attack in attackers(told.questions).items():
                score = attack(town, town.under(f"{terms}_{name}".replace(".", "_"), **TERMS[terms]))
                figures[f"{terms}_{name}_right"] = round(score.share, 3)
                figures[f"{terms}_{name}_guess"] = round(score.guess, 3)
                figures[f"{terms}_{name}_answered"] = round(score.answered / max(1, score.statements), 3)
                print(f"{terms} {name}: {score}", file=sys.stderr)
        town.house.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
