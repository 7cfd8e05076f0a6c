"""Secrets of a container are struck out of what is kept about it, wherever Docker repeats them."""

import json
from types import SimpleNamespace
from typing import cast

import pytest

from hub.engine import Engine
from hub.snapshot import REMOVED, last_words, without_secrets

SECRET = 'a"secret\\that-is-long'


@pytest.mark.parametrize("name", ["AMANAT_TOKEN", "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "MY_PASSWORD", "SIGN_KEY"])
def test_the_value_of_a_secret_variable_is_gone_everywhere(name: str) -> None:
    inspected = {
        "Config": {"Env": [f"{name}={SECRET}", "LANG=C"], "Cmd": ["run", f"--with={SECRET}"]},
        "Args": [SECRET],
    }
    cleaned = without_secrets(inspected)
    assert SECRET not in json.dumps(cleaned)
    assert json.dumps(SECRET)[1:-1] not in json.dumps(cleaned)
    assert cleaned["Config"] == {"Env": [f"{name}={REMOVED}", "LANG=C"], "Cmd": ["run", f"--with={REMOVED}"]}


def test_a_short_secret_does_not_strike_out_other_words() -> None:
    cleaned = without_secrets({"Config": {"Env": ["AMANAT_TOKEN=a"]}, "Name": "amanat"})
    assert cleaned == {"Config": {"Env": [f"AMANAT_TOKEN={REMOVED}"]}, "Name": "amanat"}


@pytest.mark.parametrize("inspected", [{}, {"Config": None}, {"Config": {"Env": None}}, {"Config": {"Env": ["ODD"]}}])
def test_a_container_without_variables_is_told_as_it_is(inspected: dict[str, object]) -> None:
    assert without_secrets(inspected).keys() == inspected.keys()


def test_last_words_are_few_short_printable_and_without_secrets() -> None:
    said = [f"line {n}" for n in range(40)] + [f"token {SECRET}", "red \x1b[31m \u202e", "x" * 1000]
    engine = cast(Engine, SimpleNamespace(log=lambda _, lines: "\n".join(said[-lines:]).encode() + b"\n\xff"))
    words = last_words(engine, "s", {"Config": {"Env": [f"AMANAT_TOKEN={SECRET}"]}})
    assert words[0] == "line 23"
    assert words[-4:] == [f"token {REMOVED}", "red ?[31m ?", "x" * 300, "\ufffd"]
