"""One thing among those that are filed."""

from __future__ import annotations

from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.domain.filed import AnyFiled
from access_broker.use_cases.ports import Reader


def filed_one(reader: Reader, kind: type[AnyFiled], /, **having: Any) -> AnyFiled | None:
    """The one whose fields have these values, the first by its `KEY` if there are several; None when there is none."""
    return next(iter(reader.filed(kind, **having)), None)


def filed_or_refused(reader: Reader, kind: type[AnyFiled], name: str, /, **having: Any) -> AnyFiled:
    """The same. Raises Refused NOT_FOUND, telling `name`."""
    found = filed_one(reader, kind, **having)
    if found is None:
        raise Refused("NOT_FOUND", name=name)
    return found
