from __future__ import annotations

import pytest

from hub.settings import GuardSettings, HubSettings, SettingsFaulty, WardenSettings

SYSTEM = {
    "AMANAT_BROKER": "http://127.0.0.1:24701/api/v1",
    "AMANAT_STATE": "/somewhere",
    "AMANAT_PORT_BASE": "24700",
    "AMANAT_PUBLIC_URL": "http://127.0.0.1:24703",
    "AMANAT_SANDBOXES": "on",
    "AMANAT_TAG": "ab12",
    "AMANAT_POOL": "198.18.16.0/20",
    "AMANAT_SANDBOX_IMAGE": "amanat-sandbox:latest",
}
SECRETS = {
    "AMANAT_HUB_SECRET": "secret-hub",
    "AMANAT_CONSOLE_SECRET": "secret-console",
    "AMANAT_WARDEN_SECRET": "secret-warden",
    "AMANAT_GUARD_SECRET": "secret-guard",
    "CONFIGPROXY_AUTH_TOKEN": "secret-proxy",
}


def test_a_whole_environment_is_read() -> None:
    settings = HubSettings.from_environment(SYSTEM | SECRETS)
    sandboxes = settings.system.sandboxes
    assert sandboxes is not None
    assert (sandboxes.inner, sandboxes.bridges) == ("198.18.16.1", "amtab12")
    assert (settings.system.ports.hub, settings.system.ports.inner, settings.home_mb) == (24706, 24707, 512)


@pytest.mark.parametrize("part", [HubSettings, GuardSettings, WardenSettings])
def test_secrets_do_not_print(part: type[HubSettings | GuardSettings | WardenSettings]) -> None:
    assert "secret-" not in repr(part.from_environment(SYSTEM | SECRETS))


def test_everything_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(SettingsFaulty) as raised:
        HubSettings.from_environment({})
    for name in ("AMANAT_BROKER", "AMANAT_STATE", "AMANAT_HUB_SECRET", "CONFIGPROXY_AUTH_TOKEN", "AMANAT_SANDBOXES"):
        assert name in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AMANAT_TAG", "AB12"),
        ("AMANAT_TAG", "ab12+"),
        ("AMANAT_TAG", ""),
        ("AMANAT_POOL", "10.0.0.0/20"),
        ("AMANAT_POOL", "198.18.16.0/24"),
        ("AMANAT_POOL", "198.18.16.1/20"),
        ("AMANAT_POOL", ""),
        ("AMANAT_SANDBOX_IMAGE", ""),
        ("AMANAT_PORT_BASE", "70000"),
        ("AMANAT_PORT_BASE", "۲۴۷۰۰"),
        ("AMANAT_SANDBOXES", "maybe"),
        ("AMANAT_HOME_MB", "0"),
        ("AMANAT_HUB_SECRET", ""),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsFaulty, match=name):
        HubSettings.from_environment(SYSTEM | SECRETS | {name: value})


def test_without_sandboxes_nothing_of_theirs_is_asked_for() -> None:
    only = {name: value for name, value in SYSTEM.items() if name not in ("AMANAT_TAG", "AMANAT_POOL")}
    settings = HubSettings.from_environment(only | SECRETS | {"AMANAT_SANDBOXES": "off"})
    assert settings.system.sandboxes is None


def test_the_warden_reads_its_patience() -> None:
    settings = WardenSettings.from_environment(SYSTEM | SECRETS | {"AMANAT_BROKER_SILENCE": "7"})
    assert (settings.silence, settings.ready) == (7, None)
