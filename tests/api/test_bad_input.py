"""What a reader would not see as it is does not go on record: told with its place and character, here and there."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from pydantic import ValidationError

from access_broker import api
from access_broker.api import bodies
from access_broker.api.bodies import Body
from access_broker.domain.agreement import text_digest
from access_broker.domain.contracts import ContractState
from tests.console.world import make_world
from tests.support.broker import make_broker
from tests.support.factories import audit_kinds, make_contract, position

ACTIVE = make_contract("P1", ContractState.ACTIVE)
DRAFT = make_contract("P2")
SEEN = text_digest(DRAFT)

HIDDEN = {
    "a line turned round": "F-13\u202e31-F",
    "an isolate": "\u2067text\u2069",
    "a mark": "text\u200f",
    "nothing wide": "te\u200bxt",
    "a filler": "te\u3164xt",
    "a bell": "te\u0007xt",
    "an escape": "te\u001b[2Jxt",
    "a control of the upper half": "te\u0085xt",
    "a half-space between Latin letters": "te\u200cxt",
    "a tag": "te\U000e0041xt",
}

BODIES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("chair", "/contracts/P1/warnings", "text", {"ground": "S3-P6-R2"}),
    ("chair", "/contracts/P1/cuts", "decision", {"ground": "F-13"}),
    ("chair", "/contracts/P1/cuts", "ground", {}),
    ("chair", "/contracts/P2/approvals", "reference", {"committee": "monitoring", "seen": SEEN}),
    ("steward", "/contracts/P2/consents", "dataset", {"seen": SEEN}),
    ("chair", "/contracts/P1/warnings/1/withdrawal", "reason", {}),
]


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize(("who", "path", "field", "body"), BODIES, ids=lambda value: str(value)[:30])
def test_what_nobody_sees_is_refused_with_its_place(
    who: str, path: str, field: str, body: dict[str, Any], text: str
) -> None:
    broker = make_broker(ACTIVE, DRAFT)
    answer = broker.post(path, who, body | {field: text})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")
    (error,) = answer.json()["errors"]
    assert (error["where"], error["fault"]) == (f"body.{field}", "misleading_character")
    assert [kind for kind in audit_kinds(broker.records) if kind != "test.arranged"] == []


@pytest.mark.parametrize("text", ["می‌خواهد «نام‌ها» را", "a b", "F‑13", "two\nlines", "קו", "🙂", "é", "x" * 10_000])
def test_ordinary_writing_is_none_of_that(text: str) -> None:
    assert bodies.WithdrawalBody(reason=text).reason == text


@pytest.mark.parametrize("text", ["", "x" * 10_001])
def test_a_reason_has_its_bounds(text: str) -> None:
    with pytest.raises(ValidationError):
        bodies.WithdrawalBody(reason=text)


def test_a_scenario_file_is_left_to_its_own_reader() -> None:
    """It tells its faults with their lines."""
    assert bodies.LoadBody(text="a\u202eb").text == "a\u202eb"


@pytest.mark.parametrize("name", ["an\u202ealyst", "analyst\u200f"])
def test_a_name_nobody_has_signs_nobody_in(name: str) -> None:
    answer = make_broker().post("/sign-in", body={"person": name, "password": "long enough"})
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_FAILED")


def test_every_body_of_the_interface_is_one_of_these() -> None:
    """A body that were none would let everything through."""
    modules = [importlib.import_module(f"{api.__name__}.{found.name}") for found in pkgutil.iter_modules(api.__path__)]
    named = {thing for module in modules for name, thing in vars(module).items() if name.endswith("Body")}
    assert {bodies.ActBody, bodies.GuaranteeBody, bodies.LoadBody} <= named
    assert {body for body in named if not issubclass(body, Body)} == set()


@pytest.mark.parametrize(
    "expires_at",
    [
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2027-01-01T00:00:00",
        "1405-09-31T00:00:00Z",
        "۲۰۲۷-۰۱-۰۱T00:00:00Z",
        "2۰27-01-01T00:00:00Z",
        "tomorrow",
        "",
        "9" * 400,
        "2020-01-01T00:00:00Z",
        None,
        [],
    ],
)
def test_a_day_that_is_none_or_over_is_refused(expires_at: Any) -> None:
    broker = make_broker(DRAFT)
    start = position(broker.records)
    answer = broker.post("/contracts/P2/guarantees", "herasat", {"kind": "nda", "expires_at": expires_at})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")
    assert "contract.guaranteed" not in audit_kinds(broker.records, start)


class TestTheConsole:
    @pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
    def test_a_form_says_where(self, text: str) -> None:
        world = make_world(DRAFT)
        start = position(world.records)
        form = {"committee": "monitoring", "decision": "approved", "seen": SEEN, "reference": f"a{text}b"}
        answer = world.browser("chair").post("/contracts/P2/approvals", **form)
        assert answer.status_code == 422
        assert "reference" in answer.text
        assert "U+" in answer.text
        assert "contract.approved" not in audit_kinds(world.records, start)

    @pytest.mark.parametrize("days", ["", "0", "-1", "1.5", "ten", "۱۲x", "٣²", "99999", "1" * 6, "1\u202e2"])
    def test_days_of_a_guarantee_are_a_number(self, days: str) -> None:
        world = make_world(DRAFT)
        start = position(world.records)
        answer = world.browser("herasat").post("/contracts/P2/guarantees", kind="nda", days=days)
        assert answer.status_code == 422
        assert "contract.guaranteed" not in audit_kinds(world.records, start)
