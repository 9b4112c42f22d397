"""A real collector in front: nothing is lost, whatever happens behind it.

The collector always compresses; what is not compressed is covered with the SDK in `test_main_promise.py`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from client import Client
from collector import Collector
from server import Server, wait_until
from small_disk import SmallDisk, push_until_refused
from spans import all_spans, assert_same_spans, make_span, merged, request_of


@pytest.fixture
def start_collector(tmp_path: Path, free_ports: Callable[[int], list[int]]) -> Iterator[Callable[..., Collector]]:
    """Starts a collector in front of a server."""
    started: list[Collector] = []

    def start(server: Server, key: str) -> Collector:
        collector = Collector(tmp_path, server.url, key, *free_ports(2))
        started.append(collector)
        collector.start()
        return collector

    yield start
    for collector in started:
        collector.stop()


def push_batches(collector: Collector, count: int, service: str) -> TracesData:
    """Hands the collector `count` requests of ten spans each; answers all of them."""
    sender, sent = Client(collector.url, None), []
    for number in range(count):
        request = request_of(*(make_span(f"{number}.{index}") for index in range(10)), service=f"{service} {number}")
        assert sender.push(request, path="/v1/traces").status_code == 200
        sent.append(request)
    return merged(*sent)


def assert_arrived(client: Client, sent: TracesData) -> None:
    expected = len(all_spans(sent))
    wait_until(lambda: len(all_spans(client.export())) >= expected, f"{expected} spans have arrived", timeout=20)
    assert_same_spans(client.export(), sent)


@pytest.mark.checklist("O30")
def test_a_collector_delivers_everything(own_server: Server, start_collector):
    key = own_server.create_key("a@example.com")
    collector = start_collector(own_server, key)
    assert_arrived(Client(own_server.url, key), push_batches(collector, 20, "steady"))


@pytest.mark.checklist("O12", "O26", "O30")
def test_a_collector_loses_nothing_while_the_server_is_killed_and_away(
    start_server: Callable[..., Server],
    start_collector,
    free_ports: Callable[[int], list[int]],
):
    server = start_server(listen=f"127.0.0.1:{free_ports(1)[0]}")
    key = server.create_key("a@example.com")
    collector = start_collector(server, key)
    before = push_batches(collector, 10, "before")
    assert_arrived(Client(server.url, key), before)  # A request cut off in the middle the collector gives up by itself.
    server.kill()
    during = push_batches(collector, 10, "during")
    server.start()
    after = push_batches(collector, 10, "after")
    assert_arrived(Client(server.url, key), merged(before, during, after))


@pytest.mark.checklist("O11", "O12", "O30")
def test_a_collector_loses_nothing_while_the_server_answers_503(
    small_disk: SmallDisk,
    start_server: Callable[..., Server],
    start_collector,
):
    server = start_server(small_disk.folder / "data")
    key = server.create_key("a@example.com")
    client, stored = Client(server.url, key), []
    collector = start_collector(server, key)
    before = push_batches(collector, 5, "before")
    wait_until(lambda: len(all_spans(client.export())) == 50, "the first spans have arrived")

    small_disk.fill()
    push_until_refused(client, stored)
    during = push_batches(collector, 5, "during")
    wait_until(lambda: "503" in collector.log(), "the collector was answered 503")

    small_disk.free()
    assert_arrived(client, merged(before, during, *stored))
