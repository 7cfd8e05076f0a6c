"""An explanation as a person reads it: what would happen, why, and what may be asked instead."""

from __future__ import annotations

import json
from typing import Any

from access_broker.adapters.sentences import next_step, translate, what
from access_broker.domain.contracts import AnswerMode

_MUST = {
    "min_entities": "cli.explain.min_entities",
    "noisy_entities": "cli.explain.noisy_entities",
    "max_rows": "cli.explain.max_rows",
    "answer_mode": "cli.explain.answer_mode",
    "daily_queries": "cli.explain.daily_queries",
    "differencing": "cli.explain.differencing",
    "dominance": "cli.explain.dominance",
    "p_percent": "cli.explain.p_percent",
    "epsilon": "cli.explain.epsilon",
}


def explained(found: dict[str, Any], language: str) -> str:
    """`found` is what the door's `amanat.explain` gives; every line that follows from a code is in `language`."""
    refused = found["verdict"] != "allow"
    head = f"{found['verdict']} [AMANAT:{found['code']}]" if refused else found["verdict"]
    lines = [head + (f" ({found['rule']})" if found.get("rule") else "")]
    if refused:
        code, detail = str(found["code"]), found.get("detail") or {}
        lines.append(f"  {translate('cli.explain.why', language)} {what(code, detail, language)}")
        lines.append(f"  {translate('cli.explain.instead', language)} {next_step(code, detail, language)}")
    lines += [f"  {u['verdict']:7} {u['table']}.{u['column']}  {u['use']}" for u in found["uses"]]
    musts = dict.fromkeys(_must(obligation, language) for obligation in _in_words(found["obligations"]))
    return "\n".join([*lines, *(f"  {text}" for text in musts)])


def _in_words(obligations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With noise, k is about which groups show, and no figure is NULL."""
    if not any(o.get("kind") == "epsilon" for o in obligations):
        return obligations
    return [o | {"kind": "noisy_entities"} if o.get("kind") == "min_entities" else o for o in obligations]


def _must(obligation: dict[str, Any], language: str) -> str:
    """One obligation as a sentence; one that has no sentence is shown as it is rather than left out."""
    msgid = _MUST.get(str(obligation.get("kind")))
    if msgid is None:
        return json.dumps(obligation, ensure_ascii=False)
    detail = {name: value for name, value in obligation.items() if name not in ("kind", "source")}
    if obligation["kind"] == "answer_mode" and detail.get("mode") in tuple(AnswerMode):
        detail["mode"] = AnswerMode(detail["mode"])
    for share in {"share", "p"} & detail.keys():
        detail[share] = round(100 * detail[share])
    return translate(msgid, language, **detail)
