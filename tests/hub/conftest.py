"""Fixtures of the hub's tests."""

from tests.support.docker import engine

__all__ = ["engine"]
