"""An instrumented program: an unmodified OpenTelemetry SDK and exporter, configured by the environment alone.

    sdk_program.py SENT_FILE [SERVER_PID]

Makes spans, flushes them through the OTLP/HTTP exporter and writes what the SDK handed to the exporter to SENT_FILE.
With SERVER_PID it ends that process by kill -9 the moment the last 200 has arrived.
"""

import os
import signal
import sys
from pathlib import Path

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

BATCH_SIZE = 64
ORDERS = 50


def place_order(tracer: trace.Tracer, number: int) -> None:
    with tracer.start_as_current_span(
        "POST /orders", kind=SpanKind.SERVER, attributes={"order.number": number, "order.tags": ["new", "größer"]}
    ) as order:
        with tracer.start_as_current_span(
            "charge", kind=SpanKind.CLIENT, links=[Link(order.get_span_context())]
        ) as charge:
            charge.add_event("attempt", {"attempt.number": 1, "attempt.ratio": 0.5})
            if number % 7 == 0:
                charge.record_exception(ValueError("card refused"))
                charge.set_status(Status(StatusCode.ERROR, "card refused"))
        with tracer.start_as_current_span("store"):
            pass


def main() -> None:
    sent = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "orders", "service.version": "3.1"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_export_batch_size=BATCH_SIZE))
    provider.add_span_processor(SimpleSpanProcessor(sent))
    tracer = provider.get_tracer("orders.tracer", "0.1", schema_url="https://opentelemetry.io/schemas/1.37.0")
    for number in range(ORDERS):
        place_order(tracer, number)

    flushed = provider.force_flush()
    if len(sys.argv) > 2:
        os.kill(int(sys.argv[2]), signal.SIGKILL)
    assert flushed, "the exporter could not deliver in time"
    Path(sys.argv[1]).write_bytes(encode_spans(sent.get_finished_spans()).SerializeToString())


if __name__ == "__main__":
    main()
