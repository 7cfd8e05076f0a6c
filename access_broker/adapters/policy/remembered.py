"""Decisions remembered, so that one query, which asks several times, and a session, which repeats itself, wait once.

A decision follows from its facts alone, so the same facts have the same decision. The time is one of them, in whole
seconds: nothing is remembered from one second to the next. Only one fact is not taken as it stands: how many statements
were answered today counts as "some are left" or "none is", for `access` compares it with the contract's limit and does
nothing else with it.
"""

from __future__ import annotations

import marshal
from collections import OrderedDict
from threading import Lock
from typing import Any

from access_broker.use_cases.ports import PolicyEngine

_MOST = 4096
_PLAIN = 2
"""The version of `marshal` that spells equal facts, told in the same order, alike: three times as fast as JSON does."""


class RememberedPolicy:
    """A PolicyEngine in front of another one. Safe for use by many threads; bounded, the least used goes first."""

    def __init__(self, policy: PolicyEngine) -> None:
        self.name = policy.name
        self._policy = policy
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        """The decision document of `entrypoint`. Raises Unavailable("POLICY_UNAVAILABLE"), which is not remembered."""
        key = entrypoint, marshal.dumps(_deciding(facts), _PLAIN)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
        if known is not None:
            # a copy each time: nobody can change what the next one is told
            return dict(marshal.loads(known))  # noqa: S302 - bytes that this object made
        decided = self._policy.decide(entrypoint, facts)
        with self._lock:
            self._known[key] = marshal.dumps(decided, _PLAIN)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return decided


def _deciding(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as far as the decision can tell them apart."""
    today, limit = facts.get("today"), facts.get("contract", {}).get("terms", {}).get("daily_queries")
    if not isinstance(today, dict) or not _is_count(today.get("queries")) or not _is_count(limit):
        return facts
    return facts | {"today": today | {"queries": ["some are left", today["queries"] < limit]}}


def _is_count(value: Any) -> bool:
    """Would the policies take this for a count? Anything else is left to them as it is."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
