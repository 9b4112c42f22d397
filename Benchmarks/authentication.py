"""What checking an API key costs the server, in CPU time of its process.

    make bench-authentication

Two requests for the same empty list alternate in rounds, one with a key and one without, which is refused as soon as the
key is looked for. The difference is what the key costs: reading it, hashing it, finding whom it speaks for, its scopes,
and noting its use; an error is also a little longer than an empty list, and both are written. One JSON object is printed;
times are microseconds of CPU per request.
"""

import json
import os
import socket
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests/IntegrationTests"))

from server import Server, fresh_user  # noqa: E402

REQUESTS_PER_ROUND = 4000
ROUNDS = 15
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def ask(connection: socket.socket, request: bytes, status: bytes) -> None:
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status), head
    length = int(next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")))
    while len(body) < length:
        body += connection.recv(65536)


def measure(server: Server, request: bytes, status: bytes) -> float:
    """Microseconds of CPU per request over one round."""
    with socket.create_connection(server.address) as connection:
        before = cpu_seconds(server.pid)
        for _ in range(REQUESTS_PER_ROUND):
            ask(connection, request, status)
        return (cpu_seconds(server.pid) - before) / REQUESTS_PER_ROUND * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data").start()
        try:
            key = server.create_key(fresh_user())
            without = b"GET /v1/batches HTTP/1.1\r\nHost: localhost\r\n\r\n"
            with_key = without[:-2] + f"Authorization: Bearer {key}\r\n\r\n".encode()
            rounds = [(measure(server, with_key, b"200"), measure(server, without, b"401")) for _ in range(ROUNDS)][1:]
        finally:
            server.stop()
    print(json.dumps({
        "with_key_us": round(statistics.median(pair[0] for pair in rounds), 1),
        "without_us": round(statistics.median(pair[1] for pair in rounds), 1),
        "difference_us": round(statistics.median(one - other for one, other in rounds), 1),
        "requests": REQUESTS_PER_ROUND * len(rounds),
    }))


if __name__ == "__main__":
    main()
