from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door
from access_broker.gateway.calls import Call, peer_address

from .fake_service import FakeService


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:127.0.0.1:54321", "127.0.0.1"),
        ("ipv4:10.1.2.3:1", "10.1.2.3"),
        ("ipv6:%5B::1%5D:54321", "::1"),
        ("ipv6:[2001:db8::7]:9", "2001:db8::7"),
        ("ipv6:%5Bfe80::1%25eth0%5D:9", "fe80::1"),
        ("ipv6:%5B::ffff:10.1.2.3%5D:9", "10.1.2.3"),
        ("unix:/run/door.sock", ""),
        ("unix:127.0.0.1:5", ""),
        ("ipv4:nonsense:1", ""),
        ("", ""),
    ],
)
def test_the_address_in_a_peer(peer: str, address: str) -> None:
    assert peer_address(peer) == address


@pytest.mark.parametrize(
    ("peer", "door"),
    [
        ("127.0.0.1", Door.LOCAL),
        ("127.8.8.8", Door.LOCAL),
        ("::1", Door.LOCAL),
        ("10.0.0.1", Door.SANDBOX),
        ("", Door.SANDBOX),
    ],
)
def test_only_loopback_is_the_local_door(peer: str, door: Door) -> None:
    service = FakeService()
    Call(service, {"authorization": ["Bearer sara"]}, peer).check_login()
    assert service.peers == [(peer, door)]


@pytest.mark.parametrize(
    "headers",
    [{"authorization": ["Bearer sara"]}, {"Authorization": ["bearer  sara "]}, {"authorization": ["Bearer sara"] * 2}],
)
def test_a_token_is_found(headers: dict[str, list[str]]) -> None:
    assert Call(FakeService(), headers, "::1").owner == ("sara", "C1")


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ["Basic c2FyYTpz"]}, {"authorization": ["Bearer "]}, {"authorization": ["sara"]}]
)
def test_anything_else_is_no_token(headers: dict[str, list[str]]) -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:NO_TOKEN\]"):
        Call(FakeService(), headers, "::1").check_login()


def test_two_tokens_in_one_request_are_not_a_choice_of_ours() -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:TOKEN_NOT_VALID\]"):
        Call(FakeService(), {"authorization": ["Bearer sara", "Bearer omid"]}, "::1").check_login()


def test_a_request_logs_in_once() -> None:
    service = FakeService()
    call = Call(service, {"authorization": ["Bearer sara"]}, "::1")
    assert (call.owner, call.owner, call.login.person) == (("sara", "C1"), ("sara", "C1"), "sara")
    assert len(service.peers) == 1


@pytest.mark.parametrize(
    ("accept", "person", "language"),
    [
        (None, None, "en"),
        (None, "sara", "en"),
        (None, "fatemeh", "fa"),
        ("en", "fatemeh", "en"),
        ("fa", "sara", "fa"),
        ("fa-IR,fa;q=0.9,en;q=0.8", "sara", "fa"),
        ("de, en;q=0.4, fa;q=0.5", "sara", "fa"),
        ("de", "fatemeh", "fa"),
        ("en;q=0, fa;q=x", "fatemeh", "fa"),
        (";;,,=q", None, "en"),
    ],
)
def test_the_language_of_the_sentences(accept: str | None, person: str | None, language: str) -> None:
    headers = {"authorization": [f"Bearer {person}"]}
    if accept is not None:
        headers["accept-language"] = [accept]
    call = Call(FakeService(), headers, "::1")
    if person:
        call.check_login()
    assert call.language == language
