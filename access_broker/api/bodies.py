"""What comes in: bodies and parameters, with their bounds. Anything that is not named here is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from access_broker.domain.contracts import Signatory
from access_broker.domain.datasets import DataClass
from access_broker.domain.guarantees import GuaranteeKind
from access_broker.domain.people import Committee
from access_broker.domain.text import misleading_character

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
    """Every text of a body is one that a reader sees as it is: nothing hidden in it, nothing that turns a line around.

    `AS_TYPED`: fields that are judged elsewhere, or never shown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    AS_TYPED: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*")
    @classmethod
    def _is_readable(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name not in cls.AS_TYPED:
            for text in _texts(value):
                if (character := misleading_character(text)) is not None:
                    raise PydanticCustomError("misleading_character", "{character}", {"character": character})
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in _texts(part))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for part in value for text in _texts(part))


class ActBody(Body):
    """`ground`: the rule the act rests on. `decision`: reference of the recorded committee decision, if any.

    `violation`: number of the one it rests on; null: the act puts one on record itself.
    """

    ground: Id
    decision: Id | None = None
    violation: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class SignInBody(Body):
    """Whatever is wrong with a name or a password is told in one way."""

    AS_TYPED = frozenset({"person", "password"})
    person: Id
    password: Password


class HubSignInBody(SignInBody):
    """`address`: of the browser. Everybody behind the hub comes from the hub's own."""

    address: Id


class LoadBody(Body):
    """`text`: the scenario file, whose faults are told by line. `base`: the folder its sources are relative to."""

    AS_TYPED = frozenset({"text"})

    text: Annotated[str, Field(pattern=_NO_NUL)]
    base: Annotated[str, Field(min_length=1, max_length=4096, pattern=_NO_NUL)] | None = None


class TokenBody(Body):
    person: Id
    contract: Id | None = None


class PasswordBody(Body):
    AS_TYPED = frozenset({"password"})
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


class WarningBody(ActBody):
    """`text`: what went against the contract. `cure_by`: until when it is to be mended, null for at once."""

    text: Text = ""
    cure_by: Moment | None = None


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
    kind: GuaranteeKind
    expires_at: Moment


class DescriptionBody(Body):
    """`text`: one dataset as a scenario file has it, in YAML or JSON; paths count from one's organisation's folder."""

    AS_TYPED = frozenset({"text"})

    text: Annotated[str, Field(pattern=_NO_NUL)]


class TitlesBody(Body):
    en: Title = ""
    fa: Title = ""


class TagBody(Body):
    """`titles` absent: as they are."""

    data_class: DataClass = Field(alias="class")
    titles: TitlesBody | None = None


class SovereigntyBody(Body):
    """`decision`: reference of the committee's decision, without which nothing is decided."""

    sovereignty: Literal["sovereign", "non_sovereign"]
    decision: Id | None = None


class DisabledBody(Body):
    disabled: bool
