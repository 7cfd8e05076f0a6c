from __future__ import annotations

import pytest

from hub.rules import is_reached, parse

OURS, OTHERS = "AMANAT-ab12-IN", "AMANAT-cd34-IN"


def test_rules_are_read_by_table_and_chain() -> None:
    nat = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"
    filtering = "*filter\n:INPUT ACCEPT [9:9]\n-A INPUT -i lo -j ACCEPT\n-A INPUT\nCOMMIT\n"
    assert parse(nat + filtering) == {("nat", "PREROUTING"): (), ("filter", "INPUT"): ("-i lo -j ACCEPT", "")}


@pytest.mark.parametrize(
    "before",
    [
        [],
        [f"-j {OTHERS}"],
        ["-s 10.0.0.0/8 -j DROP"],
        ["-p tcp -j REJECT --reject-with tcp-reset", '-j LOG --log-prefix "seen "'],
    ],
)
def test_a_chain_behind_what_only_refuses_is_reached(before: list[str]) -> None:
    assert is_reached([*before, f"-j {OURS}", "-j ACCEPT"], OURS)


@pytest.mark.parametrize(
    "before",
    [
        ["-j ACCEPT"],
        ["-i eth0 -j ACCEPT"],
        ["-j DOCKER"],
        ["-j RETURN"],
        ["-i amtab12+ -g OPEN"],
        [f"-i eth0 -j {OTHERS}"],
        [f"-p tcp -j {OURS}"],
        ["-j AMANAT-ab12-INX2"],
        ['-m comment --comment "-j DROP" -j ACCEPT'],
        ["-p tcp"],
    ],
)
def test_a_chain_behind_anything_else_is_not(before: list[str]) -> None:
    assert not is_reached([*before, f"-j {OURS}"], OURS)


def test_a_chain_nobody_jumps_to_is_not_reached() -> None:
    assert not is_reached([f"-p tcp -j {OURS}"], OURS)
