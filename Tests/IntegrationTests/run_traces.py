"""Traces of the gateway's runs, read back."""

from client import Client
from server import wait_until

SERVER, CLIENT = 2, 3
"""Kinds of spans."""
ERROR = 2
"""A span's status."""


def attributes_of(span: dict) -> dict:
    """Plain values of OTLP/JSON attributes."""

    def plain(value: dict) -> object:
        ((kind, content),) = value.items()
        match kind:
            case "intValue":
                return int(content)
            case "arrayValue":
                return [plain(item) for item in content.get("values", [])]
            case _:
                return content

    return {item["key"]: plain(item["value"]) for item in span["attributes"]}


def trace_of(caller: Client, trace_id: str, span_count: int = 2) -> dict:
    """The trace, as soon as it has so many spans of the gateway."""

    def read() -> dict:
        response = caller.get(f"/v1/traces/{trace_id}")
        return response.json() if response.ok else {"spans": []}

    def has_all() -> bool:
        return sum(span["origin"] == "gateway" for span in read()["spans"]) >= span_count

    wait_until(has_all, f"the trace has {span_count} spans of the gateway")
    return read()


def gateway_spans(trace: dict, kind: int) -> list[dict]:
    found = [span for span in trace["spans"] if span["origin"] == "gateway" and span["kind"] == kind]
    return sorted(found, key=lambda span: int(span["startTimeUnixNano"]))
