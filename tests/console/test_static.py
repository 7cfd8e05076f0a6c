"""Files are served from a list, under an address that changes with their content, and nothing else is."""

from __future__ import annotations

import re

import pytest

from access_broker.console.files import FILES, address_of
from tests.console.world import make_world


def test_our_own_files_are_served_to_everybody() -> None:
    browser = make_world().browser()
    answer = browser.get("/static/pages.css", follow=False)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"] or "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["nothing.css", "../files.py", "..%2ffiles.py", "%2e%2e/%2e%2e/pyproject.toml", "package.json"]
)
def test_nothing_else_is(name: str) -> None:
    answer = make_world().browser("analyst").get(f"/static/{name}", follow=False)

    assert answer.status_code == 404
    assert "import" not in answer.text


def test_an_address_tells_the_content() -> None:
    assert re.fullmatch(r"/services/console/static/pages\.css\?[0-9a-f]{12}", address_of("pages.css"))


def test_the_stylesheets_ask_for_nothing_that_is_not_on_the_list() -> None:
    text = "".join(FILES[name][0].read_text(encoding="utf-8") for name in ("frame.css", "pages.css"))

    assert set(re.findall(r'url\("([^"]+)"\)', text)) <= FILES.keys()
    assert not re.search(r"(?:margin|padding|border)-(?:left|right)|[^-](?:left|right):", text)
