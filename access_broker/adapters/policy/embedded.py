"""Rego evaluated in this process by regorus."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

import regorus

from access_broker.adapters.policy.document import checked, checked_entrypoint, unavailable
from access_broker.adapters.policy.files import policy_dir, policy_files


class EmbeddedPolicy:
    """A PolicyEngine. Policies are read and parsed once; a file changed afterwards changes nothing until a restart.

    An engine may only ever be touched by the thread that made it, and callers come on threads that are not ours and
    do not last (gRPC's). So one thread of our own holds the engine. More would gain nothing: an evaluation holds
    Python's lock from beginning to end.
    """

    name = "embedded"

    def __init__(self, directory: Path | None = None, timeout: float = 2.0) -> None:
        """`timeout`: seconds a decision may take, waiting included. Raises ValueError when a policy does not parse."""
        paths = policy_files(directory or policy_dir())
        self._sources = [(str(path), path.read_text("utf-8")) for path in paths]
        self._timeout = timeout
        self._own = local()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="policy")
        try:
            self._thread.submit(self._engine).result()
        except RuntimeError as error:
            self.close()
            raise ValueError(f"a policy does not parse: {unavailable(str(error)).cause}") from error

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        """The decision document of `entrypoint`. Raises Unavailable("POLICY_UNAVAILABLE")."""
        rule = f"data.{checked_entrypoint(entrypoint)}.decision"
        try:
            answer = self._thread.submit(self._evaluate, rule, facts).result(self._timeout)
            document = json.loads(answer)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the engine is no Exception, and must deny like any other failure
            raise unavailable(f"{type(error).__name__}: {error}") from error
        return checked(document)

    def close(self) -> None:
        """End the thread and the engine with it. A decision asked for later is unavailable."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> EmbeddedPolicy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _evaluate(self, rule: str, facts: dict[str, Any]) -> str:
        text = json.dumps(facts, allow_nan=False)
        engine = self._engine()
        try:
            engine.set_input_json(text)
            answer: str = engine.eval_rule_as_json(rule)
        except BaseException:
            del self._own.engine  # whatever state it is in, the next decision gets a fresh one
            raise
        return answer

    def _engine(self) -> Any:
        engine = getattr(self._own, "engine", None)
        if engine is None:
            engine = regorus.Engine()
            for path, text in self._sources:
                engine.add_policy(path, text)
            self._own.engine = engine
        return engine
