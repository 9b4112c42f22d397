"""What everything else stands on: a 200 means that the spans are on disk, whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from client import Client
from sdk_program import ORDERS
from server import Server
from spans import all_spans, assert_same_spans, make_span, merged, request_of

SDK_PROGRAM = Path(__file__).with_name("sdk_program.py")


def run_sdk_program(base_url: str, key: str, arguments: list[object], **variables: str) -> None:
    """Runs the instrumented program with nothing but the standard variables, and insists on a silent success."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "BATCHIN_"))}
    exporter = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": base_url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{key}",
    }
    result = subprocess.run(
        [sys.executable, str(SDK_PROGRAM), *map(str, arguments)],
        env=plain | exporter | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stderr


@pytest.mark.checklist("O26", "O31", "O34")
@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_what_an_sdk_pushed_before_kill_9_comes_back_equal(own_server: Server, tmp_path: Path, compression: str):
    key = own_server.create_key("a@example.com")
    run_sdk_program(
        own_server.url,
        key,
        [tmp_path / "sent", own_server.pid],
        OTEL_EXPORTER_OTLP_COMPRESSION=compression,
    )
    sent = TracesData.FromString((tmp_path / "sent").read_bytes())
    assert len(all_spans(sent)) == 3 * ORDERS

    own_server.restart()

    client = Client(own_server.url, key)
    assert_same_spans(client.export(), sent)
    assert_same_spans(client.export("json"), sent)


@pytest.mark.checklist("O1", "O31")
@pytest.mark.parametrize("base_path", ["", "/v1/otlp"])
def test_both_base_urls_that_an_exporter_extends_work(server: Server, tmp_path: Path, base_path: str):
    key = server.create_key(f"sdk{len(base_path)}@example.com")
    run_sdk_program(server.url + base_path, key, [tmp_path / "sent"])
    assert_same_spans(Client(server.url, key).export(), TracesData.FromString((tmp_path / "sent").read_bytes()))


@pytest.mark.checklist("O26")
def test_every_200_survives_many_kills_on_the_same_data(own_server: Server):
    client = Client(own_server.url, own_server.create_key("a@example.com"))
    sent = []
    for number in range(5):
        client = Client(own_server.url, client.key)
        request = request_of(make_span(f"before kill {number}"), make_span(), service=f"service {number}")
        client.store(request, encoding=("protobuf", "json")[number % 2])
        sent.append(request)
        own_server.restart()
    assert_same_spans(Client(own_server.url, client.key).export(), merged(*sent))


@pytest.mark.checklist("O26")
def test_spans_survive_an_orderly_stop(own_server: Server):
    key = own_server.create_key("a@example.com")
    request = request_of(make_span())
    Client(own_server.url, key).store(request)
    assert own_server.terminate() == 0
    own_server.start()
    assert_same_spans(Client(own_server.url, key).export(), request)
