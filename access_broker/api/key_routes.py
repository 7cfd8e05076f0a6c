"""The keys of a draft: what is missing, approvals of the committees, signatures, consents, guarantees.

A key names the digest of the text it is given for; when the text is another by now, the answer is CONFLICT.
"""

from __future__ import annotations

from fastapi import APIRouter, Request

from access_broker.api.bodies import ApprovalBody, ConsentBody, ContractId, GuaranteeBody, SignatureBody
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.end_views import KeyGiven
from access_broker.api.problems import teller_of
from access_broker.api.services import Desk
from access_broker.api.views import ReasonView
from access_broker.domain.motions import Subject
from access_broker.use_cases.approving import approve, consent, guarantee, sign
from access_broker.use_cases.contracts import missing_keys
from access_broker.use_cases.permissions import check_may_oversee
from access_broker.use_cases.recording import check_may_record

router = APIRouter(prefix="/contracts/{contract}", tags=["keys"])


@router.get("/missing-keys")
def missing(contract: ContractId, caller: SignedIn, desk: Desk, request: Request) -> list[ReasonView]:
    """What activation would say now: every missing key with its rule; empty when the draft can come into force."""
    tell = teller_of(request)
    with desk.records.read() as reader:
        found = visible_contract(reader, caller, contract)
        check_may_oversee(reader, caller, found)
        reasons = missing_keys(reader, desk.policy, found, desk.clock())
    return [ReasonView(code=r.code, rule=r.rule, detail=tell.sentence(r, {})) for r in reasons]


@router.post("/approvals")
def approval(contract: ContractId, body: ApprovalBody, caller: SignedIn, desk: Desk) -> KeyGiven:
    """A committee's decision on the draft, given by one of its seats (S3-P4, S3-P5)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        check_may_record(desk.policy, "rest", body.committee, Subject.APPROVE_CONTRACT)
        approved = approve(
            writer, caller, contract, body.committee, body.decision, body.seen, desk.clock(), body.reference
        )
    return KeyGiven.of(approved)


@router.post("/signatures")
def signature(contract: ContractId, body: SignatureBody, caller: SignedIn, desk: Desk) -> KeyGiven:
    """A party signs, or ITO approves the contract as such (S3-P1)."""
    with desk.records.write() as writer:
        return KeyGiven.of(sign(writer, caller, contract, body.signatory, body.seen, desk.clock()))


@router.post("/consents")
def consented(contract: ContractId, body: ConsentBody, caller: SignedIn, desk: Desk) -> KeyGiven:
    """The steward of a dataset lets it be lent under a contract of another organisation (S1-P2)."""
    with desk.records.write() as writer:
        return KeyGiven.of(consent(writer, caller, contract, body.dataset, body.seen, desk.clock()))


@router.post("/guarantees")
def guaranteed(contract: ContractId, body: GuaranteeBody, caller: SignedIn, desk: Desk) -> KeyGiven:
    """A guarantee that has been received (S3-P7-R1). A contract in force may be given a new one."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        changed = guarantee(writer, caller, contract, body.kind, body.expires_at, desk.clock())
    desk.announce(contract)
    return KeyGiven.of(changed)
