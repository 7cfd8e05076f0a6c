"""Addresses of sandboxes: every slot has a network of its own, and nothing outside the pool is one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from access_broker.domain.sandboxes import SLOTS, Place, free_slot, place_in, place_of, pool_of

POOL = pool_of("198.18.16.0/20")


@pytest.mark.parametrize(
    ("slot", "place"),
    [
        (1, Place("198.18.16.8/29", "198.18.16.9", "198.18.16.10")),
        (32, Place("198.18.17.0/29", "198.18.17.1", "198.18.17.2")),
        (511, Place("198.18.31.248/29", "198.18.31.249", "198.18.31.250")),
    ],
)
def test_where_a_slot_lies(slot: int, place: Place) -> None:
    assert place_in(POOL, slot) == place
    assert place_of(place.address) == place


def test_no_two_slots_share_anything_and_the_systems_own_is_left_free() -> None:
    places = [place_in(POOL, slot) for slot in range(1, SLOTS + 1)]
    networks = [IPv4Network(place.subnet) for place in places]
    assert len(set(networks)) == SLOTS
    assert all(network.subnet_of(POOL) for network in networks)
    assert not any(POOL[1] in network for network in networks)
    assert all(
        IPv4Address(p.address) in n and IPv4Address(p.gateway) in n for p, n in zip(places, networks, strict=True)
    )


@pytest.mark.parametrize("slot", [-1, 0, 512])
def test_a_slot_that_is_none(slot: int) -> None:
    with pytest.raises(ValueError, match="no slot"):
        place_in(POOL, slot)


@pytest.mark.parametrize(
    "text", ["", "198.18.0.0/15", "198.18.16.0/24", "198.18.17.0/20", "10.0.0.0/20", "198.20.0.0/20", "::/20", "pool"]
)
def test_a_pool_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        pool_of(text)


def test_a_free_slot_is_found_wherever_one_looks_from() -> None:
    assert {free_slot((), start) for start in range(SLOTS)} == set(range(1, SLOTS + 1))
    all_but_one = set(range(1, SLOTS + 1)) - {77}
    assert {free_slot(all_but_one, start) for start in (0, 76, 77, 510, 65_535)} == {77}
    assert free_slot(range(1, SLOTS + 1), 5) is None
