"""Who stands behind the ids on a page: an id alone tells a reader in a committee nothing."""

from __future__ import annotations

from collections.abc import Iterable

from access_broker.domain.people import Organisation, Person
from access_broker.use_cases.ports import Reader


def names_of(reader: Reader, ids: Iterable[str | None]) -> dict[str, Person]:
    """The people among those ids by id. Some are nobody's, `clerk` for one, and are shown as they are."""
    found = {id: reader.person(id) for id in set(ids) if id}
    return {id: person for id, person in found.items() if person is not None}


def organisation_names(reader: Reader, ids: Iterable[str]) -> dict[str, Organisation]:
    """The organisations among those ids by id."""
    found = {id: reader.organisation(id) for id in set(ids)}
    return {id: organisation for id, organisation in found.items() if organisation is not None}
