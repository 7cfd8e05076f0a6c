"""The package `amanat` of the image, here without a container: against a live gateway and with its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pandas
import polars
import pytest

from tests.support.system import System, loaded

pytestmark = pytest.mark.usefixtures("amanat_package")
GROUPED = "SELECT gender, count(*) AS n FROM citizens GROUP BY gender ORDER BY gender"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with loaded(tmp_path_factory.mktemp("package") / "state") as started:
        yield started


@pytest.fixture
def amanat(system: System, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package with the environment that a spawner sets."""
    monkeypatch.setenv("AMANAT_FLIGHT_SQL", system.addresses["flight_sql"])
    monkeypatch.setenv("AMANAT_TOKEN", system.token("analyst", "P1"))
    monkeypatch.setenv("AMANAT_LANGUAGE", "en")
    import amanat

    return amanat


def test_pandas_and_polars_read_through_it(amanat: Any) -> None:
    with amanat.connect() as connection:
        rows = pandas.read_sql(GROUPED, connection).to_dict("records")
        assert rows == [{"gender": "F", "n": 2524}, {"gender": "M", "n": 2508}]
        assert polars.read_database(GROUPED, connection).rows() == [("F", 2524), ("M", 2508)]


def test_the_catalogue_says_what_may_be_asked_and_how(amanat: Any) -> None:
    found = amanat.catalogue()
    assert list(found.columns) == ["table", "column", "type", "use"]
    uses = {(row.table, row.column): row.use for row in found.itertuples()}
    assert uses["sample.citizens", "gender"] == "dimension"
    assert uses["sample.citizens", "income"] == "aggregate"
    assert ("sample.citizens", "full_name") not in uses
    assert set(found["use"]) <= {"raw", "dimension", "aggregate", "join", "mask"}


def test_explain_tells_without_running(amanat: Any) -> None:
    allowed, refused = amanat.explain(GROUPED), amanat.explain("SELECT income FROM citizens")
    assert (allowed.verdict, str(allowed)) == ("allow", "allow")
    assert (refused.verdict, refused.code, refused.rule) == ("refuse", "AGGREGATE_ONLY", "S3-P5")
    assert ("sample.citizens", "income") in {(u.table, u.column) for u in refused.uses.itertuples()}
    assert "AGGREGATE_ONLY" in refused._repr_html_()
    assert any(o["kind"] == "min_entities" for o in allowed.obligations)


@pytest.mark.parametrize(("language", "word"), [("en", "column"), ("fa", "ستون")])
def test_a_refusal_is_found_in_whatever_a_library_raised(
    amanat: Any, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setenv("AMANAT_LANGUAGE", language)
    with amanat.connect() as connection, ExitStack() as left_open:  # when it raises, a library leaves its cursor open
        cursor = connection.cursor
        monkeypatch.setattr(connection, "cursor", lambda *given: left_open.enter_context(cursor(*given)))
        for ask in (pandas.read_sql, polars.read_database, lambda sql, to: to.cursor().execute(sql)):
            with pytest.raises(Exception, match="AGGREGATE_ONLY") as raised:
                ask("SELECT income FROM citizens", connection)
            text = amanat.sentence(raised.value)
            assert text.lstrip("\u2068").startswith("[AMANAT:AGGREGATE_ONLY]")
            assert word in text
            for wrapping in ("Detail", "FlightSQL", "PermissionDenied", "SELECT income"):
                assert wrapping not in text


def test_a_dead_token_is_refused_in_words(amanat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMANAT_TOKEN", "amt_" + "0" * 40)
    with pytest.raises(amanat.Refused, match=r"^\[AMANAT:TOKEN_NOT_VALID\] ") as raised:
        amanat.explain(GROUPED)
    assert "client debug" not in str(raised.value)


def test_outside_a_sandbox_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMANAT_TOKEN", raising=False)
    import amanat

    with pytest.raises(amanat.Refused, match="inside a sandbox only"):
        amanat.connect()


def test_other_errors_are_no_refusals() -> None:
    from amanat.refusals import sentence

    assert sentence(ValueError("nothing of ours")) == ""


class FakeShell:
    """As much of IPython's shell as the manners use."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.handler: Any = None
        self.InteractiveTB = self

    def register_magic_function(self, function: Any, magic_kind: str, magic_name: str) -> None:
        assert (magic_kind, magic_name) == ("line_cell", "sql")

    def set_custom_exc(self, kinds: tuple[type, ...], handler: Any) -> None:
        self.handler = handler

    def structured_traceback(self, *_: object, **__: object) -> list[str]:
        return ["Traceback", "as usual"]

    def _showtraceback(self, kind: object, value: object, lines: list[str]) -> None:
        self.shown = lines


def test_a_notebook_shows_a_refusal_as_one_sentence() -> None:
    from amanat import Refused, magic

    shell = FakeShell()
    magic.load_ipython_extension(shell)
    error = RuntimeError(
        "Execution failed: UNAUTHORIZED: [FlightSQL] [AMANAT:BELOW_K] (S3-P5) Too few. Ask wider.. Detail: x"
    )
    shell.handler(shell, RuntimeError, error, None)
    assert shell.shown == ["[AMANAT:BELOW_K] (S3-P5) Too few. Ask wider."]
    shell.handler(shell, Refused, Refused("Start a sandbox."), None)
    assert shell.shown == ["Start a sandbox."]
    shell.handler(shell, ValueError, ValueError("x"), None)
    assert shell.shown == ["Traceback", "as usual"]
