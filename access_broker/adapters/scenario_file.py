"""Reads a scenario file: YAML in, a Scenario out, or every fault of it with its line in both languages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from access_broker.adapters.scenario.contracts import read_contracts
from access_broker.adapters.scenario.datasets import read_datasets
from access_broker.adapters.scenario.document import read_document
from access_broker.adapters.scenario.faults import Faults
from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.people import read_organisations, read_people, read_seats
from access_broker.adapters.scenario.problems import read_problems
from access_broker.adapters.scenario.reading import Reading, places_of
from access_broker.adapters.scenario.shape import check_shape
from access_broker.use_cases.scenario import Scenario


def read_scenario(text: str, base: Path | None, now: datetime) -> Scenario:
    """The scenario that `text` describes.

    `base` is the folder that source paths count from; None for a text without a place, which can name no source.
    `now` (with a zone) is what `today` means. Raises ScenarioFaulty with every fault there is; text that is no YAML
    has one, since nothing after it can be understood.
    """
    faults = Faults()
    value = read_document(text, faults)
    check_shape(value, faults)
    reading = Reading(faults, places_of(value), base, now)
    document = Part(value, ())
    organisations = read_organisations(document, reading)
    people = read_people(document, reading, organisations)
    datasets = read_datasets(document, reading, people)
    seats = read_seats(document, reading, people)
    scenario = Scenario(
        organisations=organisations,
        people=people,
        seats=seats,
        datasets=datasets,
        problems=read_problems(document, reading),
        contracts=read_contracts(document, reading, people, seats, datasets),
    )
    faults.raise_if_any()
    return scenario
