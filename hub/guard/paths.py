"""The addresses that lead anywhere, as tables. Whatever no line names is refused.

`{person}`, `{contract}`: an id. `{id}`: a kernel's or Lab session's UUID. `{name}`: one segment of safe characters.
`{rest}`: nothing, or a slash and any number of segments. Lines are read against the decoded path (`target.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from hub.guard.refusal import METHOD_NOT_OFFERED, NOT_OFFERED, TurnedAway

_KB, _MB = 1024, 1024 * 1024
_PARTS = {
    "{person}": "(?P<person>[A-Za-z0-9][A-Za-z0-9_-]{0,99})",
    "{contract}": "(?P<contract>[A-Za-z0-9][A-Za-z0-9_-]{0,99})",
    "{id}": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "{name}": "[A-Za-z0-9_][A-Za-z0-9_.@~-]{0,99}",
    "{status}": "[0-9]{3}",
    "{rest}": "(?:/.*)?",
}


class Area(Enum):
    """Whose answer it is, and so what it may carry: a sandbox's is made where the executor's code runs."""

    HUB = "hub"
    CONSOLE = "console"
    SANDBOX = "sandbox"


@dataclass(frozen=True)
class Way:
    """What may be done at the addresses of one line of a table. `body`: the longest request body, bytes. `free`: not
    counted as output, because the executor's code cannot change it. `patient`: the answer may pause for long.
    `page`: a document to be shown; in a sandbox everything else, opened as one, runs no script. `admits`: the answer
    says who may enter a sandbox (`passes.py`)."""

    methods: frozenset[str]
    pattern: re.Pattern[str]
    area: Area
    body: int = 0
    websocket: bool = False
    free: bool = False
    patient: bool = False
    page: bool = False
    admits: bool = False


@dataclass(frozen=True)
class Place:
    """Where a request leads: the line that admits it, and whose sandbox it is about ("" when about none)."""

    way: Way
    person: str
    contract: str


def way(methods: str, path: str, area: Area, body: int = 64 * _KB, **more: bool) -> Way:
    """One line of a table. GET brings HEAD with it; a body is allowed only where a method can have one."""
    pattern = re.sub(
        r"\{[a-z]+\}", lambda part: _PARTS[part[0]], re.escape(path).replace(r"\{", "{").replace(r"\}", "}")
    )
    allowed = frozenset(methods.split()) | ({"HEAD"} if "GET" in methods and not more.get("websocket") else set())
    longest = body if allowed - {"GET", "HEAD"} else 0
    return Way(allowed, re.compile(pattern, re.ASCII | re.DOTALL), area, longest, **more)


_SANDBOX = "/user/{person}/{contract}"

_HUB_WAYS = (
    way("GET", "/", Area.HUB),
    way("GET", "/hub", Area.HUB),
    way("GET", "/hub/", Area.HUB),
    way("GET", "/hub/home", Area.HUB),
    way("GET POST", "/hub/login", Area.HUB),
    way("GET", "/hub/logout", Area.HUB),
    way("GET POST", "/hub/spawn/{person}/{contract}", Area.HUB),
    way("GET", "/hub/spawn-pending/{person}/{contract}", Area.HUB),
    way("GET", "/hub/error/{status}", Area.HUB),
    way("GET", "/hub/static{rest}", Area.HUB),
    way("GET", "/hub/logo", Area.HUB),
    way("POST", "/hub/security/csp-report", Area.HUB, body=16 * _KB),
    # Where the proxy leads whoever opens a sandbox that does not run.
    way("GET", "/hub/user/{person}/{contract}{rest}", Area.HUB),
    way("GET", "/hub/api/oauth2/authorize", Area.HUB, admits=True),
    way("POST DELETE", "/hub/api/users/{person}/servers/{contract}", Area.HUB),
    way("GET", "/hub/api/users/{person}/servers/{contract}/progress", Area.HUB, patient=True),
)

_CONSOLE_WAYS = (way("GET POST", "/services/console{rest}", Area.CONSOLE, body=2 * _MB, patient=True),)

# What JupyterLab 4.6 asks of its server, and no more: no files/, nbconvert/, terminals, lsp, view/, metrics, shutdown.
_SANDBOX_WAYS = (
    way("GET", f"{_SANDBOX}", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/lab", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/lab/", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/lab/tree{{rest}}", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/lab/workspaces/{{name}}{{rest}}", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/doc{{rest}}", Area.SANDBOX, page=True),
    way("GET", f"{_SANDBOX}/lab/extensions{{rest}}", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/lab/api/themes{{rest}}", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/lab/api/translations{{rest}}", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/lab/api/listings{{rest}}", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/lab/api/build", Area.SANDBOX),
    way("GET PUT", f"{_SANDBOX}/lab/api/settings{{rest}}", Area.SANDBOX, body=_MB),
    way("GET PUT POST DELETE", f"{_SANDBOX}/lab/api/workspaces{{rest}}", Area.SANDBOX, body=_MB),
    way("GET", f"{_SANDBOX}/static{{rest}}", Area.SANDBOX, free=True),
    way("GET", f"{_SANDBOX}/oauth_callback", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/logout", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/api", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/api/me", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/api/status", Area.SANDBOX),
    way("GET PATCH PUT", f"{_SANDBOX}/api/config/{{name}}", Area.SANDBOX),
    way("GET PUT POST PATCH DELETE", f"{_SANDBOX}/api/contents{{rest}}", Area.SANDBOX, body=16 * _MB),
    way("GET", f"{_SANDBOX}/api/kernelspecs", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/api/kernelspecs/{{name}}", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/kernelspecs/{{name}}/{{name}}", Area.SANDBOX),
    way("GET POST", f"{_SANDBOX}/api/kernels", Area.SANDBOX),
    way("GET DELETE", f"{_SANDBOX}/api/kernels/{{id}}", Area.SANDBOX),
    way("POST", f"{_SANDBOX}/api/kernels/{{id}}/interrupt", Area.SANDBOX),
    way("POST", f"{_SANDBOX}/api/kernels/{{id}}/restart", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/api/kernels/{{id}}/channels", Area.SANDBOX, websocket=True),
    way("GET POST", f"{_SANDBOX}/api/sessions", Area.SANDBOX),
    way("GET PATCH DELETE", f"{_SANDBOX}/api/sessions/{{id}}", Area.SANDBOX),
    way("GET", f"{_SANDBOX}/api/events/subscribe", Area.SANDBOX, websocket=True),
)

PUBLIC = _HUB_WAYS + _CONSOLE_WAYS + _SANDBOX_WAYS

# What a single-user server of JupyterHub 6.1 asks of the hub: which version, whose token, a login's code, still in use.
INNER = (
    way("GET", "/hub/api", Area.HUB),
    way("GET", "/hub/api/", Area.HUB),
    way("GET", "/hub/api/user", Area.HUB),
    way("POST", "/hub/api/oauth2/token", Area.HUB, body=16 * _KB),
    way("POST", "/hub/api/users/{person}/activity", Area.HUB, body=16 * _KB),
)


def place_of(ways: Iterable[Way], method: str, path: str) -> Place:
    """Where `method` on the decoded `path` leads by this table. Raises TurnedAway.

    A path of another method's line is answered with METHOD_NOT_OFFERED; nothing else tells an address that exists
    from one that does not.
    """
    known = False
    for line in ways:
        if found := line.pattern.fullmatch(path):
            if method in line.methods:
                groups = found.groupdict()
                return Place(line, groups.get("person") or "", groups.get("contract") or "")
            known = True
    raise TurnedAway(METHOD_NOT_OFFERED if known else NOT_OFFERED)
