"""Problems and the datasets their owners listed for them."""

from __future__ import annotations

from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.problems import Origin, Problem


def read_problems(document: Part, reading: Reading) -> tuple[Problem, ...]:
    parts = [part for part in document.at("problems").items() if reading.is_first("problem", part)]
    return tuple(_problem(part, reading) for part in parts)


def _problem(part: Part, reading: Reading) -> Problem:
    titles = part.at("titles")
    return Problem(
        id=part.text("id"),
        owner=reading.reference(_kind_of_owner(part, reading), part.at("owner")),
        title_en=titles.text("en"),
        title_fa=titles.text("fa"),
        origin=part.choice("origin", Origin, Origin.GOVERNMENT),
        resources=reading.references("dataset", part.at("resources")),
        approved=part.flag("approved"),
    )


def _kind_of_owner(part: Part, reading: Reading) -> str:
    """A citizen may pose a problem in person (F-17); every other owner is an organisation."""
    by_person = part.text("origin") == Origin.CITIZEN and part.text("owner") in reading.places["person"]
    return "person" if by_person else "organisation"
