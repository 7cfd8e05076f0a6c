from __future__ import annotations

import struct
import threading

import pyarrow as pa
import pytest

from access_broker.adapters.engine.channel import Channel, Hangup, Kind, socket_pair


@pytest.fixture
def ends():
    left, right = socket_pair()
    yield left, right
    left.close()
    right.close()


def test_a_frame_larger_than_the_socket_buffer_arrives_whole(ends):
    left, right = ends
    payload = pa.py_buffer(bytes(range(256)) * 40_000)
    sender = threading.Thread(target=Channel(left, 1 << 24).send, args=(Kind.BATCH, payload))
    sender.start()
    kind, received = Channel(right, 1 << 24).receive()
    sender.join()
    assert kind is Kind.BATCH
    assert received.equals(payload)


def test_an_empty_frame_arrives(ends):
    left, right = ends
    Channel(left, 16).send(Kind.END)
    assert Channel(right, 16).receive()[0] is Kind.END


@pytest.mark.parametrize("header", [struct.pack("<BI", Kind.BATCH, 17), struct.pack("<BI", 99, 0)])
def test_an_oversized_or_unknown_frame_is_the_end(ends, header):
    left, right = ends
    left.sendall(header)
    with pytest.raises(Hangup):
        Channel(right, 16).receive()


def test_the_end_of_the_stream_in_the_middle_of_a_frame_is_the_end(ends):
    left, right = ends
    left.sendall(struct.pack("<BI", Kind.BATCH, 10) + b"four")
    left.close()
    with pytest.raises(Hangup):
        Channel(right, 16).receive()


def test_a_waiting_reader_looks_up(ends):
    looks = []

    def look_up() -> None:
        looks.append(1)
        if len(looks) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Channel(ends[1], 16).receive(look_up)


def test_quiet_until_something_arrives_or_the_peer_goes(ends):
    left, right = ends
    channel = Channel(right, 16)
    assert channel.quiet()
    left.close()
    assert not channel.quiet()
