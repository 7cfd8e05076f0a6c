"""Reads one dataset's description from a steward: the shape of a dataset in a scenario file, by itself.

Unlike the operator's file this comes from someone who must not reach into the machine, nor learn of a file that another
organisation has there: its sources lie in the folder of the steward's own organisation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from access_broker.adapters.scenario.datasets import read_datasets
from access_broker.adapters.scenario.document import read_document
from access_broker.adapters.scenario.faults import Faults
from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading, places_of
from access_broker.adapters.scenario.shape import check_shape
from access_broker.domain.datasets import Dataset
from access_broker.use_cases.scenario import OnRecord, ScenarioFaulty

_PLACE = ("datasets", 0)
_SPELT = "datasets[0]"


def read_dataset(text: str, base: Path, known: OnRecord, now: datetime) -> Dataset:
    """The dataset that `text` (YAML or JSON) describes. `known`: what is on record, for it to refer to.

    `base`: the folder its sources lie in; what is not in it, by whatever way, is the same fault as what is nowhere.
    Raises ScenarioFaulty with every fault there is.
    """
    try:
        return _read(text, base.resolve(), known, now)
    except ScenarioFaulty as faulty:
        faults = (replace(fault, where=fault.where.removeprefix(_SPELT).lstrip(".")) for fault in faulty.faults)
        raise ScenarioFaulty(tuple(faults)) from None


def _read(text: str, base: Path, known: OnRecord, now: datetime) -> Dataset:
    faults = Faults()
    document = {"datasets": [read_document(text, faults, _PLACE)]}
    check_shape(document, faults)
    places = places_of(document)
    places["organisation"] |= dict.fromkeys(known.organisations, _PLACE)
    places["person"] |= {person.id: _PLACE for person in known.people}
    reading = Reading(faults, places, base, now, confined=True)
    datasets = read_datasets(Part(document, ()), reading, known.people, known.columns)
    faults.raise_if_any()
    return datasets[0]
