"""Serves the files of the allow-list, and nothing else of this machine."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from access_broker.console.files import FILES
from access_broker.console.routing import Page
from access_broker.domain.decisions import Refused

router = APIRouter(prefix="/static", route_class=Page, include_in_schema=False)


@router.get("/{name}")
def static(name: str) -> Response:
    """One file of the list. Needs nobody signed in: the page that says so uses them, too."""
    path, media_type = FILES.get(name, (None, ""))
    if path is None or not path.is_file():
        raise Refused("NOT_FOUND", name=name)
    return FileResponse(path, media_type=media_type, headers={"Cache-Control": "public, max-age=31536000"})
