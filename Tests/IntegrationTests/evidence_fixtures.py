"""Good packs of every kind from one server, and three verifiers of them, as fixtures."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from evidence import CommandVerifier, EndpointVerifier, Sample, ScriptVerifier
from gateway import Gateway, ModelNames

ASSERTION = {"input_text": "What is 6 x 7?", "output_text": "42", "model_id": "gpt-4.1", "gpu_id": "gpu-42"}


@pytest.fixture(scope="session")
def audited_gateway(
    make_gateway: Callable[..., Gateway], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Its log holds records of several users, so that audit paths have several lines. It must outlive every test."""
    gateway = make_gateway(tmp_path_factory.mktemp("audited"), ModelNames(2, suffix="-audited"))
    yield gateway
    gateway.server.stop()


@pytest.fixture(scope="session")
def trust_file(audited_gateway: Gateway) -> Path:
    return audited_gateway.server.data / "audit" / "root.pub"


@pytest.fixture(scope="session")
def samples(audited_gateway: Gateway, trust_file: Path) -> list[Sample]:
    """Observed and asserted records, with and without openings."""
    gateway = audited_gateway
    caller, model = gateway.caller(cents=100), gateway.model("priced")
    runs = [caller.chat(model) for _ in range(5)]
    observed = [run.headers["X-VaaS-Record-Id"] for run in runs][2]
    response = caller.post("/v1/vaas", ASSERTION)
    assert response.status_code == 201, response.text
    asserted = response.json()["audit_id"]

    def pack(record: str, **headers: str) -> dict:
        url = f"{gateway.server.url}/v1/vaas/{record}/evidence"
        response = requests.get(url, headers=headers, timeout=30)
        assert response.status_code == 200, response.text
        return response.json()

    owner = {"Authorization": f"Bearer {caller.key}"}
    return [
        Sample("observed, opened", pack(observed, **owner), trust_file),
        Sample("observed, public", pack(observed), trust_file),
        Sample("asserted, opened", pack(asserted, **owner), trust_file),
    ]


@pytest.fixture(scope="session")
def log_leaves(audited_gateway: Gateway, samples: list[Sample]) -> tuple[str, list[bytes]]:
    """The log's checkpoint and all its entries, read from the tiles that it serves."""
    root = f"{audited_gateway.server.url}/vaas/log"
    checkpoint = requests.get(f"{root}/checkpoint", timeout=30).text
    size = int(checkpoint.split("\n")[1])
    assert size < 256, "one bundle holds them all"
    data = requests.get(f"{root}/tile/entries/000.p/{size}", timeout=30).content
    leaves = []
    while data:
        length = int.from_bytes(data[:2], "big")
        leaves.append(data[2 : 2 + length])
        data = data[2 + length :]
    assert len(leaves) == size
    return checkpoint, leaves


@pytest.fixture(scope="session")
def script_verifier() -> ScriptVerifier:
    return ScriptVerifier()


@pytest.fixture
def command_verifier(tmp_path: Path) -> CommandVerifier:
    return CommandVerifier(tmp_path)


@pytest.fixture(scope="session")
def endpoint_verifier(audited_gateway: Gateway) -> EndpointVerifier:
    return EndpointVerifier(audited_gateway.server.url)
