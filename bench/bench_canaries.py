"""The long run of the canaries: statements by the ten thousand, and no mark in anything that came back.

`--statements N` (50,000 unless told), `--seed S`. Each process has its own seed: a leak can be asked again.
"""

from __future__ import annotations

import argparse
import collections
import json
import logging
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.canaries.hunt import Hunt  # noqa: E402 - the root must be importable first

PROCESSES = 2
STEP = 1_000
AT_THE_DOOR = 0.02  # share that also goes through Arrow Flight SQL
Found = tuple[dict[str, int], list[tuple[str, str, list[str]]], list[tuple[str, str]]]


def hunt(seed: int, statements: int) -> Found:
    logging.disable(logging.ERROR)  # refusals of nonsense are told to the operator's log
    with tempfile.TemporaryDirectory() as folder:
        made = Hunt(Path(folder), seed)
        for asked in range(0, statements, STEP):
            made.inside(min(STEP, statements - asked))
            told = f"{made.codes.total()} asked, {made.answered:.1%} answered, {len(made.leaks)} leaks"
            print(f"seed {seed}: {told}", file=sys.stderr, flush=True)
        made.door(int(statements * AT_THE_DOOR))
        made.close()
    return dict(made.codes), made.leaks, made.faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    started = time.monotonic()
    share = -(-told.statements // PROCESSES)
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(hunt, range(told.seed, told.seed + PROCESSES), [share] * PROCESSES))
    codes = sum((collections.Counter(f[0]) for f in found), collections.Counter[str]())
    for contract, sql, marks in (leak for f in found for leak in f[1]):
        print(f"LEAK {contract}: {sql} → {marks}", file=sys.stderr)
    for code, sql in (fault for f in found for fault in f[2]):
        print(f"{code}: {sql}", file=sys.stderr)
    figures = {
        "statements": codes.total(),
        "leaks": sum(len(f[1]) for f in found),
        "own_mistakes": sum(len(f[2]) for f in found),
        "answered_share": round(codes[""] / codes.total(), 3),
        "seconds": round(time.monotonic() - started, 1),
    }
    print(json.dumps(figures | {f"refused_{code}": n for code, n in codes.most_common() if code and n >= 100}))


if __name__ == "__main__":
    main()
