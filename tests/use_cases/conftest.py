"""Fixtures of several tests of use-cases."""

from __future__ import annotations

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from tests.use_cases.oversight_world import Oversight


@pytest.fixture
def suspended(policy: EmbeddedPolicy) -> Oversight:
    """A contract that one seat has just suspended."""
    world = Oversight(policy)
    world.act(Act.SUSPEND)
    return world
