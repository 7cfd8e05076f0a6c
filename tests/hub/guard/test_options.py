from __future__ import annotations

from pathlib import Path

import pytest

from hub.guard.options import Options
from hub.settings import SettingsFaulty

GIVEN = {
    "AMANAT_BROKER": "http://127.0.0.1:24701/api/v1",
    "AMANAT_STATE": "/nowhere",
    "AMANAT_PORT_BASE": "24700",
    "AMANAT_PUBLIC_URL": "http://127.0.0.1:24703",
    "AMANAT_SANDBOXES": "off",
    "AMANAT_GUARD_SECRET": "s3cret",
}


def test_what_is_usual_when_nothing_is_said() -> None:
    options = Options.from_environment(GIVEN)
    assert (options.address, options.scheme, options.tls()) == ("127.0.0.1", "http", None)
    assert options.output_bytes == 20_000_000
    assert options.hosts == {"127.0.0.1", "localhost"}
    assert "s3cret" not in repr(options)


def test_behind_something_that_ends_tls_the_browser_still_speaks_https() -> None:
    options = Options.from_environment({**GIVEN, "AMANAT_PUBLIC_URL": "https://Amanat.example"})
    assert options.scheme == "https"
    assert "amanat.example" in options.hosts


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "99999"])
def test_a_wrong_budget_is_told(value: str) -> None:
    with pytest.raises(SettingsFaulty, match="AMANAT_OUTPUT_MB_PER_MINUTE"):
        Options.from_environment({**GIVEN, "AMANAT_OUTPUT_MB_PER_MINUTE": value})


def test_a_certificate_without_its_key_is_told() -> None:
    with pytest.raises(SettingsFaulty, match="belong together"):
        Options.from_environment({**GIVEN, "AMANAT_TLS_CERT": "/a.pem"})


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("nothing")
    for name in ("a.pem", "missing.pem"):
        file = str(tmp_path / name)
        options = Options.from_environment({**GIVEN, "AMANAT_TLS_CERT": file, "AMANAT_TLS_KEY": file})
        with pytest.raises(SettingsFaulty, match="cannot be used"):
            options.tls()
