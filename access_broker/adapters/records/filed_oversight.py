"""Oversight: violations, suspensions, signals, as tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

TABLES: dict[type[Any], Table] = {}
