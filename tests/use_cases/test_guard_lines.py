from __future__ import annotations

from access_broker.use_cases.guard_lines import LONGEST_PATH, LONGEST_WORD, RefusedRequest, record_refusals, shown
from tests.support.factories import make_records, position

ATTEMPT = RefusedRequest("GET", "/user/analyst/P1/files/x", 403, "PATH", "analyst", 3)


def test_a_line_for_each_with_the_guard_as_actor() -> None:
    records = make_records()
    start = position(records)
    with records.write() as writer:
        record_refusals(writer, [ATTEMPT, ATTEMPT])
    with records.read() as reader:
        events = [record.event for record in reader.audit(start)]
    assert [(e.kind, e.actor, e.subject, e.rule) for e in events] == [("guard.refused", "guard", "", "S3-P8")] * 2
    assert events[0].body == vars(ATTEMPT)


def test_what_cannot_be_seen_is_shown_as_such() -> None:
    assert shown("/a\u202eb\u200b\r\nc\td\ud800\0", 300) == "/a\ufffdb\ufffd\ufffd\ufffdc\ufffdd\ufffd\ufffd"
    assert shown("/فایل/سلام", 300) == "/فایل/سلام"


def test_a_line_has_an_end() -> None:
    long = RefusedRequest("M" * 5000, "/" + "p" * 5000, 400, "w" * 5000, "u" * 5000, 1)
    records = make_records()
    with records.write() as writer:
        record_refusals(writer, [long])
    with records.read() as reader:
        body = reader.audit(0, 10_000)[-1].event.body
    assert len(body["path"]) == LONGEST_PATH
    assert {len(body[name]) for name in ("method", "why", "user")} == {LONGEST_WORD}
    assert body["path"].endswith("…")
