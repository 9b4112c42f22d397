"""The same promises once spans have left memory for files: nothing a client sees depends on where a span lies."""

from collections.abc import Callable

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from client import Client
from server import Server, fresh_user, wait_until
from spans import assert_same_spans, make_span, merged, new_trace_id, now, request_of

HEAD_BYTES = 1_000_000


class SealingServer:
    """A server whose memory is so small that some filling moves everything sent before into a file."""

    def __init__(self, server: Server):
        self.server = server
        self._filler = Client(server.url, server.create_key(fresh_user()))

    def new_client(self) -> Client:
        return Client(self.server.url, self.server.create_key(fresh_user()))

    def seal(self) -> None:
        before = self.blocks()
        filling = request_of(*(make_span(attrs={"filler": "x" * 1_000}) for _ in range(400)))
        for _ in range(4 * HEAD_BYTES // filling.ByteSize()):
            for span in filling.resource_spans[0].scope_spans[0].spans:
                span.trace_id = new_trace_id()
            self._filler.store(filling)
        wait_until(lambda: self.blocks() > before, "the spans have been sealed into a block")

    def blocks(self) -> float:
        return self._filler.metrics()[("batchin_store_blocks", ())]


@pytest.fixture(scope="module")
def sealing(tmp_path_factory: pytest.TempPathFactory):
    server = Server(tmp_path_factory.mktemp("sealing") / "data", settings={"spans.head_bytes": HEAD_BYTES}).start()
    yield SealingServer(server)
    server.stop()


@pytest.mark.checklist("O24")
def test_a_span_sent_again_after_sealing_collapses(sealing: SealingServer):
    client, request = sealing.new_client(), request_of(make_span())
    client.store(request)
    sealing.seal()
    client.store(request)
    assert_same_spans(client.export(), request)
    sealing.seal()
    assert_same_spans(client.export("json"), request)
    assert [item["span_count"] for item in client.traces()] == [1]


@pytest.mark.checklist("O24")
def test_a_conflict_across_blocks_is_said(sealing: SealingServer):
    client, first = sealing.new_client(), make_span("first")
    second = make_span("second", trace_id=first.trace_id, span_id=first.span_id)
    client.store(request_of(first))
    sealing.seal()
    client.store(request_of(second))
    for _ in range(2):
        detail = client.trace(first.trace_id)
        assert (detail["conflict"], sorted(span["name"] for span in detail["spans"])) == (True, ["first", "second"])
        sealing.seal()


@pytest.mark.checklist("O25")
def test_a_trace_spread_over_blocks_is_one(sealing: SealingServer):
    client, trace_id, start = sealing.new_client(), new_trace_id(), now()
    for number in range(3):
        span = make_span(
            f"{number}", trace_id=trace_id, start_time_unix_nano=start + number * 10_000_000, duration_ms=5
        )
        client.store(request_of(span, service=f"service {number}"))
        sealing.seal()
    [item] = client.traces()
    assert (item["span_count"], item["duration_ms"], item["service"]) == (3, 25, "service 0")
    assert len(client.trace(trace_id)["spans"]) == 3
    assert len(client.traces(service="service 1")) == len(client.traces(service="service 2")) == 1


@pytest.mark.checklist("O33", "O34")
def test_lists_and_exports_page_through_files_and_memory_alike(sealing: SealingServer):
    client, begin = sealing.new_client(), now()
    requests: list[TracesData] = []
    for part in range(4):
        spans = [make_span(f"{part}.{index}", start_time_unix_nano=begin + index * 4 + part) for index in range(10)]
        requests.append(request_of(*spans, service=f"part {part}"))
        client.store(requests[-1], encoding=("protobuf", "json")[part % 2])
        if part < 3:
            sealing.seal()

    assert_same_spans(client.export("protobuf"), merged(*requests))
    assert_same_spans(merged(*client.export_pages(limit=7)), merged(*requests))
    assert_same_spans(client.export("json", service="part 1"), requests[1])
    expected = [span.trace_id.hex() for index in reversed(range(10)) for span in newest_first(requests, index)]
    seen, path = [], "/v1/traces?limit=7"
    while path:
        response = client.get(path)
        seen += [item["trace_id"] for item in response.json()["items"]]
        path = client.next_page(response)
    assert seen == expected


def newest_first(requests: list[TracesData], index: int) -> list:
    return [request.resource_spans[0].scope_spans[0].spans[index] for request in reversed(requests)]


@pytest.mark.checklist("O26")
def test_sealed_spans_survive_kill_9(start_server: Callable[..., Server]):
    sealing = SealingServer(start_server(settings={"spans.head_bytes": HEAD_BYTES}))
    client, before, after = sealing.new_client(), request_of(make_span()), request_of(make_span())
    client.store(before)
    sealing.seal()
    client.store(after)
    sealing.server.restart()
    assert_same_spans(Client(sealing.server.url, client.key).export(), merged(before, after))
