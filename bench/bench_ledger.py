"""What it costs to weigh a new statement against a long memory: CPU of the comparison alone, without any query.

Statements are made up over `--people` people: filters and groups of eight columns, 1 to 60 groups of at least ten
people, dominance asked for. The memory is filled with them unweighed, which is harder than any real one. `*_median_ms`,
`*_worst_ms`: of `--statements` new ones; `*_refill_s`: reading the memory again after a restart. `wide_s`: one answer
of 3,600 groups over 150,000 people, new to a contract that was told three answers of 2,600 groups in all.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the gateway runs it
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - the number of threads must be known before

from access_broker.domain.contracts import Dominance  # noqa: E402
from access_broker.use_cases.figures import Rows, Vector  # noqa: E402
from access_broker.use_cases.leaving_out import left_out  # noqa: E402
from access_broker.use_cases.ledger import Kind, Told  # noqa: E402
from access_broker.use_cases.rule import Rule  # noqa: E402

K, GROUPS = 10, 60
VALUES = {"gender": 2, "district": 8, "year": 60, "job": 12, "school": 5, "province": 31, "month": 12, "illness": 20}


def statements(people: int, seed: int) -> Iterator[list[Vector]]:
    generator, chance = np.random.default_rng(0), random.Random(seed)  # noqa: S311
    known = {name: generator.integers(0, count, people) for name, count in VALUES.items()}
    while True:
        taken = np.ones(people, dtype=bool)
        for name in chance.sample(list(VALUES), chance.randint(0, 3)):
            some = chance.sample(range(VALUES[name]), chance.randint(1, VALUES[name]))
            taken &= np.isin(known[name], some)
        groups = np.zeros(people, dtype=np.int64)
        for name in chance.sample(list(VALUES), chance.choice([0, 1, 1, 1, 2])):
            groups = groups * VALUES[name] + known[name]
        codes, inside = np.unique(groups[taken], return_inverse=True)
        if not len(codes):
            continue
        rows = Rows(inside.astype(np.int64), np.flatnonzero(taken) + 1, len(codes))
        ones = np.ones(int(taken.sum()))
        found = [v for v in rows.vectors(ones, ones) if v is not None and len(v.people) >= K]
        if found:
            yield found[:GROUPS]


def filled(figures: int, people: int) -> tuple[list[Told], Kind]:
    kind, told, made = Kind(), [], statements(people, 1)
    while len(kind) < figures:
        added = kind.add(next(made))
        if added is not None:
            told.append(added)
    return told, kind


def wide() -> float:
    """Seconds of CPU for weighing and remembering the last of four answers with very many groups."""
    people, generator, kind = 150_000, np.random.default_rng(5), Kind()
    known = {name: generator.integers(0, count, people) for name, count in VALUES.items()}
    spent = 0.0
    for names in ("year", "district"), ("year", "school"), ("province", "job", "school"), ("year", "job", "school"):
        codes = np.zeros(people, dtype=np.int64)
        for name in names:
            codes = codes * VALUES[name] + known[name]
        each, inside = np.unique(codes, return_inverse=True)
        found = Rows(inside.astype(np.int64), np.arange(1, people + 1), len(each)).vectors(np.ones(people), None)
        groups = {place: v for place, v in enumerate(found) if v is not None and len(v.people) >= K}
        start = time.process_time()
        out = left_out(kind, groups, Rule(K))
        kind.add([vector for place, vector in groups.items() if place not in out])
        spent = time.process_time() - start
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=int, nargs="*", default=[700, 5_000, 19_000])
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--statements", type=int, default=40)
    options = parser.parse_args()
    found: dict[str, float] = {}
    for figures in options.figures:
        told, kind = filled(figures, options.people)
        made, spent = statements(options.people, 99), []
        for _ in range(options.statements):
            groups = dict(enumerate(next(made)))
            start = time.process_time()
            left_out(kind, groups, Rule(K, Dominance(1, 0.8)))
            spent.append(time.process_time() - start)
        start, again = time.process_time(), Kind()
        for place, one in enumerate(told):
            again.restore(one, nest=place >= len(told) - 200)
        found[f"{figures}_refill_s"] = round(time.process_time() - start, 1)
        found[f"{figures}_median_ms"] = round(1000 * float(np.median(spent)), 1)
        found[f"{figures}_worst_ms"] = round(1000 * max(spent), 1)
    found["wide_s"] = round(wide(), 1)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
