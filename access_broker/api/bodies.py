"""What comes in: bodies and parameters, with their bounds. Anything that is not named here is refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

_NO_NUL = r"^[^\x00]*$"  # PostgreSQL stores no NUL, and no honest text has one
_LARGEST_POSITION = 2**53  # what every JSON reader and every database still counts exactly

Id = Annotated[str, Field(min_length=1, max_length=100, pattern=_NO_NUL)]
Text = Annotated[str, Field(max_length=10_000, pattern=_NO_NUL)]
Password = Annotated[str, Field(max_length=1024)]

ContractId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a contract")]
WarningNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the warning within its contract")]
AfterId = Annotated[str, Query(max_length=100, pattern=_NO_NUL, description="Go on after this id")]
AfterPosition = Annotated[int, Query(ge=0, le=_LARGEST_POSITION, description="Go on after this position")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most entries of one answer")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActBody(_Body):
    """`ground`: the rule the act rests on. `decision`: reference of the recorded committee decision, if any."""

    ground: Id
    decision: Id | None = None


class WarningBody(ActBody):
    """`text`: what the executor did against the contract, and until when it is to be mended."""

    text: Text = ""


class SignInBody(_Body):
    person: Id
    password: Password


class LoadBody(_Body):
    """`text`: the scenario file. `base`: the folder its sources are relative to."""

    text: Annotated[str, Field(pattern=_NO_NUL)]
    base: Annotated[str, Field(min_length=1, max_length=4096, pattern=_NO_NUL)] | None = None


class TokenBody(_Body):
    person: Id
    contract: Id | None = None


class PasswordBody(_Body):
    person: Id
    password: Password
