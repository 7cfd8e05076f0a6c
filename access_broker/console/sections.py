"""The sections of the console, and to whom each is open. The link asks the same check as the page behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from access_broker.console.here import PREFIX, Here
from access_broker.domain.people import Role
from access_broker.use_cases.permissions import (
    Caller,
    can,
    check_may_act_at_all,
    check_may_describe,
    check_may_look_after,
    check_may_read_audit,
    check_may_watch,
)


@dataclass(frozen=True)
class Section:
    """`label` is a msgid; `here`: it is the one being looked at."""

    path: str
    label: str
    here: bool


def _is_executor(caller: Caller) -> bool:
    return Role.EXECUTOR in caller.roles


_SECTIONS: tuple[tuple[str, str, Callable[[Caller], bool]], ...] = (
    ("/contracts", "console.nav.contracts", _is_executor),
    ("/refusals", "console.nav.refusals", _is_executor),
    ("/committee", "console.nav.committee", lambda caller: can(check_may_act_at_all, caller)),
    ("/datasets", "console.nav.datasets", lambda caller: can(check_may_describe, caller)),
    ("/running", "console.nav.running", lambda caller: can(check_may_watch, caller)),
    ("/audit", "console.nav.audit", lambda caller: can(check_may_read_audit, caller)),
    ("/people", "console.nav.people", lambda caller: can(check_may_look_after, caller)),
    ("/days", "console.nav.days", lambda caller: can(check_may_look_after, caller)),
    ("/system", "console.nav.system", lambda caller: can(check_may_look_after, caller)),
)


def sections_of(here: Here) -> list[Section]:
    """The sections open to the person, in the order of the header."""
    open_to_them = [(f"{PREFIX}{path}", label) for path, label, is_open in _SECTIONS if is_open(here.caller)]
    return [Section(path, label, here.path.startswith(path)) for path, label in open_to_them]
