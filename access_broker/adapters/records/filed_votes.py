"""Committees: motions, votes, recusals, as tables.

A vote stands as it was given: the database refuses to change one (revision 0007).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, Text

from access_broker.adapters.records.columns import (
    METADATA,
    UtcDateTime,
    id_key,
    instant,
    leaf,
    place,
    refers,
    text,
    whole,
    word,
)
from access_broker.domain.motions import Choice, Motion, MotionState, Recusal, Subject, Vote, Way
from access_broker.domain.people import Committee

motions = Table(
    "motions",
    METADATA,
    id_key(),
    word("committee", Committee),
    word("subject", Subject),
    text("about"),  # a contract, a problem or a dataset: hence no foreign key
    text("text"),
    text("digest"),
    text("opened_by"),
    instant("opened_at"),
    word("way", Way),
    word("state", MotionState),
    Column("closed_by", Text),
    Column("closed_at", UtcDateTime),
    Column("reference", Text),
    leaf("counted"),
    leaf("refused"),
    leaf("reasons"),
    leaf("barred"),
    text("outcome"),
)
votes = Table(
    "votes",
    METADATA,
    refers("motion", "motions", key=True),
    place("number"),
    refers("person", "people"),
    whole("seat"),
    word("choice", Choice),
    instant("at"),
    text("opinion"),
    leaf("findings"),
    leaf("refused"),
)
recusals = Table(
    "recusals",
    METADATA,
    refers("motion", "motions", key=True),
    refers("person", "people", key=True),
    text("reason"),
    instant("at"),
)

TABLES: dict[type[Any], Table] = {Motion: motions, Vote: votes, Recusal: recusals}
