"""Noise of OpenDP, whose sampling and accounting are proven and kept by others. Loaded when first needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

DELTA = 1e-9
"""The chance that a group of a single person shows, for each SELECT with groups. Added up over a contract it stays

far below one in its people, because epsilon ends first.
"""
_SLACK = 1 + 1e-6  # the accounting rounds up


class OpenDpNoise:
    """gate_ports.Noise with the discrete Laplace mechanism over whole numbers."""

    def groups(self, counts: Mapping[str, int], most: int, epsilon: float, least: int) -> dict[str, int]:
        """Noisy counts of people, of groups where they are large enough to be told. One person is in `most` groups."""
        dp = _opendp()
        space = (
            dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T="i64")),
            dp.l01inf_distance(dp.absolute_distance(T="i64")),
        )
        scale = most / epsilon
        threshold = max(least, math.ceil(1 + scale * math.log(most / DELTA)))
        mechanism = dp.m.make_laplace_threshold(*space, scale=scale, threshold=threshold)
        spent, delta = mechanism.map((most, most, 1))
        if spent > epsilon * _SLACK or delta > DELTA:
            raise ArithmeticError("noise that would spend more than was charged")
        released: dict[str, int] = mechanism(dict(counts)) if counts else {}
        return released

    def values(self, exact: Sequence[int], most: int, epsilon: float) -> list[int]:
        """Noisy totals. One person changes all of them together by at most `most`."""
        dp = _opendp()
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
        mechanism = dp.m.make_laplace(*space, scale=most / epsilon)
        if mechanism.map(most) > epsilon * _SLACK:
            raise ArithmeticError("noise that would spend more than was charged")
        return list(mechanism(list(exact)))


def _opendp() -> Any:
    import opendp.prelude as dp  # here: it takes a third of a second, and most gateways never need it

    dp.enable_features("contrib")
    return dp
