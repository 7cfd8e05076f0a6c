"""Asking whether a result may leave. The answer is on record, and a refusal as long as there is no output review."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from access_broker.api.bodies import Body, ContractId
from access_broker.api.callers import SignedIn
from access_broker.api.services import Desk
from access_broker.domain.releases import Output, OutputKind
from access_broker.use_cases.deciding import require
from access_broker.use_cases.releasing import ask_release

router = APIRouter(tags=["releases"])

_LARGEST = 2**53 - 1


class ReleaseBody(Body):
    """A file by its `digest`, SHA-256, and `size` in bytes. What is in it is not sent."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: OutputKind
    size: Annotated[int, Field(ge=0, le=_LARGEST, strict=True)]


@router.post("/contracts/{contract}/releases", status_code=204)
def releases(contract: ContractId, body: ReleaseBody, caller: SignedIn, desk: Desk) -> None:
    """Ask whether a result may leave (S3-P5). Refused: RELEASE_NOT_OPEN until there is an output review."""
    output = Output(body.digest, body.kind, body.size)
    with desk.records.write() as writer:
        decision = ask_release(writer, desk.policy, caller, contract, output, desk.clock())
    require(decision.reasons)  # after the commit: the question stays on record
