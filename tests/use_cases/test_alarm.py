"""A difference between plan and decision is an alarm; an ordinary refusal is none."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.verify import check
from access_broker.use_cases.alarm import alarm_event
from tests.support.sample import narrowed, plan


def refused_for(text: str) -> Refused:
    statement = narrowed("SELECT city, count(*) FROM citizens GROUP BY city")
    with pytest.raises(Refused) as caught:
        check(plan(text), statement)
    return caught.value


def test_a_difference_is_told_to_the_operator() -> None:
    event = alarm_event("person", "contract", "SELECT 'typed'", refused_for("SELECT md5(city) FROM main.t1"))
    assert event is not None
    assert (event.kind, event.actor, event.subject) == ("gate.alarm", "person", "contract")
    assert event.body["difference"] == "function md5"
    assert "typed" not in str(event.body)


def test_an_ordinary_refusal_is_no_alarm() -> None:
    assert alarm_event("person", "contract", "", refused_for("SELECT city + 1 FROM main.t1")) is None
    assert alarm_event("person", "contract", "", Refused("BELOW_K")) is None
