"""What hub, warden and guard send, and what they are answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, field_validator

from access_broker.api.bodies import Body, Id
from access_broker.domain.decisions import Reason
from access_broker.domain.sandboxes import Sandbox, SandboxEnd
from access_broker.use_cases.guard_lines import RefusedRequest
from access_broker.use_cases.hub_people import ContractOfPerson, HubPerson
from access_broker.use_cases.sandbox_watch import MustEnd
from access_broker.use_cases.sandboxes import Admitted

MOST_REFUSALS = 200
_LONGEST_DETAIL = 8000  # characters of JSON: counts, digests and times of one step, no data
Tell = Callable[[Reason, dict[str, Any]], str]


class SpawnBody(Body):
    person: Id
    contract: Id


class EndedBody(Body):
    """`why`: how the sandbox came to its end."""

    why: SandboxEnd


class AcknowledgementBody(Body):
    """`step`: what was carried out of the end of `contract`; `generation`: which end; `detail`: counts and digests."""

    AS_TYPED = frozenset({"detail"})  # what a program said of itself: an end is acknowledged whatever it was

    contract: Id
    generation: Annotated[int, Field(ge=0, le=2**31 - 1)]
    component: Literal["hub", "warden"]
    step: Id
    sandbox: Id | None = None
    person: Id | None = None
    detail: dict[str, Any] = Field(default_factory=dict)

    @field_validator("detail")
    @classmethod
    def _is_short_json(cls, detail: dict[str, Any]) -> dict[str, Any]:
        """NaN is no JSON, though Python reads and writes it: the audit could then be shown to nobody any more."""
        try:
            text = json.dumps(detail, allow_nan=False)
        except RecursionError:
            raise ValueError("nested too deep") from None
        if len(text) > _LONGEST_DETAIL:
            raise ValueError("too long")
        return detail


class RefusalItem(Body):
    """`count`: how many requests alike the line stands for. Texts that are too long are cut, not refused."""

    AS_TYPED = frozenset({"method", "path", "why", "user"})  # what somebody tried is kept, made visible

    method: str
    path: str
    status: Annotated[int, Field(ge=100, le=599)]
    why: str
    user: str
    count: Annotated[int, Field(ge=1, le=2**31 - 1)]

    def request(self) -> RefusedRequest:
        return RefusedRequest(self.method, self.path, self.status, self.why, self.user, self.count)


class RefusalsBody(Body):
    items: Annotated[list[RefusalItem], Field(max_length=MOST_REFUSALS)]


class SpawnView(BaseModel):
    """Where the sandbox is to stand, and its token, which is shown this once. `expires_at` is of the token."""

    sandbox: str
    slot: int
    subnet: str
    gateway: str
    address: str
    token: str
    expires_at: datetime
    generation: int
    language: str

    @classmethod
    def of(cls, admitted: Admitted) -> Self:
        sandbox = admitted.sandbox
        return cls(
            sandbox=sandbox.id,
            slot=sandbox.slot,
            **vars(sandbox.place),
            token=admitted.token,
            expires_at=admitted.expires_at,
            generation=sandbox.generation,
            language=admitted.language,
        )


class MustEndView(BaseModel):
    """Why access has ended. `since`: when that was committed; for a person who was shut out, when it was seen.

    `generation`: to be given with the acknowledgements of this end.
    """

    code: str
    rule: str
    since: datetime
    generation: int


class SandboxView(BaseModel):
    """A sandbox that has not ended. `must_end` is null as long as it may go on."""

    sandbox: str
    person: str
    contract: str
    generation: int
    slot: int
    subnet: str
    gateway: str
    address: str
    state: str
    must_end: MustEndView | None

    @classmethod
    def of(cls, sandbox: Sandbox, must_end: MustEnd | None) -> Self:
        return cls(
            sandbox=sandbox.id,
            person=sandbox.person,
            contract=sandbox.contract,
            generation=sandbox.generation,
            slot=sandbox.slot,
            **vars(sandbox.place),
            state=sandbox.state.value,
            must_end=MustEndView(**vars(must_end)) if must_end else None,
        )


class PersonContractView(BaseModel):
    """`why`: the sentence that says why no sandbox may start, empty when it may.

    `notice_days`: the contract ends in 15, 7 or 1 days or less; null before that.
    """

    contract: str
    problem_en: str
    problem_fa: str
    state: str
    ends_at: datetime
    may_spawn: bool
    why: str
    notice_days: int | None

    @classmethod
    def of(cls, found: ContractOfPerson, tell: Tell) -> Self:
        contract, problem = found.contract, found.problem
        return cls(
            contract=contract.id,
            problem_en=problem.title_en if problem else "",
            problem_fa=problem.title_fa if problem else "",
            state=contract.state.value,
            ends_at=contract.ends_at,
            may_spawn=not found.reasons,
            why=tell(found.reasons[0], {}) if found.reasons else "",
            notice_days=found.notice,
        )


class HubPersonView(BaseModel):
    """A person who may sign in at the hub, and every contract that names them."""

    person: str
    name_en: str
    name_fa: str
    language: str
    disabled: bool
    groups: list[str]
    contracts: list[PersonContractView]

    @classmethod
    def of(cls, found: HubPerson, tell: Tell) -> Self:
        person = found.person
        return cls(
            person=person.id,
            name_en=person.name_en,
            name_fa=person.name_fa,
            language=person.language,
            disabled=person.disabled,
            groups=list(found.groups),
            contracts=[PersonContractView.of(contract, tell) for contract in found.contracts],
        )
