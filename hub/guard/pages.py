"""How a refusal is shown: a small page in both languages for people, a problem document for programs."""

from __future__ import annotations

import json
from html import escape

from aiohttp import web

from hub.guard.refusal import Refusal

_PAGE = """<!doctype html>
<html lang="fa" dir="rtl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{code} · امانت</title>
<style>
body {{ font: 1.05rem/1.9 Vazirmatn, "Segoe UI", Tahoma, sans-serif; color: #1f2933; background: #f5f7fa; margin: 0 }}
main {{ max-width: 40rem; margin-block: 12vh; margin-inline: auto; padding: 2rem; background: #fff;
  border: 1px solid #d9e2ec; border-block-start: 4px solid #b44d12; border-radius: .5rem }}
section + section {{ margin-block-start: 1.25rem; padding-block-start: 1.25rem; border-block-start: 1px solid #e4e7eb }}
p {{ margin: 0 }}
a {{ color: #0b5394 }}
footer {{ margin-block-start: 1.5rem; color: #52606d; font-size: .85rem }}
code {{ font-family: ui-monospace, "DejaVu Sans Mono", monospace }}
</style>
</head>
<body>
<main>
<section lang="fa" dir="rtl"><p>{persian}</p><p><a href="/hub/home">صفحهٔ آغاز</a></p></section>
<section lang="en" dir="ltr"><p>{english}</p><p><a href="/hub/home">Start page</a></p></section>
<footer dir="ltr"><code>{code}</code>{rule}</footer>
</main>
</body>
</html>
"""
# The page above needs its own style and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def refusal_answer(refusal: Refusal, request: web.BaseRequest) -> web.Response:
    """The answer to a request that was turned away. Never stored by a cache."""
    headers = {"Cache-Control": "no-store"}
    if not _wants_page(request):
        text = json.dumps(_problem(refusal, request), ensure_ascii=False)
        return web.Response(
            text=text, status=refusal.status, content_type="application/problem+json", charset="utf-8", headers=headers
        )
    rule = f" · <code>{escape(refusal.rule)}</code>" if refusal.rule else ""
    text = _PAGE.format(
        code=escape(refusal.code), rule=rule, english=escape(refusal.english), persian=escape(refusal.persian)
    )
    headers["Content-Security-Policy"] = _POLICY
    return web.Response(text=text, status=refusal.status, content_type="text/html", charset="utf-8", headers=headers)


def _problem(refusal: Refusal, request: web.BaseRequest) -> dict[str, object]:
    language = request.headers.get("Accept-Language", "").strip().lower()[:2]
    detail = refusal.persian if language == "fa" else refusal.english
    # `message` is where JupyterLab looks for a sentence to show.
    return {
        "title": refusal.code,
        "status": refusal.status,
        "code": refusal.code,
        "rule": refusal.rule,
        "detail": detail,
        "message": detail,
    }


def _wants_page(request: web.BaseRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "").lower()
