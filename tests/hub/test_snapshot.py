"""Secrets of a container are struck out of what is kept about it, wherever Docker repeats them."""

import json

import pytest

from hub.snapshot import REMOVED, without_secrets

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
