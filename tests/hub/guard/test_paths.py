from __future__ import annotations

import pytest

from hub.guard.paths import INNER, PUBLIC, Area, place_of
from hub.guard.refusal import TurnedAway
from hub.guard.target import read_target

LAB = "/user/sara/health-1"
KERNEL = "0a1b2c3d-0000-4000-8000-0123456789ab"

OFFERED = f"""
GET /
HEAD /
GET /hub
GET /hub/
GET /hub/home
GET /hub/login
POST /hub/login
GET /hub/logout
GET /hub/logo
GET /hub/error/503
GET /hub/static/css/style.min.css
GET /hub/spawn/sara/health-1
POST /hub/spawn/sara/health-1
GET /hub/spawn-pending/sara/health-1
GET /hub{LAB}
GET /hub{LAB}/lab/tree/a.ipynb
GET /hub/api/oauth2/authorize
POST /hub/api/users/sara/servers/health-1
DELETE /hub/api/users/sara/servers/health-1
GET /hub/api/users/sara/servers/health-1/progress
POST /hub/security/csp-report
GET /services/console
GET /services/console/
POST /services/console/contracts/health-1/cut
GET {LAB}
GET {LAB}/
GET {LAB}/lab
GET {LAB}/lab/tree/سال%20۱۴۰۵/a.ipynb
GET {LAB}/lab/workspaces/auto-x/tree/a.ipynb
GET {LAB}/static/lab/main.0123.js
GET {LAB}/lab/extensions/@x/y/remoteEntry.0123.js
GET {LAB}/lab/api/themes/@jupyterlab/theme-light-extension/index.css
PUT {LAB}/lab/api/settings/@jupyterlab/apputils-extension:themes
PUT {LAB}/lab/api/workspaces/default
GET {LAB}/oauth_callback
GET {LAB}/api
GET {LAB}/api/me
GET {LAB}/api/contents
PUT {LAB}/api/contents/a.ipynb
POST {LAB}/api/contents/a.ipynb/checkpoints
DELETE {LAB}/api/contents/a.ipynb
GET {LAB}/api/kernelspecs
GET {LAB}/kernelspecs/python3/logo-64x64.png
POST {LAB}/api/kernels
DELETE {LAB}/api/kernels/{KERNEL}
POST {LAB}/api/kernels/{KERNEL}/interrupt
GET {LAB}/api/kernels/{KERNEL}/channels
PATCH {LAB}/api/sessions/{KERNEL}
GET {LAB}/api/events/subscribe
"""

REFUSED = f"""
GET /hub/admin
GET /hub/admin/
GET /hub/token
POST /hub/token
GET /hub/metrics
GET /hub/health
GET /hub/spawn
GET /hub/spawn/sara
GET /hub/spawn-pending/sara
GET /hub/accept-share
GET /hub/user-redirect/lab
GET /hub/api
GET /hub/api/
GET /hub/api/info
GET /hub/api/user
GET /hub/api/users
GET /hub/api/users/sara
PATCH /hub/api/users/sara
POST /hub/api/users/sara/tokens
GET /hub/api/users/sara/tokens
POST /hub/api/users/sara/server
POST /hub/api/users/sara/activity
POST /hub/api/users/sara/servers/
GET /hub/api/groups
GET /hub/api/services
GET /hub/api/proxy
POST /hub/api/shutdown
POST /hub/api/oauth2/token
POST /hub/api/oauth2/authorize
GET /hub/api/authorizations/token/x
POST /hub/api/shares/sara/health-1
GET /hub/api/metrics
GET /hub/apix
GET /hubs
GET /services
GET /services/
GET /services/warden
GET /services/warden/x
GET /services/consoles
GET /services/consolex/y
GET /api/v1/contracts
GET /api/routes
GET /openapi.json
GET /user
GET /user/sara
GET /user/sara/
GET /user/sara//lab
GET /user/sara:x/health-1/lab
GET {LAB}/tree
GET {LAB}/files/a.csv
GET {LAB}/files
GET {LAB}/view/a.html
GET {LAB}/nbconvert/html/a.ipynb
GET {LAB}/api/nbconvert
GET {LAB}/api/terminals
POST {LAB}/api/terminals
GET {LAB}/terminals/websocket/1
GET {LAB}/lsp/status
GET {LAB}/lsp/ws/pylsp
GET {LAB}/metrics
GET {LAB}/api/spec.yaml
POST {LAB}/api/shutdown
POST {LAB}/api/events
GET {LAB}/api/resolvePath
GET {LAB}/api/kernels/{KERNEL}/restart
GET {LAB}/api/kernels/x/channels
POST {LAB}/api/kernels/{KERNEL}/channels
GET {LAB}/lab/api/extensions
GET {LAB}/lab/api/news
GET {LAB}/proxy/8080/
GET {LAB}/proxy/absolute/8080/
GET {LAB}/custom/custom.css
GET {LAB}/kernelspecs/python3/x/y
GET {LAB}x/../files
PUT {LAB}/lab
OPTIONS {LAB}/api/contents
TRACE /hub/home
CONNECT /hub/home
PROPFIND /hub/home
get /hub/home
POST /
POST /hub/home
DELETE /hub/login
"""


@pytest.mark.parametrize("line", OFFERED.split("\n")[1:-1])
def test_what_the_pages_and_lab_need_is_offered(line: str) -> None:
    method, path = line.split(" ")
    place = place_of(PUBLIC, method, path)
    if path.startswith("/user/"):
        assert (place.way.area, place.person, place.contract) == (Area.SANDBOX, "sara", "health-1")
    else:
        assert place.way.area is (Area.CONSOLE if path.startswith("/services/") else Area.HUB)


@pytest.mark.parametrize("line", REFUSED.split("\n")[1:-1])
def test_everything_else_is_refused(line: str) -> None:
    with pytest.raises(TurnedAway) as turned:
        place_of(PUBLIC, *line.split(" "))
    assert turned.value.refusal.status in (404, 405)


@pytest.mark.parametrize("path", ["/hub/admin", "/hub/api/users", f"{LAB}/files/a.csv", "/services/warden"])
@pytest.mark.parametrize(
    "bend",
    [
        lambda path: path.replace("/", "//", 1),
        lambda path: "/hub/static/.." + path,
        lambda path: "/hub/static/%2e%2e" + path,
        lambda path: "/hub/static/..%2f" + path,
        lambda path: "/hub/home;" + path,
        lambda path: "/hub/home%3B" + path,
        lambda path: "/hub/static\\..\\.." + path,
        lambda path: path.replace("a", "%61", 1),
        lambda path: path + "%00",
        lambda path: path + "%20",
        lambda path: path.upper(),
        lambda path: "http://127.0.0.1" + path,
    ],
)
def test_no_spelling_of_a_refused_address_passes(path: str, bend: object) -> None:
    assert callable(bend)
    with pytest.raises(TurnedAway):
        place_of(PUBLIC, "GET", read_target(bend(path)).path)


def test_two_segments_that_look_like_a_sandbox_of_the_hub_are_not_one() -> None:
    assert place_of(PUBLIC, "GET", "/hub/user/sara/health-1/files/a.csv").way.area is Area.HUB
    with pytest.raises(TurnedAway):
        place_of(PUBLIC, "PUT", "/hub/user/sara/health-1/api/contents/a.ipynb")


@pytest.mark.parametrize("line", ["GET /hub/api", "GET /hub/api/user", "POST /hub/api/oauth2/token"])
def test_single_user_servers_may_ask(line: str) -> None:
    assert place_of(INNER, *line.split(" ")).way.area is Area.HUB


@pytest.mark.parametrize(
    "line",
    [
        "GET /hub/login",
        "GET /hub/api/users",
        "POST /hub/api/users/sara/tokens",
        "GET /hub/api/info",
        "POST /hub/api/user",
    ],
)
def test_single_user_servers_may_ask_nothing_else(line: str) -> None:
    with pytest.raises(TurnedAway):
        place_of(INNER, *line.split(" "))
