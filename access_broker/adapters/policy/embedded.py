"""Rego evaluated in this process by regorus."""

from __future__ import annotations

import json
import weakref
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import regorus

from access_broker.adapters.policy.document import checked, checked_entrypoint, unavailable
from access_broker.adapters.policy.files import data_files, policy_dir, policy_files

_Sources = list[tuple[str, str]]
"""Path or package, and text: of a policy, or of the data of a package."""


@dataclass(frozen=True)
class _Question:
    rule: str
    facts: str
    answer: Future[str] = field(default_factory=Future)


_Questions = SimpleQueue[_Question | None]


class _Failed(Exception):  # noqa: N818 - what went wrong in the engine's thread, told in words only
    """An exception of the engine must not leave its thread: the frames it remembers hold the engine."""


class EmbeddedPolicy:
    """A PolicyEngine. Policies are read and parsed once; a file changed afterwards changes nothing until a restart.

    An engine may be touched, and even forgotten, only by the thread that made it, and callers come on threads that are
    not ours and do not last (gRPC's). So one thread of our own holds it. More would gain nothing: an evaluation holds
    Python's lock from beginning to end.
    """

    name = "embedded"

    def __init__(self, directory: Path | None = None, timeout: float = 2.0) -> None:
        """`timeout`: seconds a decision may take, waiting included. Raises ValueError when a policy does not parse."""
        policies = directory or policy_dir()
        sources = [(str(path), path.read_text("utf-8")) for path in policy_files(policies)]
        data = [(package, path.read_text("utf-8")) for package, path in data_files(policies).items()]
        self._timeout = timeout
        self._questions: _Questions = SimpleQueue()
        parsed: Future[None] = Future()
        self._thread = Thread(target=_serve, args=(sources, data, self._questions, parsed), name="policy", daemon=True)
        self._thread.start()
        self._end = weakref.finalize(self, self._questions.put, None)
        try:
            parsed.result()
        except _Failed as failed:
            raise ValueError(f"a policy does not parse: {unavailable(str(failed)).cause}") from None

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        """The decision document of `entrypoint`. Raises Unavailable("POLICY_UNAVAILABLE")."""
        rule = f"data.{checked_entrypoint(entrypoint)}.decision"
        try:
            document = json.loads(self._ask(rule, json.dumps(facts, allow_nan=False)))
        except Exception as error:
            raise unavailable(f"{type(error).__name__}: {error}") from error
        return checked(document)

    def close(self) -> None:
        """End the thread and the engine with it. A decision asked for later is unavailable."""
        self._end()
        self._thread.join()

    def __enter__(self) -> EmbeddedPolicy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, rule: str, facts: str) -> str:
        if not self._end.alive:
            raise _Failed("the evaluator was closed")
        question = _Question(rule, facts)
        self._questions.put(question)
        try:
            return question.answer.result(self._timeout)
        except TimeoutError:
            question.answer.cancel()  # nobody waits any more, so nobody need evaluate it
            raise


def _serve(sources: _Sources, data: _Sources, questions: _Questions, parsed: Future[None]) -> None:
    """The life of the engine: made, asked and dropped here. Answers until it is sent None."""
    try:
        engine = _parsed(sources, data)
    except BaseException as error:
        parsed.set_exception(_Failed(str(error)))
        return
    parsed.set_result(None)
    while (question := questions.get()) is not None:
        if not question.answer.set_running_or_notify_cancel():
            continue
        try:
            engine.set_input_json(question.facts)
            question.answer.set_result(engine.eval_rule_as_json(question.rule))
        except BaseException as error:  # a panic of the engine is no Exception, and must deny like any other failure
            question.answer.set_exception(_Failed(f"{type(error).__name__}: {error}"))
            engine = _parsed(sources, data)  # whatever state the old one is in


def _parsed(sources: _Sources, data: _Sources) -> Any:
    engine = regorus.Engine()
    for path, text in sources:
        engine.add_policy(path, text)
    for package, text in data:
        engine.add_data_json(json.dumps(_below(package.split("."), json.loads(text))))
    return engine


def _below(names: list[str], value: Any) -> Any:
    """`value` as the document of the package with these names."""
    for name in reversed(names):
        value = {name: value}
    return value
