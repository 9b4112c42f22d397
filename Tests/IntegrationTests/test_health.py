"""/health, /health/ready and /metrics."""

from collections.abc import Callable

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from audit_records import assert_record
from client import Client
from server import Server, fresh_user
from spans import make_span, request_of


def test_health_says_status_version_uptime_and_checks(anonymous: Client):
    response = anonymous.get("/health")
    assert response.status_code == 200
    body = response.json()
    assert {"status", "version", "uptime_s", "checks"} <= set(body)
    assert isinstance(body["version"], str) and body["uptime_s"] >= 0 and body["checks"]
    assert anonymous.get("/health").json()["uptime_s"] >= body["uptime_s"]


def test_a_serving_server_is_ready(anonymous: Client):
    assert anonymous.get("/health/ready").status_code == 200


def test_metrics_are_prometheus_text_with_a_type_and_a_help_each(anonymous: Client):
    response = anonymous.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = response.text
    families = list(text_string_to_metric_families(text))
    assert families
    for family in families:
        assert family.type != "unknown" and family.documentation, family.name
    assert text.endswith("\n")


def test_metrics_count_spans_bytes_and_rejections(own_server: Server):
    client = Client(own_server.url, own_server.create_key("a@example.com"))
    before = client.metrics()
    request = request_of(*(make_span() for _ in range(17)), make_span(trace_id=bytes(16)))
    assert client.push(request).status_code == 200
    growth = {name: value - before.get(name, 0) for name, value in client.metrics().items()}

    assert [name for (name, _), delta in growth.items() if "span" in name and name.endswith("_total") and delta == 17]
    assert [name for (name, _), delta in growth.items() if "bytes" in name and name.endswith("_total") and delta > 0]
    rejections = [labels for (name, labels), delta in growth.items() if "reject" in name and delta == 1]
    assert len(rejections) == 1 and rejections[0], "a rejection is counted with its reason"


def test_metrics_tell_of_the_queue_the_commits_and_the_blocks(anonymous: Client):
    names = " ".join(name for name, _ in anonymous.metrics())
    for word in ("queue", "commit", "blocks"):
        assert word in names, f"no metric about {word} in {names}"


def test_labels_are_never_made_of_raw_input(own_server: Server):
    client = Client(own_server.url, own_server.create_key("a@example.com"))
    client.get("/v1/traces/" + "abcd" * 8)
    client.get("/surely-unknown-path")
    client.push(request_of(make_span("surely-unknown-span"), service="surely-unknown-service"))
    text = client.get("/metrics").text
    assert "abcd" * 8 not in text and "surely-unknown" not in text


def test_metrics_can_have_a_listener_of_their_own(start_server: Callable[..., Server], free_ports):
    [free_port] = free_ports(1)
    server = start_server(settings={"metrics_listen": f"127.0.0.1:{free_port}"})
    assert Client(server.url, None).get("/metrics").status_code == 404
    assert requests.get(f"http://127.0.0.1:{free_port}/metrics", timeout=5).status_code == 200


def test_the_listener_for_metrics_asks_for_no_token(start_server: Callable[..., Server], free_ports):
    [free_port] = free_ports(1)
    settings = {"environment": "production", "internal_token": "internal-secret-token"}
    start_server(settings=settings | {"metrics_listen": f"127.0.0.1:{free_port}"})
    assert requests.get(f"http://127.0.0.1:{free_port}/metrics", timeout=5).status_code == 200


@pytest.fixture
def production(start_server: Callable[..., Server]) -> Client:
    settings = {"environment": "production", "internal_token": "internal-secret-token"}
    return Client(start_server(settings=settings).url, None)


def test_outside_development_metrics_and_health_details_need_the_internal_token(production: Client):
    token = {"X-BatchIn-Internal-Token": "internal-secret-token"}
    assert production.get("/metrics").status_code in (401, 403)
    assert production.get("/metrics", headers={"X-BatchIn-Internal-Token": "wrong"}).status_code in (401, 403)
    assert production.get("/metrics", headers=token).status_code == 200
    plain, detailed = production.get("/health"), production.get("/health", headers=token)
    assert (plain.status_code, detailed.status_code) == (200, 200)
    assert "checks" not in plain.json() and "status" in plain.json()
    assert "checks" in detailed.json()


def test_outside_development_readiness_needs_nothing(production: Client):
    assert production.get("/health/ready").status_code == 200


def test_metrics_tell_how_far_the_audit_log_is_signed(own_server: Server):
    client = Client(own_server.url, own_server.create_key(fresh_user()))
    record = assert_record(client).json()["audit_id"]
    assert client.get(f"/v1/vaas/{record}/evidence").status_code == 200
    lines = client.get("/metrics").text.splitlines()
    size = next(int(line.split()[1]) for line in lines if line.startswith("batchin_audit_checkpointed_leaves "))
    assert size == int(client.get("/vaas/log/checkpoint").text.splitlines()[1]) >= 5
    assert "batchin_audit_findings 0" in lines
