from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import pytest

from hub import broker as ask
from hub.broker import AsyncBroker, Broker, BrokerRefused, BrokerUnavailable, Question
from tests.hub.fake_broker import PASSWORD, SECRET, FakeBroker, fake_broker


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    with fake_broker() as fake:
        fake.add("sara", "c-1")
        yield fake


def blocking(broker: FakeBroker, question: Question[Any], secret: str = SECRET) -> Any:
    client = Broker(broker.url, secret)
    try:
        return client.ask(question, "fa")
    finally:
        client.close()


def awaited(broker: FakeBroker, question: Question[Any], secret: str = SECRET) -> Any:
    async def run() -> Any:
        client = AsyncBroker(broker.url, secret)
        try:
            return await client.ask(question, "fa")
        finally:
            await client.close()

    return asyncio.run(run())


@pytest.fixture(params=[blocking, awaited])
def put(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_answers_become_values(broker: FakeBroker, put: Any) -> None:
    assert put(broker, ask.sign_in("sara", PASSWORD, "192.0.2.7")) is None
    person = put(broker, ask.person("sara"))
    assert (person.person, person.groups, person.contracts[0].may_spawn) == ("sara", ("executors",), True)
    admitted = put(broker, ask.admit("sara", "c-1"))
    assert (admitted.slot, admitted.address, admitted.expires_at.year) == (1, "198.18.240.10", 2027)
    (listed,) = put(broker, ask.sandboxes())
    assert (listed.sandbox, listed.must_end) == (admitted.sandbox, None)
    assert put(broker, ask.running(admitted.sandbox)) is None
    assert put(broker, ask.acknowledge("c-1", 2, "warden", "paused", sandbox=admitted.sandbox)) is None
    assert put(broker, ask.ended(admitted.sandbox, "stopped")) is None
    assert put(broker, ask.sandboxes()) == ()


def test_a_refusal_carries_code_rule_and_sentence(broker: FakeBroker, put: Any) -> None:
    broker.refuse("/hub/spawns", "CONTRACT_CUT", "F-13", "The contract was cut.", 409)
    with pytest.raises(BrokerRefused) as raised:
        put(broker, ask.admit("sara", "c-1"))
    refused = raised.value
    assert (refused.code, refused.rule, refused.detail, refused.status) == (
        "CONTRACT_CUT",
        "F-13",
        "The contract was cut.",
        409,
    )


def test_without_the_secret_everything_is_refused(broker: FakeBroker, put: Any) -> None:
    with pytest.raises(BrokerRefused, match="Not for you"):
        put(broker, ask.person("sara"), secret="wrong")


@pytest.mark.parametrize(
    "change", [{"may_spawn": "yes"}, {"may_spawn": None}, {"why": 7}, {"ends_at": "soon"}, {"contract": None}]
)
def test_an_answer_of_another_shape_is_no_answer(broker: FakeBroker, put: Any, change: dict[str, Any]) -> None:
    broker.people["sara"]["contracts"][0] |= change
    with pytest.raises(BrokerUnavailable):
        put(broker, ask.person("sara"))


def test_a_missing_part_is_no_answer(broker: FakeBroker, put: Any) -> None:
    del broker.people["sara"]["disabled"]
    with pytest.raises(BrokerUnavailable):
        put(broker, ask.person("sara"))


def test_nobody_there_is_no_answer(put: Any) -> None:
    with fake_broker() as gone:
        url = gone
    with pytest.raises(BrokerUnavailable):
        put(url, ask.sandboxes())


def test_names_cannot_leave_their_place_in_the_address(broker: FakeBroker, put: Any) -> None:
    with pytest.raises(BrokerRefused):
        put(broker, ask.person("../sandboxes"))
    assert broker.told[-1][1] == "/hub/people/..%2Fsandboxes"


def test_passwords_and_tokens_do_not_print(broker: FakeBroker) -> None:
    assert PASSWORD not in repr(ask.sign_in("sara", PASSWORD, "192.0.2.7"))
    assert "t" * 40 not in repr(blocking(broker, ask.admit("sara", "c-1")))


def test_an_extract_is_written_as_it_comes_or_refused(broker: FakeBroker) -> None:
    client, into = Broker(broker.url, SECRET), io.BytesIO()
    broker.extracts["c-1"] = b'{"position": 1}\n'
    assert client.extract("c-1", into) == len(into.getvalue()) == 16
    broker.refuse("/extract/c-1", "NOT_FOUND", "", "There is none.", 404)
    with pytest.raises(BrokerRefused):
        client.extract("c-1", into)
    client.close()
