"""The whole story, as `amanat walkthrough` plays it: once on a machine with everything, once on one without Docker."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from access_broker.walkthrough.outside import HOST
from tests.support.docker import require_sandbox_image
from tests.support.system import AMANAT, ROOT

SECONDS = 580
IN_A_SANDBOX = {
    "the executor starts a sandbox",
    "a grouped query from the notebook",
    "a personal field from the notebook",
    "the notebook calls a host outside",
    "the notebook calls this machine's own doors",
    "the sandbox's token used elsewhere",
    "a download past the guard",
    "someone else's sandbox",
    "the kernel that was busy",
    "the sandbox",
}
AFTER_A_CUT = {"the executor's token", "a new token", "a new sandbox", "the published file", "acknowledgements"}


def play(environment: dict[str, str]) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit status and, by name, the steps. What was observed stands in every failure's message."""
    done = subprocess.run(
        [*AMANAT, "walkthrough", "--json"],
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=SECONDS,
        env=os.environ | environment,
    )
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert steps, done.stderr
    told = {step["step"]: step for step in steps}
    assert len(told) == len(steps)
    return done.returncode, told


def test_every_step_holds(tmp_path: Path) -> None:
    require_sandbox_image()
    status, steps = play({"TMPDIR": str(tmp_path)})
    assert [step for step in steps.values() if step["status"] != "held"] == []
    assert status == 0
    assert steps.keys() > IN_A_SANDBOX | AFTER_A_CUT
    assert list(tmp_path.iterdir()) == []
    assert HOST not in subprocess.run(["ip", "route"], capture_output=True, text=True).stdout


def test_without_docker_no_step_in_a_sandbox_is_said_to_hold(tmp_path: Path) -> None:
    status, steps = play({"TMPDIR": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"})
    assert {name for name, step in steps.items() if step["status"] == "not_run"} == IN_A_SANDBOX
    assert [step for step in steps.values() if step["status"] == "failed"] == []
    assert status == 1
    assert all(step["observed"] for step in steps.values())
    assert list(tmp_path.iterdir()) == []
