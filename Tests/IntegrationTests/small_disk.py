"""A file system small enough to be filled."""

import os
import shutil
import subprocess
from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from client import Client
from spans import make_span, request_of

MIB = 1024 * 1024
DISK_BYTES = 384 * MIB


class SmallDisk:
    """A tmpfs. Mounting one takes root."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._filler = folder / "filler"

    def mount(self) -> bool:
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(self.folder)]
        return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self) -> None:
        """Takes every free byte."""
        with self._filler.open("wb", buffering=0) as file:
            piece = bytes(MIB)
            while piece:
                try:
                    file.write(piece)
                except OSError:
                    piece = piece[: len(piece) // 2]
        assert shutil.disk_usage(self.folder).free == 0

    def free(self) -> None:
        self._filler.unlink()


def push_until_refused(client: Client, accepted: list[TracesData], encoding: str = "protobuf") -> TracesData:
    """Uses up what the server had set aside on a full disk, adding to `accepted` what it still takes.

    Ends with small requests, so that nothing at all fits any more; answers the last one, which was refused.
    """
    for payload_bytes in (1_000_000, 50_000, 2_000, 100):
        payload = os.urandom(payload_bytes // 2).hex()
        for _ in range(DISK_BYTES // payload_bytes):
            request = request_of(make_span("filling", attrs={"payload": payload}))
            response = client.push(request, encoding)
            if response.status_code != 200:
                assert response.status_code == 503, response.content
                break
            accepted.append(request)
        else:
            raise AssertionError(f"{len(accepted)} requests were taken on a full disk")
    return request
