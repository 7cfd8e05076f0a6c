"""Rego evaluated by an OPA server, asked over one kept-alive connection per concurrent caller."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opa_client.opa import OpaClient

from access_broker.adapters.policy.document import checked, checked_entrypoint, unavailable

_IDLE = 16


class OpaPolicy:
    """A PolicyEngine. Safe to call from many threads; no call is retried, and a late answer is no answer.

    Connections are borrowed, not tied to threads: gRPC's threads are new to Python on every call, and a connection
    that belonged to one would be opened anew for each decision.
    """

    name = "opa"

    def __init__(self, host: str, port: int, timeout: float = 0.4) -> None:
        """`timeout`: seconds to connect, and again seconds to wait for the answer."""
        self._host, self._port, self._timeout = host, port, timeout
        self._idle: deque[Any] = deque()

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        """The decision document of `entrypoint`. Raises Unavailable("POLICY_UNAVAILABLE")."""
        package = checked_entrypoint(entrypoint)
        try:
            with self._client() as client:
                answer = client.query_rule(input_data=facts, package_path=package, rule_name="decision")
        except Exception as error:
            raise unavailable(f"{type(error).__name__}: {error}") from error
        return checked(answer.get("result") if isinstance(answer, dict) else None)

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back broken, or with the process."""
        while self._idle:
            self._idle.pop().close_connection()

    def __enter__(self) -> OpaPolicy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """A connection that nobody else uses. One that failed is not used again."""
        try:
            client = self._idle.pop()
        except IndexError:
            client = self._connect()
        try:
            yield client
        except BaseException:
            client.close_connection()
            raise
        if len(self._idle) < _IDLE:
            self._idle.append(client)
        else:
            client.close_connection()

    def _connect(self) -> Any:
        client = OpaClient(host=self._host, port=self._port, retries=0, timeout=self._timeout)
        client._session.trust_env = False  # a proxy of the environment must not get to see the facts, or answer for OPA
        return client
