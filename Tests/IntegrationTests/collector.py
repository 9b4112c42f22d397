"""rotel, a real OpenTelemetry collector from PyPI, between a sender and `batchin`."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import requests

from server import wait_until

package = find_spec("rotel")
assert package is not None and package.origin is not None, "rotel is not installed"
AGENT = Path(package.origin).with_name("rotel-agent")


class Collector:
    """One collector process: OTLP/HTTP in, OTLP/HTTP out, quick to retry.

    This version compresses with gzip whatever `--otlp-exporter-compression` says. Its batches are left large, because
    it drops the resource from a group of spans that it splits.
    """

    def __init__(self, folder: Path, upstream: str, key: str, http_port: int, grpc_port: int):
        self.url = f"http://127.0.0.1:{http_port}"
        self._log = folder / "collector.log"
        self._options = {
            "otlp-http-endpoint": f"127.0.0.1:{http_port}",
            "otlp-grpc-endpoint": f"127.0.0.1:{grpc_port}",
            "exporter": "otlp",
            "otlp-exporter-endpoint": upstream,
            "otlp-exporter-protocol": "http",
            "otlp-exporter-custom-headers": f"Authorization=Bearer {key}",
            "otlp-exporter-retry-initial-backoff": "50ms",
            "otlp-exporter-retry-max-backoff": "300ms",
            "batch-timeout": "20ms",
            "pid-file": str(folder / "collector.pid"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = [word for name, value in self._options.items() for word in (f"--{name}", value)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([str(AGENT), "start", *arguments], stdout=log, stderr=log)
        wait_until(self._accepts, "the collector accepts connections")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _accepts(self) -> bool:
        try:
            return requests.post(self.url + "/v1/traces", timeout=1).status_code > 0
        except requests.ConnectionError:
            return False
