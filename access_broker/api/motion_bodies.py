"""What comes in about motions. Texts that hide a character or turn round are refused where they are written down."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field

from access_broker.api.bodies import Body, Digest, Id, Text
from access_broker.domain.motions import Choice, Finding, Subject
from access_broker.domain.people import Committee

_NO_NUL = r"^[^\x00]*$"

ColumnName = Annotated[str, Field(min_length=1, max_length=300, pattern=_NO_NUL)]

MotionId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a motion")]
About = Annotated[str, Query(max_length=100, pattern=_NO_NUL, description="Id of a contract, problem or dataset")]


class MotionBody(Body):
    """`about`: the contract, problem or dataset. `seen`: the digest of its text. `text`: what is proposed, in words.

    `outcome`: what exactly, where the subject leaves it open: the kind of the data (`sovereign`, `non_sovereign`), the
    executor chosen, the problem let in, the kind of the exit; `upheld-N` or `withdrawn-N` for the appeal against
    warning N.
    """

    committee: Committee
    subject: Subject
    about: Id
    seen: Digest
    text: Text = ""
    outcome: Annotated[str, Field(max_length=100, pattern=_NO_NUL)] = ""


class VoteBody(Body):
    """`seen`: the digest of the motion. `refused`: columns, `dataset.table.column`, not to be granted in any case."""

    choice: Choice
    seen: Digest
    opinion: Text = ""
    findings: dict[Finding, Text] = Field(default_factory=dict)
    refused: Annotated[list[ColumnName], Field(max_length=1000)] = Field(default_factory=list)


class RecusalBody(Body):
    """`reason`: what keeps one from judging."""

    reason: Annotated[str, Field(min_length=1, max_length=10_000, pattern=_NO_NUL)]
