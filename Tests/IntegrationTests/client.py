"""A client of the API: one key, one kept connection, bytes exactly as given."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import requests
import zstandard
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from prometheus_client.parser import text_string_to_metric_families

import otlp_json

INGEST = "/v1/otlp/traces"
INGEST_PATHS = (INGEST, "/v1/traces", "/v1/otlp/v1/traces")
EXPORT = "/v1/otlp/export"
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
CONTENT_TYPES = {"protobuf": PROTOBUF, "json": JSON}
REQUEST_TIMEOUT_SECONDS = 30

COMPRESSORS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
}


class Client:
    def __init__(self, url: str, key: str | None):
        self.url = url
        self.key = key
        self._session = requests.Session()
        self._session.trust_env = False
        if key is not None:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def add_header(self, name: str, value: str) -> None:
        """Sends a header with every request from now on."""
        self._session.headers[name] = value

    def request(self, method: str, path: str, **options: object) -> requests.Response:
        options.setdefault("timeout", REQUEST_TIMEOUT_SECONDS)
        return self._session.request(method, self.url + path, **options)

    def get(self, path: str, **options: object) -> requests.Response:
        return self.request("GET", path, **options)

    def push_bytes(
        self,
        body: bytes,
        content_type: str | None = PROTOBUF,
        content_encoding: str | None = None,
        path: str = INGEST,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Posts `body` as it is."""
        described = {"Content-Type": content_type, "Content-Encoding": content_encoding, **(headers or {})}
        return self.request("POST", path, data=body, headers=described)

    def push(
        self, message: TracesData, encoding: str = "protobuf", compression: str | None = None, path: str = INGEST
    ) -> requests.Response:
        """Posts spans in `encoding`, compressed with `compression`."""
        body = message.SerializeToString() if encoding == "protobuf" else otlp_json.dumps(message)
        if compression is not None:
            body = COMPRESSORS[compression](body)
        return self.push_bytes(body, CONTENT_TYPES[encoding], compression, path)

    def store(self, message: TracesData, encoding: str = "protobuf") -> None:
        """Posts spans and insists that every one is taken."""
        response = self.push(message, encoding)
        assert response.status_code == 200, f"{response.status_code} {response.content!r}"
        nothing_rejected = {"protobuf": b"", "json": b"{}"}[encoding]
        assert response.content == nothing_rejected, f"{response.content!r}"

    def export(self, encoding: str = "protobuf", **filters: object) -> TracesData:
        """Everything that matches `filters`, read as the official message of the asked encoding."""
        response = self.get(EXPORT, params={"format": encoding, **filters})
        assert response.status_code == 200, f"{response.status_code} {response.content[:2000]!r}"
        if encoding == "protobuf":
            return TracesData.FromString(response.content)
        return otlp_json.loads(response.content)

    def export_pages(self, limit: int) -> Iterator[TracesData]:
        """Everything, `limit` spans at a time."""
        path: str | None = f"{EXPORT}?format=protobuf&limit={limit}"
        while path is not None:
            response = self.get(path)
            assert response.status_code == 200, f"{response.status_code} {response.content[:2000]!r}"
            yield TracesData.FromString(response.content)
            path = self.next_page(response)

    @staticmethod
    def next_page(response: requests.Response) -> str | None:
        """Path and query of the page that the Link header names, whatever host it names."""
        if "next" not in response.links:
            return None
        url = urlsplit(response.links["next"]["url"])
        return f"{url.path}?{url.query}"

    def metrics(self) -> dict[tuple[str, tuple], float]:
        """Every sample of /metrics by its name and labels."""
        response = self.get("/metrics")
        assert response.status_code == 200
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
        }

    def traces(self, **filters: object) -> list[dict]:
        """One page of the traces list."""
        response = self.get("/v1/traces", params=filters)
        assert response.status_code == 200, f"{response.status_code} {response.text}"
        return response.json()["items"]

    def trace(self, trace_id: bytes) -> dict:
        response = self.get(f"/v1/traces/{trace_id.hex()}")
        assert response.status_code == 200, f"{response.status_code} {response.text}"
        return response.json()
