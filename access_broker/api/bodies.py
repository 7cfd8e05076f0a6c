"""What comes in: bodies and parameters, with their bounds. Anything that is not named here is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from access_broker.domain.contracts import Signatory
from access_broker.domain.datasets import DataClass
from access_broker.domain.people import Committee

_NO_NUL = r"^[^\x00]*$"  # PostgreSQL stores no NUL, and no honest text has one
_LARGEST_POSITION = 2**53  # what every JSON reader and every database still counts exactly

Id = Annotated[str, Field(min_length=1, max_length=100, pattern=_NO_NUL)]
Text = Annotated[str, Field(max_length=10_000, pattern=_NO_NUL)]
Title = Annotated[str, Field(max_length=300, pattern=_NO_NUL)]
Password = Annotated[str, Field(max_length=1024)]

ContractId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a contract")]
PersonId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a person")]
DatasetId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a dataset")]
TableId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a table of the dataset")]
ColumnId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a column of the table")]
WarningNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the warning within its contract")]
AfterId = Annotated[str, Query(max_length=100, pattern=_NO_NUL, description="Go on after this id")]
AfterPosition = Annotated[int, Query(ge=0, le=_LARGEST_POSITION, description="Go on after this position")]
Sought = Annotated[str, Query(max_length=200, pattern=_NO_NUL, description="Only records with this")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most entries of one answer")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActBody(Body):
    """`ground`: the rule the act rests on. `decision`: reference of the recorded committee decision, if any."""

    ground: Id
    decision: Id | None = None


class WarningBody(ActBody):
    """`text`: what the executor did against the contract, and until when it is to be mended."""

    text: Text = ""


class SignInBody(Body):
    person: Id
    password: Password


class HubSignInBody(SignInBody):
    """`address`: of the browser. Everybody behind the hub comes from the hub's own."""

    address: Id


class LoadBody(Body):
    """`text`: the scenario file. `base`: the folder its sources are relative to."""

    text: Annotated[str, Field(pattern=_NO_NUL)]
    base: Annotated[str, Field(min_length=1, max_length=4096, pattern=_NO_NUL)] | None = None


class TokenBody(Body):
    person: Id
    contract: Id | None = None


class PasswordBody(Body):
    person: Id
    password: Password


def _utc(at: datetime) -> datetime:
    """UTC from here on. A time without a zone is refused: the machine's own zone would decide rights."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such time") from error


Moment = Annotated[datetime, AfterValidator(_utc)]


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="`digest` of the contract as it was read")]


class ApprovalBody(Body):
    """`reference`: of the recorded committee decision, if it has one. `seen`: the text that was decided on."""

    committee: Committee
    seen: Digest
    decision: Literal["approved", "rejected"] = "approved"
    reference: Id | None = None


class SignatureBody(Body):
    """`ito`: ITO's consent to the contract as such. `seen`: the text that is signed."""

    signatory: Signatory
    seen: Digest


class ConsentBody(Body):
    """`dataset`: the one that may be lent. `seen`: the text of the contract it is lent under."""

    dataset: Id
    seen: Digest


class WithdrawalBody(Body):
    """`reason`: why the warning is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=10_000, pattern=_NO_NUL)]


class GuaranteeBody(Body):
    kind: Literal["nda", "non_publication"]
    expires_at: Moment


class DescriptionBody(Body):
    """`text`: one dataset as a scenario file has it, in YAML or JSON; paths count from one's organisation's folder."""

    text: Annotated[str, Field(pattern=_NO_NUL)]


class TitlesBody(Body):
    en: Title = ""
    fa: Title = ""


class TagBody(Body):
    """`titles` absent: as they are."""

    data_class: DataClass = Field(alias="class")
    titles: TitlesBody | None = None


class SovereigntyBody(Body):
    sovereignty: Literal["sovereign", "non_sovereign"]


class DisabledBody(Body):
    disabled: bool
