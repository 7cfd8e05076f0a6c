"""The chapter inside a sandbox: sign in, spawn, run code in its kernel, try to get out."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from access_broker.walkthrough import outside
from access_broker.walkthrough.notebook import Kernel, Visitor
from access_broker.walkthrough.telling import Differs, NotRun, one_of, same
from access_broker.walkthrough.world import CONTRACT, GROUPED, PERSONAL

if TYPE_CHECKING:
    from access_broker.walkthrough.story import Walk

_OFF = "sandboxes are off"
_GROUPED_CODE = f"""
import amanat, json, pandas
connection = amanat.connect()
print(json.dumps(pandas.read_sql({GROUPED!r}, connection).values.tolist()))
"""
_PERSONAL_CODE = f"""
try:
    pandas.read_sql({PERSONAL!r}, connection)
    print("released")
except Exception as error:
    print(str(error)[:300])
"""


def chapter(told: Walk) -> None:
    """Sign-in works everywhere; the rest needs a machine that can carry sandboxes."""
    step = told.story.step
    step("the executor signs in at the hub", "the page of her contracts", lambda: _sign_in(told))
    step("the executor starts a sandbox", "ready", lambda: _spawn(told))
    step("a grouped query from the notebook", "the same groups", lambda: _grouped(told))
    step("a personal field from the notebook", "refused with its rule", lambda: _personal(told))
    step("the notebook calls a host outside", "no way, though an unguarded container gets there", lambda: _out(told))
    step("the notebook calls this machine's own doors", "no way", lambda: _host(told))
    step("the sandbox's token used elsewhere", "WRONG_DOOR", lambda: _stolen(told))
    step("a download past the guard", "refused, with a line in the audit", lambda: _download(told))
    step("someone else's sandbox", "refused", lambda: _neighbour(told))


def kernel_of(told: Walk) -> Kernel:
    kernel = told.facts.get("kernel")
    if not isinstance(kernel, Kernel):
        raise NotRun(f"no kernel: {told.facts.get('why', 'the sandbox did not start')}")
    return kernel


def _visitor(told: Walk) -> Visitor:
    visitor = told.facts.get("visitor")
    if not isinstance(visitor, Visitor):
        raise NotRun("nobody is signed in at the hub")
    return visitor


def _sign_in(told: Walk) -> str:
    if not told.system.addresses["hub"]:
        raise NotRun("there is no hub on this machine; what is missing stands in the output of `amanat doctor`")
    visitor = Visitor(told.system.addresses["hub"])
    page = visitor.sign_in("roya", told.password)
    if CONTRACT not in page.text:
        raise Differs("her contract is not on the page")
    told.facts["visitor"] = visitor
    return "the page of her contracts"


def _spawn(told: Walk) -> str:
    visitor, began = _visitor(told), time.monotonic()
    answer = visitor.start(CONTRACT)
    if _OFF in told.system.said:
        told.facts["why"] = "this machine carries no sandboxes; `amanat doctor` says what is missing"
        if "SPAWN_NOT_AVAILABLE" not in answer.text:
            raise Differs(f"{answer.status_code} without its code")
        raise NotRun(told.facts["why"])
    if answer.status_code not in (201, 202):
        raise Differs(f"{answer.status_code} {answer.text[:300]}")
    visitor.await_sandbox(CONTRACT)
    told.story.took = (time.monotonic() - began) * 1000
    kernel = visitor.kernel(CONTRACT)
    told.kept.enter_context(kernel.socket)
    told.facts["kernel"] = kernel
    return "ready"


def _grouped(told: Walk) -> str:
    rows = json.loads(kernel_of(told).run(_GROUPED_CODE).splitlines()[-1])
    same([tuple(row) for row in rows], told.facts["grouped"])
    return f"{len(rows)} groups, the same as at the data door"


def _personal(told: Walk) -> str:
    said = kernel_of(told).run(_PERSONAL_CODE)
    if "[AMANAT:" not in said or "S3-P5" not in said:
        raise Differs(said)
    return said[said.index("[AMANAT:") :][:60]


def _out(told: Walk) -> str:
    kernel = kernel_of(told)
    kernel.run(outside.PROBE)
    image = os.environ.get("AMANAT_SANDBOX_IMAGE") or "amanat-sandbox:latest"
    with outside.listener() as (host, port):
        control = outside.unguarded(image, host, port)
        same(control, "reached outside", "the positive control")
        same(kernel.run(f"print(probe({host!r}, {port}))"), "no way")
    return "no way; the unguarded container got there"


def _host(told: Walk) -> str:
    kernel, flight = kernel_of(told), int(told.system.addresses["flight_sql"].rpartition(":")[2])
    gateway = kernel.run("import socket; print(socket.gethostbyname('gateway'))")
    doors = [(gateway, flight + n) for n in (1, 2, 3, 4, 5, 6)] + [(gateway, 22), (outside.NEAR, flight + 1)]
    code = f"print([d for d in {doors!r} if probe(*d) != 'no way'])"
    same(kernel.run(code), "[]")
    return "no way"


def _stolen(told: Walk) -> str:
    token = kernel_of(told).run("import os; print(os.environ['AMANAT_TOKEN'])")
    return one_of(told.system.refusal(token, GROUPED), "WRONG_DOOR")


def _download(told: Walk) -> str:
    kernel_of(told)
    visitor = _visitor(told)
    for path in ("files/tutorial.ipynb", "nbconvert/html/tutorial.ipynb", "api/terminals"):
        answer = visitor.get(f"/user/roya/{CONTRACT}/{path}")
        if answer.status_code not in (403, 404):
            raise Differs(f"{path}: {answer.status_code}")
    time.sleep(1.5)
    found = told.system.done(told.token("auditor"), "GET", "/audit?kind=guard.refused&limit=1000")
    if not any("/files/" in json.dumps(line) for line in found):
        raise Differs("no line in the audit")
    return "refused, with a line in the audit"


def _neighbour(told: Walk) -> str:
    kernel_of(told)
    other = Visitor(told.system.addresses["hub"])
    other.sign_in("davood", told.password)
    answer = other.get(f"/user/roya/{CONTRACT}/api/status")
    if answer.status_code < 400:
        raise Differs(f"answered {answer.status_code}")
    return f"refused ({answer.status_code})"
